"""Every registered objective against a transcription of its paper's formula in NumPy and float64.

An oracle is a pair of functions of raw scores, the discriminator's loss and the generator's, both to be minimised.
A new objective has to add its own below.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import objectives
from tests.objectives import closed_forms
from tests.objectives.closed_forms import softplus


class Oracle(NamedTuple):
    """discriminator(real, generated) and generator(generated): scores → a float. threshold: as in game.Objective."""

    discriminator: Callable
    generator: Callable
    threshold: float | None = 0.0


def _log_d(scores):
    """log D = log 1/(1 + exp(−V))."""
    return -softplus(-scores)


def _log_not_d(scores):
    """log(1 − D)."""
    return -softplus(scores)


def _value(real, generated):
    """V(D, G) of Goodfellow et al. 2014, equation 1."""
    return _log_d(real).mean() + _log_not_d(generated).mean()


def _smoothed(real, generated, label, scale):
    """Cross-entropy with the label `label` for real images, 0 for generated ones (Salimans et al. 2016, 3.4)."""
    return -scale * ((label * _log_d(real) + (1 - label) * _log_not_d(real)).mean() + _log_not_d(generated).mean())


def _minimax(generated):
    return _log_not_d(generated).mean()


def _non_saturating(generated):
    return -_log_d(generated).mean()


def _squares(a, b, c, scale):
    """Mao et al. 2017, equation 2, with `scale` for its ½."""
    return Oracle(lambda real, generated: scale * ((real - b) ** 2).mean() + scale * ((generated - a) ** 2).mean(),
                  lambda generated: scale * ((generated - c) ** 2).mean(), (a + b) / 2)


def _f_gan(forms: closed_forms.Scores, generator) -> Oracle:
    """Equation 6 of Nowozin et al. 2016, or its section 3.2 for the generator."""
    gained = forms.activation if generator == "trick" else forms.fused
    return Oracle(lambda real, generated: -(forms.activation(real).mean() - forms.fused(generated).mean()),
                  lambda generated: -gained(generated).mean(), forms.threshold)


ORACLES = {
    "minimax": Oracle(lambda real, generated: -_value(real, generated), _minimax),
    "minimax(smoothing=0.1)": Oracle(lambda real, generated: _smoothed(real, generated, 0.9, 1), _minimax),
    "minimax(discriminator_scale=0.5)": Oracle(lambda real, generated: -_value(real, generated) / 2, _minimax),
    "non_saturating": Oracle(lambda real, generated: -_value(real, generated), _non_saturating),
    "non_saturating(0.25, 0.5)": Oracle(lambda real, generated: _smoothed(real, generated, 0.75, 0.5), _non_saturating),
    "least_squares": _squares(0, 1, 1, 0.5),
    "least_squares(b=0.9)": _squares(0, 0.9, 1, 0.5),
    "least_squares(a=-1, b=1, c=0, scale=1)": _squares(-1, 1, 0, 1),
    "wasserstein": Oracle(lambda real, generated: -(real.mean() - generated.mean()),
                          lambda generated: -generated.mean(), None),
    "hinge": Oracle(lambda real, generated: np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + generated).mean(),
                    lambda generated: -generated.mean()),
    **{closed_forms.objective(spec, generator): _f_gan(forms, generator)
       for spec, forms in closed_forms.SCORES.items() for generator in ("trick", "saddle_point")},
}
each_objective = pytest.mark.parametrize(("spec", "oracle"), ORACLES.items(), ids=ORACLES)

EXTREMES = np.array([0, 1e-4, -1e-4, 0.7, 20, -20, 88, -88, 90, -90, 105, -105, 1e4, -1e4])[:, None]


def _scores(seed: int = 0):
    """Real and generated scores [B, 1], away from the hinge's kinks at ±1."""
    random = np.random.default_rng(seed)
    drawn = random.normal([[0.5], [-0.5]], 3, size=(2, 80))
    return [scores[np.abs(np.abs(scores) - 1) > 1e-3][:64, None] for scores in drawn]


def _play(real, generated, dtype) -> SimpleNamespace:
    return SimpleNamespace(real_scores=tf.constant(real, dtype), generated_scores=tf.constant(generated, dtype))


def _losses_and_gradients(spec: str, real, generated, dtype):
    """(D loss, G loss), (dD/dreal, dD/dgenerated, dG/dgenerated)."""
    objective, play = objectives.build(spec), _play(real, generated, dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([play.real_scores, play.generated_scores])
        losses = objective.discriminator_loss(play), objective.generator_loss(play)
    gradients = (*tape.gradient(losses[0], [play.real_scores, play.generated_scores]),
                 tape.gradient(losses[1], play.generated_scores))
    return losses, [gradient.numpy() for gradient in gradients]


def _differences(function, scores, step=1e-5):
    """The gradient of a scalar function by central differences."""
    gradient = np.zeros_like(scores)
    for index in np.ndindex(scores.shape):
        offset = np.zeros_like(scores)
        offset[index] = step
        gradient[index] = (function(scores + offset) - function(scores - offset)) / (2 * step)
    return gradient


def test_every_registered_objective_has_an_oracle():
    # No functions of the scores of one side; each has a file of its own.
    elsewhere = {"mutual_information", "invariant_information", "auxiliary_classifier", "gradient_penalty", "r1", "r2",
                 "consistency", "feature_matching", "relativistic"}
    assert {spec.partition("(")[0] for spec in ORACLES} | elsewhere == set(objectives.objectives)


@each_objective
@pytest.mark.parametrize("seed", range(5))
def test_losses(spec, oracle, seed):
    real, generated = _scores(seed)
    losses, _ = _losses_and_gradients(spec, real, generated, tf.float64)
    np.testing.assert_allclose(losses, [oracle.discriminator(real, generated), oracle.generator(generated)], rtol=1e-12)
    losses, _ = _losses_and_gradients(spec, real, generated, tf.float32)
    np.testing.assert_allclose(losses, [oracle.discriminator(real, generated), oracle.generator(generated)], rtol=1e-5)
    assert all(loss.dtype == tf.float32 and loss.shape == () for loss in losses)


@each_objective
def test_gradients(spec, oracle):
    real, generated = _scores()
    _, gradients = _losses_and_gradients(spec, real, generated, tf.float64)
    expected = (_differences(lambda scores: oracle.discriminator(scores, generated), real),
                _differences(lambda scores: oracle.discriminator(real, scores), generated),
                _differences(oracle.generator, generated))
    for gradient, difference in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, difference, rtol=1e-6, atol=1e-9 * max(1, np.abs(difference).max()))


@pytest.mark.parametrize("spec", [spec for spec in ORACLES if not spec.startswith("f_divergence")])
def test_extreme_scores(spec):
    """In float32, where sigmoid is 0 or 1 and exp overflows: the loss is right, and the gradients are finite.

    For the f-divergences, whose losses are means of their rows, see test_f_divergence.
    """
    oracle = ORACLES[spec]
    for index, score in enumerate(EXTREMES):
        others = np.roll(EXTREMES, index)[:1]
        losses, gradients = _losses_and_gradients(spec, score[None], others, tf.float32)
        expected = [oracle.discriminator(score[None], others), oracle.generator(others)]
        np.testing.assert_allclose(losses, expected, rtol=1e-5, atol=3e-7)  # some steps in 1 ± ε
        assert np.isfinite(gradients).all()


def test_the_saturating_generator_has_no_gradient_where_the_discriminator_is_sure():
    sure = np.array([[-1e4]])
    *_, minimax = _losses_and_gradients("minimax", sure, sure, tf.float32)[1]
    *_, non_saturating = _losses_and_gradients("non_saturating", sure, sure, tf.float32)[1]
    assert minimax == 0
    assert non_saturating == -1


@each_objective
def test_threshold_and_probability(spec, oracle):
    objective = objectives.build(spec)
    if oracle.threshold is None:
        assert objective.threshold is None
    else:
        np.testing.assert_allclose(objective.threshold, oracle.threshold, rtol=1e-6)
        np.testing.assert_allclose(objective.probability(tf.constant([[oracle.threshold]], tf.float32)), 0.5, atol=1e-6)
    scores = tf.constant(np.linspace(-6, 6, 101)[:, None], tf.float32)
    probability = objective.probability(scores).numpy()
    assert probability.shape == scores.shape
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert (np.diff(probability.ravel()) >= 0).all()


def test_the_critics_estimate_is_a_diagnostic():
    real, generated = _scores()
    found = objectives.build("wasserstein").diagnostics(_play(real, generated, tf.float64))
    assert list(found) == ["wasserstein_estimate"]
    np.testing.assert_allclose(found["wasserstein_estimate"], real.mean() - generated.mean(), rtol=1e-12)
    assert objectives.build("minimax").diagnostics(_play(real, generated, tf.float64)) == {}


@pytest.mark.parametrize("terms", [["hinge", "minimax"], ["least_squares(a=-1, b=2)", "wasserstein", "hinge"]], ids=str)
def test_sums(terms):
    """Losses add up; the first term says what a score means; all diagnostics are shown."""
    real, generated = _scores()
    play = _play(real, generated, tf.float64)
    total, parts = objectives.build(" + ".join(terms)), [objectives.build(term) for term in terms]
    np.testing.assert_allclose(total.discriminator_loss(play), sum(part.discriminator_loss(play) for part in parts))
    np.testing.assert_allclose(total.generator_loss(play), sum(part.generator_loss(play) for part in parts))
    assert total.threshold == parts[0].threshold
    np.testing.assert_array_equal(total.estimates(play.real_scores)["probability"],
                                  parts[0].probability(play.real_scores))
    assert set(total.diagnostics(play)) == {name for part in parts for name in part.diagnostics(play)}
