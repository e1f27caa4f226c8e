"""Relativistic games, consistency and feature matching against NumPy."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from gan_zoo import augmentation, objectives
from gan_zoo.errors import UserError
from gan_zoo.game import Examples
from gan_zoo.play import Play
from tests import critics
from tests.critics import REAL, ROWS, SLOPES
from tests.objectives.closed_forms import softplus

RANDOM = np.random.default_rng(3)


def _scores(real, generated):
    return SimpleNamespace(real_scores=tf.constant(real), generated_scores=tf.constant(generated), mean=lambda x: x)


def _paired(higher, lower):
    """−E log sigmoid(higher − lower) (Jolicoeur-Martineau 2018, section 4)."""
    return softplus(-(higher - lower)).mean()


def _average(higher, lower):
    """−E log sigmoid(higher − E lower) − E log(1 − sigmoid(lower − E higher)) (the same, RaSGAN)."""
    return softplus(-(higher - lower.mean())).mean() + softplus(lower - higher.mean()).mean()


@pytest.mark.parametrize(("kind", "form"), [("paired", _paired), ("average", _average)])
def test_losses_of_a_relativistic_game(kind, form):
    game = objectives.build(f"relativistic({kind!r})")
    assert game.pairs == (kind == "paired")
    for scale in (1, 200):  # at 200 exp overflows in float32
        real, generated = scale * RANDOM.normal(size=[2, 40, 1])
        play = _scores(real, generated)
        np.testing.assert_allclose(game.discriminator_loss(play), form(real, generated), rtol=1e-12)
        np.testing.assert_allclose(game.generator_loss(play), form(generated, real), rtol=1e-12)
        np.testing.assert_allclose(game.diagnostics(play)["score_margin"], real.mean() - generated.mean())
    single = _scores(np.float32(real), np.float32(generated))
    np.testing.assert_allclose(game.discriminator_loss(single), form(real, generated), rtol=1e-5)


def test_gradients_of_a_pair():
    """∂/∂D(x) E softplus(D(G) − D(x)) = −sigmoid(D(G) − D(x)) / B, and the reverse by D(G)."""
    real, generated = tf.constant(RANDOM.normal(size=[2, 40, 1]))
    play = _scores(real, generated)
    with tf.GradientTape() as tape:
        tape.watch([play.real_scores, play.generated_scores])
        loss = objectives.build("relativistic").discriminator_loss(play)
    found = tape.gradient(loss, [play.real_scores, play.generated_scores])
    share = special.expit(generated - real) / 40
    np.testing.assert_allclose(found, [-share, share], rtol=1e-10)


def test_what_a_relativistic_score_says():
    game = objectives.build("relativistic + r1")
    assert game.threshold is None
    said = game.estimates(tf.constant([[0.0], [np.log(3)]]))
    np.testing.assert_allclose(said["probability"], [[0.5], [0.75]], rtol=1e-6)


@pytest.fixture
def _double():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")


@pytest.mark.usefixtures("_double")
def test_consistency_is_the_squared_difference_of_scores():
    """Of D(x) = w·x: E(w·(x − T(x)))², T being what the play's random numbers make it."""
    term, play = objectives.build("hinge + consistency(3, 'flip + translate(0.5)')").terms[1], critics.linear()
    moved = augmentation.build("flip + translate(0.5)")(play.real.images, (-1, 1), play)
    assert np.any(moved != REAL)
    expected = (np.reshape(REAL - moved, [ROWS, -1]) @ SLOPES) ** 2
    np.testing.assert_allclose(term.discriminator_loss(play), 3 * expected.mean(), rtol=1e-10)
    np.testing.assert_allclose(term.diagnostics(play)["consistency"], expected.mean(), rtol=1e-10)
    assert term.generator_loss(play) == 0


@pytest.mark.usefixtures("_double")
def test_feature_matching_is_the_squared_distance_of_mean_features():
    """Of f(x) = (x, x²), for the generator alone; its gradient by hand: 2 (E f(G) − E f(x)) · ∂ E f(G)."""
    term, play = objectives.build("hinge + feature_matching(3)").terms[1], critics.quadratic()
    with tf.GradientTape() as tape:
        loss = term.generator_loss(play)
    generated = play.generated.numpy().reshape(ROWS, -1)
    real = REAL.reshape(ROWS, -1)
    off = np.concatenate([generated, generated**2], 1).mean(0) - np.concatenate([real, real**2], 1).mean(0)
    np.testing.assert_allclose(loss, 3 * off @ off, rtol=1e-10)
    by_images = 6 / ROWS * (off[:6] + 2 * generated * off[6:])
    kernel = play.gan.generator.trainable_variables[0]
    np.testing.assert_allclose(tape.gradient(loss, kernel.value), critics.NOISE.T @ by_images, rtol=1e-9)
    np.testing.assert_allclose(term.diagnostics(play)["feature_distance"], off @ off, rtol=1e-10)
    np.testing.assert_allclose(play.real_features, np.concatenate([real, real**2], 1))
    assert term.discriminator_loss(play) == 0


@pytest.mark.usefixtures("_double")
def test_features_may_be_of_fewer_generated_images():
    play = critics.linear(noise=critics.NOISE[:4])
    assert play.generated_features.shape == (4, 6)
    assert np.isfinite(objectives.build("hinge + feature_matching").generator_loss(play))


def test_scores_of_the_labels_of_their_images():
    """Mixed images, moved ones and nudged ones have the class of their real image."""
    seen = {}

    class Watched(Play):
        def scores(self, name, images, labels=None, stream=None):
            seen[name] = labels
            return super().scores(name, images, labels, stream)

    made = critics.linear(real=np.float32(REAL), noise=np.float32(critics.NOISE))
    play = Watched(made.gan, Examples(made.real.images, tf.range(ROWS)), made.latent._replace(labels=-tf.range(ROWS)),
                   made._key)
    objectives.build("hinge + gradient_penalty + gradient_penalty(1, 'dragan') + consistency + r1(approximate=1) + "
                     "r2(approximate=1)").discriminator_loss(play)
    assert {name: labels is play.real.labels for name, labels in seen.items()} == {
        "mixed": True, "around": True, "consistency under translate": True, "real_nudged_by_1": True,
        "generated_nudged_by_1": False}
    assert seen["generated_nudged_by_1"] is play.latent.labels


@pytest.mark.parametrize(("spec", "says"), [
    ("relativistic('pared')", "unknown kind 'pared': did you mean 'paired'"),
    ("hinge + consistency(-1)", "weight must be a number at least 0, got -1"),
    ("hinge + consistency(transform='flop')", "transform=flop: unknown augmentation 'flop': did you mean 'flip'"),
    ("hinge + consistency(transform=3)", "transform must be a text as in transform=\"flip"),
    ("hinge + feature_matching(-1)", "weight must be a number at least 0, got -1"),
    ("r1 + feature_matching", "r1 is a term beside a game: write non_saturating"),
])
def test_mistakes(spec, says):
    with pytest.raises(UserError, match=says):
        objectives.build(spec)
