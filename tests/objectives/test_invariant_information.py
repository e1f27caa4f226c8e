"""Invariant information clustering against NumPy, on recognizers that can be worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from gan_zoo import augmentation, latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.game import Examples
from gan_zoo.objectives.invariant_information import information

CODES = latents.build("noise(4) + categorical(3) + uniform(1) + bernoulli(1, probability=0.2)").codes
RANDOM = np.random.default_rng(0)
BEFORE, AFTER = RANDOM.normal(0, 2, [2, 40, 5])


def _term(arguments=""):
    return objectives.build(f"minimax + invariant_information{arguments}", CODES).terms[1]


def _play(before=BEFORE, after=AFTER):
    """A play in which the recognizer says `before` of real images, and `after` of any others."""
    kept = {}

    def once(key, make):
        if key not in kept:
            kept[key] = make()
        return kept[key]

    return SimpleNamespace(
        real=Examples(tf.zeros([40, 4, 4, 1])), gan=SimpleNamespace(value_range=(0.0, 1.0)), at=lambda value: value,
        mean=lambda value: value, once=once, uniform=lambda name, shape=(): tf.fill([40, *shape], 0.25),
        real_scores=None, scores=lambda *args: None,
        parameters=lambda name: tf.constant(before if name == "real" else after, tf.float64))


def _information(one: np.ndarray, other: np.ndarray) -> float:
    """I of the mean of p qᵀ and q pᵀ over images, by entropies."""
    joint = np.mean([np.outer(p, q) + np.outer(q, p) for p, q in zip(one, other, strict=True)], axis=0) / 2
    return 2 * stats.entropy(joint.sum(axis=0)) - stats.entropy(joint.ravel())


def _bernoulli(logits):
    return np.stack([special.expit(-logits), special.expit(logits)], axis=1)


@pytest.mark.parametrize(("arguments", "weight"), [("", 1), ("(3, 'flip')", 3)])
def test_loss_and_diagnostics(arguments, weight):
    """Ji et al. 2019, equation 3, of the discrete codes alone."""
    c1 = _information(special.softmax(BEFORE[:, :3], axis=1), special.softmax(AFTER[:, :3], axis=1))
    c3 = _information(_bernoulli(BEFORE[:, 4]), _bernoulli(AFTER[:, 4]))
    term, play = _term(arguments), _play()
    np.testing.assert_allclose(term.discriminator_loss(play), -weight * (c1 + c3), rtol=1e-6)
    assert term.generator_loss(play) == 0
    shown = term.diagnostics(play)
    assert shown.keys() == {"invariant_information_c1", "invariant_information_c3"}
    assert term.limits == pytest.approx(dict(zip(shown, np.log([3, 2]), strict=True)))
    np.testing.assert_allclose(list(shown.values()), [c1, c3], rtol=1e-6)


def test_it_is_nothing_where_answers_have_nothing_in_common_and_the_entropy_where_they_agree():
    sure, constant = np.full([40, 5], -50.0), np.zeros([40, 5])
    sure[np.arange(40), np.arange(40) % 3] = 50
    sure[:20, 4] = 50
    found = _term().diagnostics(_play(sure, sure))
    counts = np.bincount(np.arange(40) % 3)
    np.testing.assert_allclose(list(found.values()), [stats.entropy(counts), np.log(2)], rtol=1e-6)
    constant[:, :3] = np.log(counts)
    np.testing.assert_allclose(list(_term().diagnostics(_play(sure, constant)).values()), 0, atol=1e-12)
    np.testing.assert_allclose(list(_term().diagnostics(_play(constant, constant)).values()), 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_it_lies_between_nothing_and_the_logarithm_of_the_number_of_values(seed):
    joint = np.random.default_rng(seed).dirichlet(np.full(16, 0.3)).reshape(4, 4)
    assert 0 <= information(tf.constant((joint + joint.T) / 2)) <= np.log(4) + 1e-12


def test_the_gradient_is_finite_where_a_value_never_comes():
    never = tf.Variable(tf.constant(np.where(np.arange(5) == 0, 200.0, -200.0) * np.ones([40, 1]), tf.float32))
    with tf.GradientTape() as tape:
        play = _play()
        play.parameters = lambda name: tf.convert_to_tensor(never)
        loss = _term().discriminator_loss(play)
    assert np.isfinite(tape.gradient(loss, never)).all()


def test_the_images_are_those_of_the_transform():
    seen = {}
    play = _play()
    play.real = Examples(tf.constant(RANDOM.uniform(size=[40, 4, 4, 1]), tf.float32), tf.range(40))
    play.scores = lambda name, images, labels: seen.update({name: (images, labels)})
    _term("(transform='affine + flip')").discriminator_loss(play)
    (name, (images, labels)), = seen.items()
    wanted = augmentation.build("affine + flip")(play.real.images, (0, 1), play)
    assert name == "invariant_information under affine + flip"
    assert labels is play.real.labels
    assert np.any(images != play.real.images)
    np.testing.assert_array_equal(images, wanted)


@pytest.mark.parametrize(("arguments", "latent", "message"), [
    ("", "noise(4) + uniform(1)", "invariant_information needs a discrete code in the latent"),
    ("", "noise(4)", "add one, or leave that term out of --objective"),
    ("(-1)", "categorical(3)", "weight must be a number at least 0, got -1"),
    ("(transform='flop')", "categorical(3)", "transform=flop: unknown augmentation 'flop': did you mean 'flip'"),
    ("(transform=3)", "categorical(3)", "transform must be a text as in transform=\"flip"),
])
def test_mistakes(arguments, latent, message):
    with pytest.raises(UserError, match=message):
        objectives.build(f"hinge + invariant_information{arguments}", latents.build(latent).codes)


def test_points_are_refused():
    with pytest.raises(UserError, match="these data are points: leave it out"):
        _term().check(SimpleNamespace(value_range=None))
