"""The information term against scipy, on recognizer outputs that are given."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from gan_zoo import latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.game import LatentSample

LATENT = "noise(4) + categorical(3) + uniform(2) + bernoulli(1, probability=0.2)"
CODES = latents.build(LATENT).codes
RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(0, 2, [40, 6])
C1, C2, C3, C4 = (RANDOM.integers(0, 3, 40), RANDOM.uniform(-1, 1, 40), RANDOM.uniform(-1, 1, 40),
                  RANDOM.integers(0, 2, 40))


def _play(numbers=NUMBERS, dtype=tf.float64):
    values = {"c1": tf.constant(C1), "c2": tf.constant(C2, dtype), "c3": tf.constant(C3, dtype), "c4": tf.constant(C4)}
    return SimpleNamespace(parameters={"generated": tf.constant(numbers, dtype)}.get,
                           latent=LatentSample(None, codes=values), at=lambda value: value)


def _bounds(numbers):
    """H(c) + E[log Q(c|x)] of each code."""
    return {"c1": np.log(3) + special.log_softmax(numbers[:, :3], axis=1)[np.arange(40), C1].mean(),
            "c2": np.log(2) + stats.norm(numbers[:, 3], 1).logpdf(C2).mean(),
            "c3": np.log(2) + stats.norm(numbers[:, 4], 1).logpdf(C3).mean(),
            "c4": stats.bernoulli(0.2).entropy() + stats.bernoulli(special.expit(numbers[:, 5])).logpmf(C4).mean()}


@pytest.mark.parametrize(("arguments", "weight", "continuous_weight"), [
    ("", 1, 0.1), ("(2)", 2, 0.1), ("(weight=0, continuous_weight=1.5)", 0, 1.5)])
def test_loss_and_diagnostics(arguments, weight, continuous_weight):
    term = objectives.build(f"minimax + mutual_information{arguments}", CODES).terms[1]
    bounds = _bounds(NUMBERS)
    expected = -weight * (bounds["c1"] + bounds["c4"]) - continuous_weight * (bounds["c2"] + bounds["c3"])
    np.testing.assert_allclose(term.discriminator_loss(_play()), expected, rtol=1e-6)
    np.testing.assert_allclose(term.generator_loss(_play()), expected, rtol=1e-6)
    found = term.diagnostics(_play())
    for name, bound in bounds.items():
        np.testing.assert_allclose(found[f"information_{name}"], bound, rtol=1e-6)
    entropies = {"c1": np.log(3), "c2": np.log(2), "c3": np.log(2), "c4": stats.bernoulli(0.2).entropy()}
    np.testing.assert_allclose([found[f"entropy_{name}"] for name in entropies], list(entropies.values()), rtol=1e-6)
    assert term.headline == {f"information_{name}": f"I({name})" for name in entropies}
    assert term.limits == pytest.approx({f"information_{name}": entropies[name] for name in ("c1", "c4")}, rel=1e-6)


def test_the_notes_squared_error_is_a_gaussian_of_fixed_variance():
    """0.1 · MSE over two codes, and the term with its default weights: equal gradients, values apart by a constant."""
    term = objectives.build("minimax + mutual_information", CODES).terms[1]
    numbers = tf.constant(NUMBERS)
    targets = tf.constant(np.stack([C2, C3], axis=1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(numbers)
        play = _play()
        play.parameters = {"generated": numbers}.get
        ours = term.generator_loss(play)
        cross_entropy = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(C1, numbers[:, :3]))
        binary = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.constant(C4, tf.float64), numbers[:, 5]))
        notes = cross_entropy + binary + 0.1 * tf.reduce_mean(tf.square(targets - numbers[:, 3:5]))
    np.testing.assert_allclose(tape.gradient(ours, numbers), tape.gradient(notes, numbers), atol=1e-12)
    constant = -np.log(3) - stats.bernoulli(0.2).entropy() - 0.2 * (np.log(2) - np.log(2 * np.pi) / 2)
    np.testing.assert_allclose(ours - notes, constant, rtol=1e-6)


def test_a_perfect_recognizer_reaches_the_entropy_and_none_exceeds_it():
    sure = np.zeros([40, 6])
    sure[np.arange(40), C1] = 100
    term = objectives.build("minimax + mutual_information", CODES).terms[1]
    np.testing.assert_allclose(term.bounds(_play(sure))["c1"], np.log(3), rtol=1e-6)
    np.testing.assert_allclose(term.bounds(_play(np.zeros([40, 6])))["c1"], 0, atol=1e-6)
    for seed in range(20):
        numbers = np.random.default_rng(seed).normal(0, 5, [40, 6])
        assert term.bounds(_play(numbers))["c1"] <= np.log(3) + 1e-6


def test_extreme_outputs_are_finite_in_single_precision():
    for size in (1e4, -1e4):
        term = objectives.build("minimax + mutual_information", CODES).terms[1]
        assert np.isfinite(term.loss(_play(np.full([40, 6], size), tf.float32)))


@pytest.mark.parametrize("game", ["minimax", "least_squares", 'f_divergence("kl")', "wasserstein"])
def test_a_game_keeps_its_meaning_beside_the_term(game):
    plain = objectives.build(game)
    for spec in (f"{game} + mutual_information", f"mutual_information + {game}"):
        both = objectives.build(spec, CODES)
        assert both.threshold == plain.threshold
        assert both.reads_codes
        assert set(both.estimates(tf.zeros([2, 1]))) == set(plain.estimates(tf.zeros([2, 1])))
    assert not plain.reads_codes


@pytest.mark.parametrize(("spec", "given", "message"), [
    ("minimax + mutual_information", (), "mutual_information needs codes in the latent, as in --latent='noise"),
    ("mutual_information", CODES, r"is a term beside a game: write non_saturating \+ mutual_information"),
    ("minimax + mutual_information(-1)", CODES, "weight must be a number at least 0, got -1"),
    ("minimax + mutual_information(continuous_weight=-0.1)", CODES, "continuous_weight must be a number at least 0"),
    ("minimax + mutual_information(codes=3)", CODES, "has no argument 'codes'"),
])
def test_mistakes(spec, given, message):
    with pytest.raises(UserError, match=message):
        objectives.build(spec, given)
