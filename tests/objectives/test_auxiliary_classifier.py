"""The classification term against cross-entropies in NumPy, on logits that are given, and in real games."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from gan_zoo import latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.game import Examples, LatentSample
from gan_zoo.play import Play
from gan_zoo.randomness import Key
from tests.helpers import networks

RANDOM = np.random.default_rng(0)
LOGITS = {side: RANDOM.normal(0, 2, [40, 4]) for side in ("real", "generated")}
LABELS = {side: RANDOM.integers(0, 4, 40) for side in ("real", "generated")}


def _play(logits=LOGITS, dtype=tf.float64) -> SimpleNamespace:
    return SimpleNamespace(real=Examples(None, tf.constant(LABELS["real"], tf.int32)),
                           latent=LatentSample(None, tf.constant(LABELS["generated"], tf.int32)),
                           real_logits=tf.constant(logits["real"], dtype),
                           generated_logits=tf.constant(logits["generated"], dtype), at=lambda value: value)


def _term(arguments=""):
    return objectives.build(f"minimax + auxiliary_classifier{arguments}", conditional=True).terms[1]


def _surprise(side: str) -> float:
    """−E[log P(class|x)] in nats."""
    return -special.log_softmax(LOGITS[side], axis=1)[np.arange(40), LABELS[side]].mean()


@pytest.mark.parametrize(("arguments", "weight", "counted"), [
    ("", 1, True), ("(2.5)", 2.5, True), ("(weight=0)", 0, True), ("(generated=False)", 1, False),
    ("(0.5, False)", 0.5, False)])
def test_losses(arguments, weight, counted):
    """Odena et al. 2017, equation 3: L_C of real and of generated images for D, and for G of its own."""
    term = _term(arguments)
    real, generated = _surprise("real"), _surprise("generated")
    np.testing.assert_allclose(term.discriminator_loss(_play()), weight * (real + counted * generated), rtol=1e-12)
    np.testing.assert_allclose(term.generator_loss(_play()), weight * generated, rtol=1e-12)
    for loss in (term.discriminator_loss(_play(dtype=tf.float32)), term.generator_loss(_play(dtype=tf.float32))):
        assert loss.dtype == tf.float32
        assert loss.shape == ()


def test_diagnostics():
    found = _term().diagnostics(_play())
    expected = {f"class_accuracy_{side}": (LOGITS[side].argmax(axis=1) == LABELS[side]).mean() for side in LOGITS}
    assert 0.1 < expected["class_accuracy_real"] != expected["class_accuracy_generated"]
    assert found.keys() == expected.keys() == _term().headline.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


def test_a_classifier_that_knows_nothing_is_surprised_by_log_k():
    even = {side: np.full([40, 4], 3.0) for side in LOGITS}
    np.testing.assert_allclose(_term().discriminator_loss(_play(even)), 2 * np.log(4), rtol=1e-12)


def test_extreme_logits_are_finite_in_single_precision():
    sure = {side: np.where(np.eye(4)[(LABELS[side] + 1) % 4] > 0, 1e4, -1e4) for side in LOGITS}
    np.testing.assert_allclose(_term().discriminator_loss(_play(sure, tf.float32)), 4e4, rtol=1e-6)


@pytest.mark.parametrize("game", ["minimax", "least_squares", "wasserstein"])
def test_a_game_keeps_its_meaning_beside_the_term(game):
    plain = objectives.build(game)
    for spec in (f"{game} + auxiliary_classifier", f"auxiliary_classifier + {game}"):
        both = objectives.build(spec, conditional=True)
        assert both.threshold == plain.threshold
        assert set(both.estimates(tf.zeros([2, 1]))) == set(plain.estimates(tf.zeros([2, 1])))
        assert (both.reads_labels, both.reads_codes) == (True, False)
    assert not plain.reads_labels


@pytest.mark.parametrize(("spec", "conditional", "message"), [
    ("minimax + auxiliary_classifier", False, "auxiliary_classifier needs the classes of the images: set --cond"),
    ("auxiliary_classifier", True, r"is a term beside a game: write non_saturating \+ auxiliary_classifier"),
    ("minimax + auxiliary_classifier(-1)", True, "weight must be a number at least 0, got -1"),
    ("minimax + auxiliary_classifier(weight='x')", True, "weight must be a number at least 0, got 'x'"),
    ("minimax + auxiliary_classifier(generated='no')", True, "unknown generated 'no': choices: False, True"),
    ("minimax + auxiliary_classifier(conditional=True)", True, "auxiliary_classifier has no argument 'conditional'"),
])
def test_mistakes(spec, conditional, message):
    with pytest.raises(UserError, match=message):
        objectives.build(spec, conditional=conditional)


def _game(model: str, codes=""):
    latent = latents.build(f"noise(4){codes}")
    gan = networks(model, (8, 8, 1), latent.size, code_parameters=3 if codes else 0, num_classes=3, classified=True)
    real = Examples(tf.random.stateless_uniform([4, 8, 8, 1], [5, 6]), tf.constant([0, 1, 2, 1]))
    return Play(gan, real, latent.sample(4, tf.constant([1, 2]))._replace(labels=tf.constant([1, 0, 0, 2])), Key(0))


@pytest.mark.parametrize("model", ["mlp(discriminator=[None, 8, 1], dropout=0.3)", "dcgan(width=2, base_channels=3)",
                                   "infogan(width=0.1)"])
@pytest.mark.parametrize("codes", ["", " + categorical(3)"])
def test_score_class_and_codes_come_from_one_pass(model, codes, monkeypatch):
    """The body runs once a side, under the name of its random stream."""
    play = _game(model, codes)
    runs = []
    run = Play._judged
    monkeypatch.setattr(Play, "_judged", lambda self, name, *inputs: runs.append(name) or run(self, name, *inputs))
    assert play.real_scores.shape == play.generated_scores.shape == (4, 1)
    assert play.real_logits.shape == play.generated_logits.shape == (4, 3)
    if codes:
        assert play.parameters("generated").shape == play.parameters("real").shape == (4, 3)
    assert runs == ["real", "generated"]
    if codes:
        play.scores("halved", play.real.images / 2)
        np.testing.assert_allclose(play.parameters("halved"),
                                   play.gan.says("parameters", play._passes["halved"].features, training=True))


def test_the_generators_gradient_comes_from_generated_images_only():
    """∂/∂θ of its loss is that by the generated images, through which θ acts; of D's loss on real ones it is none."""
    play = _game("mlp(generator=[None, None], discriminator=[None, 8, 1])")
    term = _term()
    variables = [v.value for v in play.gan.generator.trainable_variables]
    with tf.GradientTape(persistent=True) as tape:
        images = play.generated
        loss = term.generator_loss(play)
        real = tf.nn.sparse_softmax_cross_entropy_with_logits(play.real.labels, play.real_logits)
    found = tape.gradient(loss, variables)
    by_images = tape.gradient(loss, images)
    assert tape.gradient(real, variables) == [None, None]
    for got, expected in zip(found, tape.gradient(images, variables, output_gradients=by_images), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-8)
        assert np.abs(got).max() > 0
    other = Play(play.gan, play.real._replace(images=1 - play.real.images), play.latent, Key(0))
    np.testing.assert_array_equal(term.generator_loss(other), loss)
    relabelled = Play(play.gan, play.real, play.latent._replace(labels=(play.latent.labels + 1) % 3), Key(0))
    assert term.generator_loss(relabelled) != loss


def test_without_generated_images_the_discriminators_part_is_of_real_ones():
    play = _game("mlp(discriminator=[None, 8, 1])")
    term = _term("(generated=False)")
    relabelled = Play(play.gan, play.real, play.latent._replace(labels=(play.latent.labels + 1) % 3), Key(0))
    np.testing.assert_array_equal(term.discriminator_loss(relabelled), term.discriminator_loss(play))
