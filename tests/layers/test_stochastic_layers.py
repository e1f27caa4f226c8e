"""Layers that draw: what they draw is a function of seed, stream, step and example, and of nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import randomness
from gan_zoo.layers import Dropout, GaussianNoise
from gan_zoo.randomness import Key

KEY = Key(5)("round")
KINDS = [lambda **kwargs: Dropout(0.5, **kwargs), lambda **kwargs: GaussianNoise(0.5, **kwargs)]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=["dropout", "noise"])


def run(layers, inputs, key=KEY, step=0, first_row=0):
    """The outputs of the layers, each on the inputs, in one forward pass in training mode."""
    with randomness.forward_pass(key, step, first_row):
        return [layer(inputs, training=True).numpy() for layer in layers]


def _assert_independent(one, two) -> None:
    """Two draws on ones: their entries, kept or dropped, or ordinary numbers, have no correlation."""
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 5 / one.size**0.5


@each_kind
def test_the_same_key_and_step_draw_the_same(kind):
    inputs = tf.ones([30, 7])
    np.testing.assert_array_equal(run([kind()], inputs), run([kind()], inputs))


@each_kind
@pytest.mark.parametrize("other", [{"key": Key(6)("round")}, {"key": KEY("fake")}, {"step": 1}, {"first_row": 30}],
                         ids=["seed", "stream", "step", "rows"])
def test_another_key_step_or_row_draws_others(kind, other):
    inputs = tf.ones([30, 40])
    _assert_independent(run([kind()], inputs)[0], run([kind()], inputs, **other)[0])


@each_kind
def test_layers_of_one_pass_draw_independently(kind):
    one, two, three = run([kind(), kind(), kind()], tf.ones([30, 40]))
    for first, second in ((one, two), (one, three), (two, three)):
        _assert_independent(first, second)


@pytest.mark.parametrize("shape", [(7,), (3, 3, 5)])
def test_replicas_draw_what_one_replica_draws(shape):
    """The global batch of 12 on one replica, or its slices of 4 and of 6."""
    inputs = np.random.default_rng(0).normal(size=(12, *shape)).astype(np.float32)
    layers = [Dropout(0.5), GaussianNoise(0.3), Dropout(0.3)]
    whole = run(layers, inputs)
    for size in (4, 6):
        slices = [run(layers, inputs[row:row + size], first_row=row) for row in range(0, 12, size)]
        for index in range(3):
            np.testing.assert_array_equal(np.concatenate([part[index] for part in slices]), whole[index])


@each_kind
def test_graph_equals_eager(kind):
    layer, inputs = kind(), tf.ones([8, 5])

    @tf.function
    def play(step, first_row):
        with randomness.forward_pass(KEY, step, first_row):
            return layer(inputs, training=True)

    for step in (0, 3):
        np.testing.assert_array_equal(play(tf.constant(step), tf.constant(2)),
                                      run([layer], inputs, step=step, first_row=2)[0])


@each_kind
@pytest.mark.parametrize("training", [False, None])
def test_inference_is_the_identity(kind, training):
    inputs = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    with randomness.forward_pass(KEY, 0):
        np.testing.assert_array_equal(kind()(inputs, training=training), inputs)


@pytest.mark.parametrize("layer", [Dropout(0.0), GaussianNoise(0.0)])
def test_nothing_is_the_identity(layer):
    np.testing.assert_array_equal(run([layer], tf.ones([5, 4]))[0], 1)


@each_kind
def test_outside_a_forward_pass_it_is_that_of_keras(kind):
    keras.utils.set_random_seed(0)
    ours = kind(seed=3)(tf.ones([100, 100]), training=True)
    parent = type(kind()).__bases__[0]
    np.testing.assert_array_equal(ours, parent(0.5, seed=3)(tf.ones([100, 100]), training=True))
    np.testing.assert_array_equal(kind()(tf.ones([3, 3]), training=False), 1)


@each_kind
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes(kind, dtype):
    with randomness.forward_pass(KEY, 0):
        outputs = kind(dtype=dtype)(tf.ones([100, 10], dtype), training=True)
    assert outputs.dtype == dtype
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), run([kind()], tf.ones([100, 10]))[0], rtol=0, atol=0.016)
