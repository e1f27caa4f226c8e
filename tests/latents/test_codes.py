"""Codes against scipy: what is drawn, how it stands in the noise, entropies and posteriors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from gan_zoo import latents
from gan_zoo.latents import codes

SEED = tf.constant([3, 5])
PAPER = "noise(62) + categorical(10) + uniform(2)"


def _codes(spec: str):
    return latents.build(spec).codes


@pytest.mark.parametrize(("spec", "names"), [
    (PAPER, ["c1", "c2", "c3"]),
    ("noise(4) + categorical(10, name='digit') + categorical(3) + normal(1)", ["digit", "c2", "c3"]),
    ("noise(4) + uniform(2, name='style') + bernoulli(2, name='b') + uniform(1, name='one')",
     ["style_1", "style_2", "b_1", "b_2", "one"]),
    ("categorical(10) + bernoulli(1)", ["c1", "c2"]),
    ("uniform(2, name='c')", ["c_1", "c_2"]),
    ("normal(100)", []), ("normal(64) + uniform(2)", []), ("noise(3)", []),
])
def test_what_is_a_code(spec, names):
    assert [code.name for code in _codes(spec)] == names
    assert list(latents.build(spec).sample(2, SEED).codes) == names


def test_the_papers_latent_by_hand():
    latent = latents.build(PAPER)
    noise, _, values = latent.sample(4000, SEED)
    assert noise.shape == (4000, 74)
    digits = noise[:, 62:72].numpy()
    np.testing.assert_array_equal(digits, np.eye(10)[values["c1"]])
    np.testing.assert_array_equal(noise[:, 72:], np.stack([values["c2"], values["c3"]], axis=1))
    assert stats.chisquare(digits.sum(axis=0)).pvalue > 1e-3
    for column in [*noise[:, :62].numpy().T, values["c2"], values["c3"]]:
        assert stats.kstest(column, stats.uniform(-1, 2).cdf).pvalue > 1e-4
    assert {block.name: block.offset for block in latent.blocks()} == {"c1": 62, "c2": 72, "c3": 73}
    assert codes.parameter_count(latent.codes) == 12
    np.testing.assert_allclose(latent.entropy(), np.log(10) + 64 * np.log(2), rtol=1e-6)
    np.testing.assert_allclose(latent.log_prob(noise), -np.log(10) - 64 * np.log(2), rtol=1e-5)


def test_bernoulli_draws_and_log_prob():
    latent = latents.build("noise(2) + bernoulli(2, probability=0.3)")
    noise, _, values = latent.sample(5000, SEED)
    ones = noise[:, 2:].numpy()
    np.testing.assert_array_equal(ones, np.stack([values["c1"], values["c2"]], axis=1))
    assert stats.binomtest(int(ones.sum()), ones.size, 0.3).pvalue > 1e-3
    expected = stats.bernoulli(0.3).logpmf(ones).sum(axis=1) - 2 * np.log(2)
    np.testing.assert_allclose(latent.log_prob(noise), expected, rtol=1e-5)


def test_a_sample_is_a_function_of_its_seed_in_a_graph_too():
    latent = latents.build("noise(3) + categorical(4) + bernoulli(2)")
    drawn, again = latent.sample(50, SEED), tf.function(lambda seed: latent.sample(50, seed))(SEED)
    tf.nest.map_structure(np.testing.assert_array_equal, drawn, again)
    assert (latent.sample(50, tf.constant([3, 6])).codes["c1"].numpy() != drawn.codes["c1"].numpy()).any()


def test_probabilities_of_all_values_of_a_discrete_code():
    """Those of the posterior; none of a continuous code."""
    numbers = np.random.default_rng(0).normal(0, 3, [20, 6]).astype(np.float32)
    several, one, two, line = _codes("noise(2) + categorical(4) + bernoulli(2, probability=0.2) + uniform(1)")
    wanted = special.softmax(numbers[:, :4], axis=1)
    np.testing.assert_allclose(several.probabilities(numbers[:, :4]), wanted, rtol=1e-5)
    for code, logits in ((one, numbers[:, 4:5]), (two, numbers[:, 5:])):
        heads = special.expit(logits)
        np.testing.assert_allclose(code.probabilities(tf.constant(logits)), np.hstack([1 - heads, heads]), rtol=1e-4)
    with pytest.raises(ValueError, match="c4 is continuous"):
        line.probabilities(tf.constant(numbers[:, :1]))


def test_codes_are_read_from_noise_and_set_in_it():
    latent = latents.build("uniform(1, name='a') + noise(3) + categorical(4) + bernoulli(1) + normal(2)")
    noise, _, values = latent.sample(20, SEED)
    tf.nest.map_structure(np.testing.assert_array_equal, latent.decode(noise), values)
    wanted = {"c2": np.arange(20) % 4, "c5": np.linspace(-2, 2, 20, dtype=np.float32)}
    changed = latent.with_codes(noise, wanted)
    for name, found in latent.decode(changed).items():
        np.testing.assert_array_equal(found, wanted.get(name, values[name]))
    untouched = np.delete(np.arange(latent.size), [4, 5, 6, 7, 10])
    np.testing.assert_array_equal(changed.numpy()[:, untouched], noise.numpy()[:, untouched])


@pytest.mark.parametrize(("term", "entropy"), [
    ("categorical(10)", np.log(10)), ("bernoulli(1, probability=0.2)", stats.bernoulli(0.2).entropy()),
    ("uniform(1)", np.log(2)), ("normal(1, stddev=3)", stats.norm(0, 3).entropy())])
def test_entropies_in_nats(term, entropy):
    (code,) = _codes(f"noise(2) + {term}")
    np.testing.assert_allclose(code.entropy, entropy, rtol=1e-6)
    assert code.caption == "I(c1)"


RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(0, 2, [6, 4])
REALS = RANDOM.normal(size=6)
# term, its values, log Q(c|x) from the recognizer's numbers
POSTERIORS = [
    ("categorical(4)", np.array([0, 1, 2, 3, 0, 1]),
     lambda p, c: p[np.arange(6), c] - special.logsumexp(p, axis=1)),
    ("bernoulli(1)", np.array([0, 1, 1, 0, 0, 1]), lambda p, c: stats.bernoulli(special.expit(p[:, 0])).logpmf(c)),
    ("uniform(1)", REALS, lambda p, c: stats.norm(p[:, 0], 1).logpdf(c)),
    ("normal(1, posterior_stddev=0.5)", REALS, lambda p, c: stats.norm(p[:, 0], 0.5).logpdf(c)),
    ("uniform(1, posterior_stddev=None)", REALS,
     lambda p, c: stats.norm(p[:, 0], 1e-3 + np.logaddexp(0, p[:, 1])).logpdf(c)),
]


@pytest.mark.parametrize(("term", "values", "oracle"), POSTERIORS, ids=[term for term, _, _ in POSTERIORS])
def test_posteriors(term, values, oracle):
    (code,) = _codes(f"noise(2) + {term}")
    numbers = NUMBERS[:, :code.parameters]
    found = code.posterior(tf.constant(numbers, tf.float32)).log_prob(tf.constant(values, code.prior.dtype))
    np.testing.assert_allclose(found, oracle(numbers, values), rtol=1e-5)


def test_a_learned_stddev_is_bounded_below():
    (code,) = _codes("noise(2) + uniform(1, posterior_stddev=None)")
    found = code.posterior(tf.constant([[0.3, -1e4], [0.3, 50.0]]))
    np.testing.assert_allclose(found.stddev(), [1e-3, 50], rtol=1e-3)
    assert np.isfinite(found.log_prob([5.0, 5.0])).all()


def test_the_recognizers_numbers_are_cut_in_order():
    found = codes.split(_codes("noise(2) + uniform(1, posterior_stddev=None) + categorical(3) + bernoulli(1)"),
                        tf.constant([[1.0, 2, 3, 4, 5, 6]]))
    assert {name: block.numpy().tolist() for name, block in found.items()} == {
        "c1": [[1, 2]], "c2": [[3, 4, 5]], "c3": [[6]]}


def test_what_people_get_to_see_of_a_posterior():
    latent = latents.build("noise(2) + uniform(1, posterior_stddev=0.5) + categorical(3) + bernoulli(1)")
    numbers = codes.split(latent.codes, tf.constant(NUMBERS[:, [0, 1, 2, 3, 0]], tf.float32))
    found = {}
    for code in latent.codes:
        found |= code.describe(numbers[code.name])
    np.testing.assert_allclose(found["c1_mean"], NUMBERS[:, :1], rtol=1e-6)
    np.testing.assert_allclose(found["c1_stddev"], np.full([6, 1], 0.5))
    np.testing.assert_allclose(found["c2_probabilities"], special.softmax(NUMBERS[:, 1:], axis=1), rtol=1e-5)
    np.testing.assert_allclose(found["c3_probability"], special.expit(NUMBERS[:, :1]), rtol=1e-5)


@pytest.mark.parametrize(("term", "values"), [
    ("categorical(3)", [0, 1, 2]), ("bernoulli(1)", [0, 1]), ("uniform(1)", [-2, -1, 0, 1, 2]),
    ("uniform(1, low=0, high=4)", [-2, 0, 2, 4, 6]), ("normal(1, mean=1, stddev=3)", [-5, -2, 1, 4, 7])])
def test_sweeps(term, values):
    (code,) = _codes(f"noise(2) + {term}")
    assert code.sweep(5) == values
    assert code.valid(tf.constant(code.sweep(5), code.prior.dtype)).numpy().all()


def test_float64():
    keras.config.set_floatx("float64")
    noise, _, values = latents.build(PAPER).sample(5, SEED)
    assert noise.dtype == values["c2"].dtype == tf.float64
