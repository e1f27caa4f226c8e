"""Objectives at their closed-form optimum, on distributions over a few atoms.

The loss is a mean over examples, so that a distribution with probabilities k/N is a batch of N examples.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import objectives
from gan_zoo.errors import UserError
from tests.objectives.closed_forms import JSD, P, Q, on_atoms

# spec, the optimal score of each atom, the discriminator's loss there
_SMOOTHING = 0.2
_D = (1 - _SMOOTHING) * P / (P + Q)
OPTIMA = [
    ("minimax", np.log(P / Q), np.log(4) - 2 * JSD),
    ("non_saturating", np.log(P / Q), np.log(4) - 2 * JSD),
    ("minimax(discriminator_scale=0.5)", np.log(P / Q), np.log(2) - JSD),
    ("minimax(smoothing=0.2)", np.log(_D / (1 - _D)),
     -np.sum((P + Q) * (_D * np.log(_D) + (1 - _D) * np.log(1 - _D)))),
    ("least_squares", P / (P + Q), 0.5 * np.sum(P * Q / (P + Q))),
    ("least_squares(a=-1, b=2, scale=3)", (2 * P - Q) / (P + Q), 3 * 9 * np.sum(P * Q / (P + Q))),
    ("hinge", np.sign(P - Q), 2 * np.minimum(P, Q).sum()),
]
each_optimum = pytest.mark.parametrize(("spec", "scores", "loss"), OPTIMA, ids=[spec for spec, _, _ in OPTIMA])


@each_optimum
def test_the_loss_at_the_optimum(spec, scores, loss):
    np.testing.assert_allclose(objectives.build(spec).discriminator_loss(on_atoms(scores)), loss, rtol=1e-10)


@each_optimum
def test_no_other_score_is_better(spec, scores, loss):
    objective = objectives.build(spec)
    for index in range(len(scores)):
        for offset in (-1, -0.1, -1e-3, 1e-3, 0.1, 1):
            other = scores + offset * np.eye(len(scores))[index]
            assert objective.discriminator_loss(on_atoms(other)).numpy() >= loss - 1e-12


@pytest.mark.parametrize(("spec", "scores"), [(spec, scores) for spec, scores, _ in OPTIMA if spec != "hinge"])
def test_the_gradient_vanishes_at_the_optimum(spec, scores):
    """Where the loss is smooth; the hinge has a kink there."""
    watched = tf.constant(scores)
    with tf.GradientTape() as tape:
        tape.watch(watched)
        found = objectives.build(spec).discriminator_loss(on_atoms(watched))
    np.testing.assert_allclose(tape.gradient(found, watched), 0, atol=1e-12)


@pytest.mark.parametrize("spec", ["minimax", "non_saturating", "least_squares", "least_squares(a=-1, b=2)"])
def test_the_probability_at_the_optimum_is_the_posterior(spec):
    """p / (p + q): how probable it is that an image is real, if half of all are."""
    scores = next(scores for known, scores, _ in OPTIMA if known.startswith(spec.rstrip(")")))
    np.testing.assert_allclose(objectives.build(spec).probability(tf.constant(scores)), P / (P + Q), rtol=1e-12)


@pytest.mark.parametrize("spec", ["minimax", "non_saturating", "least_squares", "hinge"])
def test_the_threshold_is_where_both_are_equally_probable(spec):
    scores = next(scores for known, scores, _ in OPTIMA if known == spec)
    real_is_likelier = scores > objectives.build(spec).threshold
    np.testing.assert_array_equal(real_is_likelier[P != Q], (P > Q)[P != Q])


def test_the_generators_losses_at_equilibrium():
    """Where D is ½: log ½ for minimax, log 2 for non-saturating; the discriminator's sum is log 4."""
    play = on_atoms(np.zeros(5))
    np.testing.assert_allclose(objectives.build("minimax").generator_loss(play), np.log(0.5))
    np.testing.assert_allclose(objectives.build("non_saturating").generator_loss(play), np.log(2))
    np.testing.assert_allclose(objectives.build("minimax").discriminator_loss(play), np.log(4))


def test_two_normal_distributions():
    """P = N(0, 1), Q = N(1, 1): sup_D V = 2 JSD − log 4 = −1.163451, a published vector; V* = log p/q = ½ − x."""
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    points = stats.norm.ppf(quantiles)[:, None]
    play = SimpleNamespace(real_scores=tf.constant(0.5 - points), generated_scores=tf.constant(0.5 - (points + 1)))
    assert abs(-objectives.build("minimax").discriminator_loss(play).numpy() + 1.163451) < 1e-5
    estimate = objectives.build("wasserstein").discriminator_loss(play).numpy()
    np.testing.assert_allclose(-estimate, 1, rtol=1e-9)  # W₁ of a shift by 1; the critic −x is 1-Lipschitz and optimal


def test_the_best_lipschitz_critic_gives_the_wasserstein_distance():
    """On a line the optimal critic rises where P's distribution function is below Q's, and falls elsewhere."""
    places = np.array([0.0, 1.0, 2.5, 3.0, 7.0])
    slopes = -np.sign(np.cumsum(P) - np.cumsum(Q))[:-1]
    critic = np.concatenate([[0], np.cumsum(slopes * np.diff(places))])
    np.testing.assert_allclose(-objectives.build("wasserstein").discriminator_loss(on_atoms(critic)),
                               stats.wasserstein_distance(places, places, P, Q))


@pytest.mark.parametrize(("spec", "message"), [
    ("minimax(smoothing=1)", "smoothing must be a number at least 0 and below 1, got 1"),
    ("non_saturating(smoothing=-0.1)", "smoothing must be a number at least 0 and below 1, got -0.1"),
    ("minimax(discriminator_scale=0)", "discriminator_scale must be a number above 0, got 0"),
    ("minimax(smooth=0.1)", "minimax has no argument 'smooth': did you mean 'smoothing'?"),
    ("least_squares(a=1)", "the real target b=1.0 must be above the generated target a=1"),
    ("least_squares(c='x')", "c must be a number, got 'x'"),
    ("least_squares(scale=0)", "scale must be a number above 0, got 0"),
    ("hinge(1)", "hinge takes at most 0 arguments, got 1"),
    ("wgan", "unknown objective 'wgan'"),
    ("minimax + minmax", "unknown objective 'minmax': did you mean 'minimax'?"),
])
def test_bad_specs(spec, message):
    with pytest.raises(UserError, match=message):
        objectives.build(spec)
