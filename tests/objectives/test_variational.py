"""The f-GAN objective beside its losses (test_oracles): what F reaches, what a score means, the head that says it."""

import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import tensorflow as tf

from gan_zoo import objectives
from gan_zoo.errors import UserError
from gan_zoo.objectives.variational import VariationalHead
from tests.objectives import closed_forms
from tests.objectives.closed_forms import ATOMS, RATIO, P, Q, on_atoms

each_case = pytest.mark.parametrize("spec", ATOMS)
each_smooth_case = pytest.mark.parametrize("spec", [spec for spec in ATOMS if spec != "total_variation"])


def _objective(spec):
    return objectives.build(closed_forms.objective(spec))


def _optimum(spec) -> tf.Tensor:
    return _objective(spec).row.optimum(tf.constant(RATIO))


@each_case
def test_the_best_discriminator_reaches_the_divergence(spec):
    """Found by minimising its loss over the five scores; at it, T = f′(p/q) and the ratio is p/q."""
    objective = _objective(spec)

    @tf.function(input_signature=[tf.TensorSpec([5], tf.float64)])
    def loss_and_gradient(scores):
        with tf.GradientTape() as tape:
            tape.watch(scores)
            loss = objective.discriminator_loss(on_atoms(scores))
        return loss, tape.gradient(loss, scores)

    found = scipy.optimize.minimize(lambda scores: [tensor.numpy() for tensor in loss_and_gradient(scores)],
                                    np.zeros(5), jac=True, options={"gtol": 1e-7})
    divergence, value, _ = ATOMS[spec]
    np.testing.assert_allclose(-found.fun, divergence, atol=1e-6)
    keras.config.set_floatx("float64")
    estimates = _objective(spec).estimates(tf.constant(found.x[:, None]))
    differ = P != Q  # the total variation doesn't say what T is where they are equal
    np.testing.assert_allclose(estimates["variational_value"][:, 0][differ], value[differ], rtol=1e-3, atol=1e-4)
    if spec != "total_variation":
        np.testing.assert_allclose(estimates["density_ratio"][:, 0], RATIO, rtol=1e-3)


@each_case
def test_the_threshold(spec):
    """A score there has T = f′(1), and is as probably real as not."""
    objective = _objective(spec)
    score = tf.constant([[objective.threshold]])
    np.testing.assert_allclose(objective.row.activation(score), ATOMS[spec][2], atol=1e-6)
    np.testing.assert_allclose(objective.probability(score), 0.5, atol=1e-6)
    np.testing.assert_allclose(objective.row.threshold, ATOMS[spec][2], rtol=1e-12)


@each_smooth_case
def test_estimates_at_the_optimum(spec):
    found = _objective(spec).estimates(tf.cast(_optimum(spec), tf.float32)[:, None])
    assert list(found) == ["probability", "variational_value", "density_ratio"]
    assert {(value.dtype, tuple(value.shape)) for value in found.values()} == {(tf.float32, (5, 1))}
    np.testing.assert_allclose(found["probability"][:, 0], P / (P + Q), rtol=1e-5)
    np.testing.assert_allclose(found["variational_value"][:, 0], ATOMS[spec][1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["density_ratio"][:, 0], RATIO, rtol=1e-5)


def test_estimates_of_total_variation():
    """Which density is larger; no ratio."""
    found = _objective("total_variation").estimates(tf.constant([[-30.0], [0], [0.5], [30]]))
    assert list(found) == ["probability", "variational_value"]
    np.testing.assert_allclose(found["variational_value"][:, 0], [-0.5, 0, np.tanh(0.5) / 2, 0.5], rtol=1e-6)
    np.testing.assert_allclose(found["probability"][:, 0], [0, 0.5, 0.5 + np.tanh(0.5) / 2, 1], rtol=1e-6)


def test_a_score_no_optimum_has_means_a_ratio_of_zero():
    found = _objective("pearson").estimates(tf.constant([[-2.0], [-5.0]]))
    np.testing.assert_array_equal(found["density_ratio"], 0)
    np.testing.assert_array_equal(found["probability"], 0)


def _losses_and_gradients(spec):
    """In float32, on scores that saturate and scores that don't."""
    real, generated = (tf.random.stateless_normal([64, 1], [0, seed], stddev=10.0) for seed in (1, 2))
    objective = objectives.build(spec)
    play = SimpleNamespace(real_scores=real, generated_scores=generated)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, generated])
        losses = objective.discriminator_loss(play), objective.generator_loss(play)
    return [*losses, *tape.gradient(losses[0], [real, generated]), tape.gradient(losses[1], generated)]


@pytest.mark.parametrize(("generator", "classic"), [("saddle_point", "minimax"), ("trick", "non_saturating")])
def test_the_row_gan_is_the_classic_game(generator, classic):
    """To the bit."""
    found = _losses_and_gradients(f'f_divergence("gan", generator="{generator}")')
    for one, other in zip(found, _losses_and_gradients(classic), strict=True):
        np.testing.assert_array_equal(one, other)


def test_js_trains_as_gan_does():
    """The rows differ by constants, which no gradient sees."""
    js, gan = (_losses_and_gradients(f'f_divergence("{name}")')[2:] for name in ("js", "gan"))
    for one, other in zip(js, gan, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_trick_is_the_default():
    for one, other in zip(_losses_and_gradients('f_divergence("kl")'),
                          _losses_and_gradients('f_divergence("kl", "trick")'), strict=True):
        np.testing.assert_array_equal(one, other)


@each_smooth_case
def test_the_tricks_gradient_does_not_vanish(spec):
    """Where the discriminator is sure; that of the saddle point does for most rows, as the paper says."""
    scores = tf.constant([[-20.0]])
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = _objective(spec).generator(scores)
    assert tape.gradient(loss, scores).numpy() <= -0.99


def test_diagnostics():
    objective, scores = _objective("js"), np.array([-1, 0.5, 0, 2, 3])
    found = objective.diagnostics(on_atoms(scores))
    t, conjugate = np.log(2) - np.logaddexp(0, -scores), np.logaddexp(0, scores) - np.log(2)
    assert list(found) == ["divergence_estimate", "threshold", "variational_value_real", "variational_value_generated"]
    np.testing.assert_allclose(list(found.values()), [P @ t - Q @ conjugate, 0, P @ t, Q @ t], rtol=1e-12)
    assert objective.headline == {"divergence_estimate": "F"}
    assert set(objective.headline) <= set(found)


@each_smooth_case
def test_the_estimate_in_the_diagnostics_is_the_loss(spec):
    """F is the divergence at the optimum; its threshold is that of T, not of the score."""
    found = _objective(spec).diagnostics(on_atoms(_optimum(spec)))
    divergence, value, threshold = ATOMS[spec]
    np.testing.assert_allclose(list(found.values()), [divergence, threshold, P @ value, Q @ value], atol=1e-10)


HEADS = [("kl", {}), ("alpha", {"alpha": 0.25}), ("weighted_js", {"pi": 0.3}), ("total_variation", {})]
each_head = pytest.mark.parametrize(("divergence", "arguments"), HEADS, ids=[divergence for divergence, _ in HEADS])


def _judge(divergence, arguments) -> keras.Model:
    keras.utils.set_random_seed(0)
    images = keras.Input([4, 4, 1])
    scores = keras.layers.Dense(1)(keras.layers.Flatten()(images))
    return keras.Model(images, VariationalHead(divergence, arguments, name="head")(scores))


@each_head
def test_the_heads_config_round_trip(divergence, arguments):
    head = VariationalHead(divergence, arguments, name="somebody")
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(head)))
    for again in (VariationalHead.from_config(head.get_config()), keras.saving.deserialize_keras_object(config)):
        assert type(again) is VariationalHead
        assert again.get_config() == head.get_config()
        assert (again.name, again.divergence, again.arguments) == ("somebody", divergence, arguments)
        scores = tf.constant([[0.5], [-0.5]])
        for name, value in head(scores).items():
            np.testing.assert_array_equal(again(scores)[name], value)


@each_head
def test_a_saved_discriminator_with_a_head(divergence, arguments, tmp_path):
    """The same outputs, symbolic and eager, before and after."""
    model = _judge(divergence, arguments)
    model.save(tmp_path / "head.keras")
    loaded = keras.models.load_model(tmp_path / "head.keras")
    images = np.random.default_rng(0).normal(size=(3, 4, 4, 1)).astype(np.float32)
    names = {"score", "variational_value"} | ({"density_ratio"} if divergence != "total_variation" else set())
    for judge in (model, loaded):
        assert set(judge.output) == set(judge(images)) == names
        assert {tuple(tensor.shape) for tensor in judge.output.values()} == {(None, 1)}
    for name in names:
        np.testing.assert_array_equal(loaded(images)[name], model(images)[name])


def test_the_heads_outputs():
    scores = np.array([[-3.0], [0], [4]], np.float32)
    found = VariationalHead("kl")(scores)
    np.testing.assert_array_equal(found["score"], scores)
    np.testing.assert_array_equal(found["variational_value"], scores)
    np.testing.assert_allclose(found["density_ratio"], np.exp(scores - 1), rtol=1e-6)


def test_the_head_stays_in_full_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = _judge("kl", {})
    images = np.ones([2, 4, 4, 1], np.float32)
    assert model.layers[-2](tf.ones([2, 16])).dtype == tf.bfloat16
    assert {value.dtype for value in model(images).values()} == {tf.float32}
    assert {tensor.dtype for tensor in model.output.values()} == {"float32"}
    estimates = _objective("kl").estimates(tf.zeros([2, 1]))
    assert {value.dtype for value in estimates.values()} == {tf.float32}


@pytest.mark.parametrize(("divergence", "arguments", "message"), [
    ("kls", {}, "unknown divergence 'kls': did you mean 'kl'?"), ("alpha", {}, "alpha needs its argument 'alpha'"),
    ("kl", {"alpha": 2}, "kl has no argument 'alpha'")])
def test_bad_heads(divergence, arguments, message):
    with pytest.raises(UserError, match=message):
        VariationalHead(divergence, arguments)


def test_a_sum_that_begins_with_an_f_divergence():
    """The first term says what a score means; the progress line has the headlines of all."""
    total, first = objectives.build('f_divergence("kl") + hinge + wasserstein'), _objective("kl")
    scores = tf.constant([[-1.0], [2.0]])
    found, expected = total.estimates(scores), first.estimates(scores)
    assert list(found) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)
    assert total.threshold == 1
    assert total.headline == {**first.headline, "wasserstein_estimate": "Wasserstein"}
    play = on_atoms(np.arange(5.0))
    assert set(total.headline) <= set(total.diagnostics(play))
    hinge = np.sum(P * np.maximum(0, 1 - np.arange(5)) + Q * (1 + np.arange(5)))
    kl, wasserstein = Q @ np.exp(np.arange(5) - 1) - P @ np.arange(5), (Q - P) @ np.arange(5)
    np.testing.assert_allclose(total.discriminator_loss(play), kl + hinge + wasserstein, rtol=1e-12)


def test_a_sum_that_ends_with_one():
    total = objectives.build('hinge + f_divergence("kl")')
    assert list(total.estimates(tf.zeros([1, 1]))) == ["probability"]
    assert total.threshold == 0
    assert total.headline == _objective("kl").headline


@pytest.mark.parametrize(("spec", "message"), [
    ('f_divergence("kl", generator="saddle")', "unknown generator 'saddle': did you mean 'saddle_point'?"),
    ('f_divergence("kl", generator=None)', "unknown generator None"),
    ('f_divergence("kl", generator=["trick"])', "unknown generator"),
    ("f_divergence", "f_divergence needs its argument 'divergence'"),
    ('f_divergence("k")', "unknown divergence 'k': did you mean 'kl'?"), ("f_divergence(3)", "unknown divergence 3"),
    ('f_divergence("alpha")', "alpha needs its argument 'alpha'"),
    ('f_divergence("alpha", alpha=1)', "alpha must not be 1"),
    ('f_divergence("weighted_js", pi=3.14159)', "pi must be a number above 0 and below 1, got 3.14159"),
    ('f_divergence("kl", alpha=0.5)', "kl has no argument 'alpha'"),
    ('f_divergence("alpha", "trick", 0.5)', "f_divergence takes at most 2 arguments, got 3"),
    ('f_divergence("kl", name=3)', "kl has no argument 'name'"),
    ('f_divergence("alpha", self=1)', "alpha has no argument 'self'"),
    ('f_divergence(["kl"])', "unknown divergence"),
    ('f_divergence("kl", divergence="js")', "f_divergence: argument 'divergence' is given twice"),
])
def test_bad_specs(spec, message):
    with pytest.raises(UserError, match=message):
        objectives.build(spec)
