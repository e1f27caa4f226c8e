"""Clipping, its statistics and the move of a player against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.game import Clip, Player
from gan_zoo.training import gradients
from gan_zoo.training.gradients import Gradients

SHAPES = [(4, 3), (5,), (2, 1, 2)]


def _tensors(seed=0, scale=1.0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [(scale * random.normal(size=shape)).astype(np.float32) for shape in SHAPES]


def _norm(*arrays) -> float:
    """The L2 norm of all arrays together."""
    return np.sqrt(sum((array.astype(np.float64) ** 2).sum() for array in arrays))


def _value(arrays, bound):
    return [np.clip(array, -bound, bound) for array in arrays]


def _each_norm(arrays, bound):
    return [array * min(1, bound / _norm(array)) for array in arrays]


def _global_norm(arrays, bound):
    return [array * min(1, bound / _norm(*arrays)) for array in arrays]


KINDS = {"value": _value, "norm": _each_norm, "global_norm": _global_norm}
each_kind = pytest.mark.parametrize("kind", KINDS)


NO_CLIP = Clip()


def _player(arrays, clip=NO_CLIP, optimizer=None, **kwargs) -> Player:
    variables = [keras.Variable(array) for array in arrays]
    optimizer = optimizer or keras.optimizers.SGD(0.5)
    optimizer.build(variables)
    return Player("somebody", variables, optimizer, clip, **kwargs)


def _values(player) -> list[np.ndarray]:
    return [variable.numpy() for variable in player.variables]


def _assert_close(got, expected, **tolerance):
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, **(tolerance or {"rtol": 1e-6, "atol": 1e-7}))


@each_kind
@pytest.mark.parametrize("bound", [0.1, 1.0, 2.2, 100.0])
def test_clipping(kind, bound):
    arrays = _tensors()
    clipped = gradients.clip_gradients([tf.constant(array) for array in arrays], Clip(**{kind: bound}))
    _assert_close(clipped, KINDS[kind](arrays, bound))


@pytest.mark.parametrize("clip", [Clip(), Clip(value=0.0), Clip(norm=0.0), Clip(global_norm=0.0)])
def test_no_bound_or_zero_does_not_clip(clip):
    arrays = _tensors(scale=1e6)
    _assert_close(gradients.clip_gradients([tf.constant(array) for array in arrays], clip), arrays, rtol=0)
    found = Gradients([tf.constant(array) for array in arrays], [tf.constant(array) for array in arrays])
    assert list(gradients.statistics(_player(arrays, clip), found)) == ["gradients/somebody_norm", "broken/somebody"]


@pytest.mark.parametrize(("places", "last"), [([], -1), ([0], 0), ([0, 1], 1), ([1], 1)])
@pytest.mark.parametrize("poison", [np.inf, np.nan])
def test_the_last_gradient_that_is_not_finite_is_named(places, last, poison):
    arrays = _tensors()
    for place in places:
        arrays[place].flat[1] = poison
    found = [tf.constant(array) for array in arrays]
    assert int(gradients.statistics(_player(arrays, Clip()), Gradients(found, found))["broken/somebody"]) == last


@each_kind
def test_zero_gradients(kind):
    zeros = [tf.zeros(shape) for shape in SHAPES]
    _assert_close(gradients.clip_gradients(zeros, Clip(**{kind: 1.0})), zeros)


@each_kind
@pytest.mark.parametrize("poison", [np.inf, -np.inf, np.nan])
def test_clipping_hides_no_infinity(kind, poison):
    """Loss scaling and the check for divergence have to see it."""
    arrays = _tensors()
    arrays[0][1, 2] = poison
    clipped = gradients.clip_gradients([tf.constant(array) for array in arrays], Clip(**{kind: 1.0}))
    assert not np.isfinite(clipped[0].numpy()[1, 2])


@each_kind
@pytest.mark.parametrize("bound", [0.1, 1.0, 2.2, 100.0])
def test_statistics(kind, bound):
    arrays, clip = _tensors(), Clip(**{kind: bound})
    raw = [tf.constant(array) for array in arrays]
    found = gradients.statistics(_player(arrays, clip), Gradients(raw, gradients.clip_gradients(raw, clip)))
    expected = KINDS[kind](arrays, bound)
    changed = sum(np.count_nonzero(~np.isclose(array, after, rtol=1e-5))
                  for array, after in zip(arrays, expected, strict=True))
    np.testing.assert_allclose(found["gradients/somebody_norm"], _norm(*arrays), rtol=1e-6)
    np.testing.assert_allclose(found["gradients/somebody_norm_clipped"], _norm(*expected), rtol=1e-6)
    np.testing.assert_allclose(found["gradients/somebody_clipped_share"], changed / 21, rtol=1e-6)
    assert len(found) == 4


@pytest.mark.parametrize("clip", [Clip(), *(Clip(**{kind: 0.3}) for kind in KINDS)], ids=str)
def test_a_move(clip):
    """w ← w − η · clipped(∇L): L = Σ a·w, so that the gradient is a."""
    weights, slopes = _tensors(0), _tensors(1)
    player = _player(weights, clip)
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.reduce_sum(slope * variable.value)
                         for slope, variable in zip(slopes, player.variables, strict=True)])
        loss = gradients.scaled(loss, player)
    found = gradients.gradients(tape, loss, player)
    _assert_close(found.raw, slopes)
    kind = next((kind for kind in KINDS if getattr(clip, kind)), None)
    clipped = KINDS[kind](slopes, 0.3) if kind else slopes
    _assert_close(found.clipped, clipped)
    gradients.move(player, found)
    _assert_close(_values(player), [w - 0.5 * g for w, g in zip(weights, clipped, strict=True)])


def test_a_variable_outside_the_loss_has_gradient_zero():
    player = _player(_tensors())
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(player.variables[0].value)
    found = gradients.gradients(tape, loss, player)
    _assert_close(found.raw, [np.ones(SHAPES[0]), np.zeros(SHAPES[1]), np.zeros(SHAPES[2])])


def test_weight_clipping_follows_the_move():
    weights, slopes = _tensors(0), _tensors(1)
    player = _player(weights, weight_clip=0.2)
    raw = [tf.constant(slope) for slope in slopes]
    gradients.move(player, Gradients(raw, raw))
    _assert_close(_values(player), [np.clip(w - 0.5 * g, -0.2, 0.2) for w, g in zip(weights, slopes, strict=True)])


@pytest.mark.parametrize("clip", [Clip(), Clip(value=0.3), Clip(norm=0.3)], ids=str)
def test_loss_scaling_changes_nothing(clip):
    """What mixed_float16 adds: raw gradients are those of the loss, the clip is in its units, the move is the same."""
    weights, slopes = _tensors(0), _tensors(1)
    scaling = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), initial_scale=2.0**10)
    players = [_player(weights, clip), _player(weights, clip, scaling)]
    for player in players:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(slopes[0] * player.variables[0].value)
            loss = gradients.scaled(loss, player)
        found = gradients.gradients(tape, loss, player)
        _assert_close(found.raw[:1], slopes[:1])
        gradients.move(player, found)
    np.testing.assert_allclose(loss, 2.0**10 * (slopes[0] * weights[0]).sum(), rtol=1e-4)
    _assert_close(_values(players[1]), _values(players[0]))


@pytest.mark.parametrize("clip", [Clip(), *(Clip(**{kind: 0.3}) for kind in KINDS)], ids=str)
def test_loss_scaling_skips_a_move_that_overflowed(clip):
    """The weights stay and the scale is halved, whatever clips."""
    weights = _tensors(0)
    player = _player(weights, clip, keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5)))
    scale = float(player.optimizer.dynamic_scale)
    raw = [tf.constant(array) for array in _tensors(1)]
    raw[1] = raw[1] * np.inf
    gradients.move(player, Gradients(raw, gradients.clip_gradients(raw, clip)))
    _assert_close(_values(player), weights, rtol=0)
    assert float(player.optimizer.dynamic_scale) == scale / 2


def test_without_replicas_the_mean_is_the_value():
    values = [tf.constant([1.0, 2.0])]
    assert gradients.all_mean(values) is values
