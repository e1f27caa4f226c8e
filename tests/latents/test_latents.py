"""Noise priors against scipy: densities, entropies and the distribution of what is sampled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from scipy import stats

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key

# spec, its components' distribution, their number
PRIORS = [
    ("normal(3)", stats.norm(), 3),
    ("normal(2, mean=-1.5, stddev=0.25)", stats.norm(-1.5, 0.25), 2),
    ("normal(2, 1, 2)", stats.norm(1, 2), 2),
    ("uniform(3)", stats.uniform(-1, 2), 3),
    ("uniform(2, low=0, high=1)", stats.uniform(0, 1), 2),
    ("uniform(1, low=-3, high=5)", stats.uniform(-3, 8), 1),
    ("noise(3)", stats.uniform(-1, 2), 3),
    ('noise(2, distribution="normal")', stats.norm(), 2),
    ("uniform(2, name='style')", stats.uniform(-1, 2), 2),  # codes have the same distribution
    ("noise(1, 'normal') + normal(1)", stats.norm(), 2),
]
DISCRETE = {"categorical", "bernoulli", "label"}  # see test_codes, test_classes and below
each_prior = pytest.mark.parametrize(("spec", "distribution", "size"), PRIORS, ids=[spec for spec, _, _ in PRIORS])
SEED = tf.constant([3, 5])


def test_every_registered_latent_is_tested():
    assert {spec.partition("(")[0] for spec, _, _ in PRIORS} | DISCRETE == set(latents.latents)


@each_prior
def test_log_prob(spec, distribution, size):
    points = distribution.rvs([50, size], random_state=0).astype(np.float32)
    np.testing.assert_allclose(latents.build(spec).log_prob(tf.constant(points)),
                               distribution.logpdf(points.astype(np.float64)).sum(axis=1), rtol=1e-5, atol=1e-5)


def test_log_prob_outside_the_support():
    assert latents.build("uniform(2)").log_prob(tf.constant([[0.0, 1.5]])).numpy() == -np.inf


@each_prior
def test_entropy(spec, distribution, size):
    np.testing.assert_allclose(latents.build(spec).entropy(), size * distribution.entropy(), rtol=1e-6)


@each_prior
def test_samples_follow_the_distribution(spec, distribution, size):
    latent = latents.build(spec)
    samples = latent.sample(6000, SEED).noise.numpy()
    assert samples.shape == (6000, size) == (6000, latent.size)
    assert samples.dtype == np.float32
    for column in samples.T:
        assert stats.kstest(column, distribution.cdf).pvalue > 1e-3
    lowest, highest = distribution.support()
    assert samples.min() >= lowest
    assert samples.max() < highest
    if size > 1:
        assert np.abs(np.corrcoef(samples.T)[~np.eye(size, dtype=bool)]).max() < 5 / np.sqrt(6000)


@each_prior
def test_a_sample_is_a_function_of_its_seed(spec, distribution, size):
    latent = latents.build(spec)
    draw = tf.function(lambda seed: latent.sample(40, seed).noise)
    first = latent.sample(40, SEED).noise.numpy()
    np.testing.assert_array_equal(latents.build(spec).sample(40, SEED).noise, first)
    np.testing.assert_array_equal(draw(SEED), first)
    assert not np.isin(latent.sample(40, tf.constant([3, 6])).noise, first).any()
    assert not np.isin(latent.sample(40, tf.constant([4, 5])).noise, first).any()


def test_streams_and_steps_give_new_points():
    latent, key = latents.build("normal(4)"), Key(0)("noise")
    seeds = [key("discriminator_0").pair(0), key("discriminator_0").pair(1), key("generator_0").pair(0)]
    values = np.concatenate([latent.sample(50, seed).noise.numpy().ravel() for seed in seeds])
    assert len(np.unique(values)) == len(values)


def test_a_sum_stands_side_by_side_in_its_order():
    latent = latents.build("uniform(2, low=10, high=11) + normal(3) + uniform(1, low=-11, high=-10)")
    samples = latent.sample(4000, SEED).noise.numpy()
    assert latent.size == 6
    assert samples.shape == (4000, 6)
    blocks = [(samples[:, :2], stats.uniform(10, 1)), (samples[:, 2:5], stats.norm()),
              (samples[:, 5:], stats.uniform(-11, 1))]
    for block, distribution in blocks:
        for column in block.T:
            assert stats.kstest(column, distribution.cdf).pvalue > 1e-3
    expected = sum(distribution.logpdf(block.astype(np.float64)).sum(axis=1) for block, distribution in blocks)
    np.testing.assert_allclose(latent.log_prob(tf.constant(samples)), expected, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(latent.entropy(), 3 * stats.norm.entropy(), rtol=1e-6)


def test_equal_terms_are_drawn_independently():
    samples = latents.build("normal(1) + normal(1)").sample(4000, SEED).noise.numpy()
    assert abs(stats.pearsonr(*samples.T).statistic) < 5 / np.sqrt(4000)


@pytest.mark.parametrize(("spec", "spherical"), [
    ("normal(3)", True), ("normal(3, stddev=2)", True), ("normal(3, mean=1)", False), ("uniform(3)", False),
    ("normal(3) + uniform(2)", False), ("normal(3) + normal(2)", True)])
def test_spherical(spec, spherical):
    assert latents.build(spec).spherical is spherical


def test_float64():
    keras.config.set_floatx("float64")
    latent = latents.build("normal(2) + uniform(1)")
    samples = latent.sample(5, SEED).noise
    assert samples.dtype == tf.float64
    expected = stats.norm.logpdf(samples[:, :2]).sum(axis=1) + np.log(0.5)
    np.testing.assert_allclose(latent.log_prob(samples), expected, rtol=1e-13)


def test_the_same_bits_as_ever():
    """Philox draws of a split seed, transcribed; a change would break the resumption of earlier runs."""
    seeds = tf.random.experimental.stateless_split(SEED, 2)
    expected = [tfp.distributions.Normal(0.0, 1.0).sample([7, 3], seed=seeds[0]),
                tfp.distributions.Uniform(-1.0, 1.0).sample([7, 2], seed=seeds[1])]
    for spec in ("normal(3) + uniform(2)", "noise(3, 'normal') + uniform(2)"):
        np.testing.assert_array_equal(latents.build(spec).sample(7, SEED).noise, np.concatenate(expected, axis=1))


@pytest.mark.parametrize("spec", ["label(4) + normal(3)", "normal(3) + label(4)"])
def test_a_label_is_no_part_of_the_noise(spec):
    """It says how many classes there are; the noise is as without it, and who asks for an image brings its class."""
    latent, plain = latents.build(spec), latents.build("normal(3)")
    assert (latent.num_classes, plain.num_classes) == (4, None)
    assert (latent.size, latent.codes, latent.spherical) == (3, (), True)
    noise, labels, values = latent.sample(30, SEED)
    assert (values, labels) == ({}, None)
    np.testing.assert_array_equal(noise, plain.sample(30, SEED).noise)
    np.testing.assert_array_equal(latent.log_prob(noise), plain.log_prob(noise))


def test_the_seed_of_classes_is_no_parts_seed():
    latent = latents.build("normal(1) + normal(1) + label(3)")
    seeds = [tuple(latent.class_seed(tf.constant(seed)).numpy()) for seed in ([3, 5], [3, 6], [4, 5])]
    assert len(set(seeds)) == 3
    assert tuple(latents.build("normal(1) + normal(1)").class_seed(SEED).numpy()) == seeds[0]
    assert seeds[0] not in {tuple(row) for row in tf.random.experimental.stateless_split(SEED, 2).numpy()}


@pytest.mark.parametrize(("spec", "message"), [
    ("normal", r"normal needs its argument 'size', as in normal\(size=…\)"),
    ("uniform(low=0)", "uniform needs its argument 'size'"),
    ("normal(0)", "size must be a whole number of at least 1, got 0"),
    ("normal(-5)", "size must be a whole number of at least 1, got -5"),
    ("normal(2.0)", "size must be a whole number of at least 1, got 2.0"),
    ("uniform(True)", "size must be a whole number of at least 1, got True"),
    ("normal(2, stddev=0)", "stddev must be a number above 0, got 0"),
    ("normal(2, stddev=1e999)", "stddev must be at most 3.4e38 in magnitude, .*, got inf"),
    ("normal(2, mean='x')", "mean must be a number, got 'x'"),
    ("uniform(2, low=1)", "low must be below high, got low=1, high=1.0"),
    ("uniform(2, low=2, high=-2)", "low must be below high, got low=2, high=-2"),
    ("normal(2, std=1)", "normal has no argument 'std': did you mean 'stddev'?"),
    ("gaussian(2)", "unknown latent 'gaussian': choices: bernoulli, categorical, label, noise, normal, uniform"),
    ("normal(2) + ", "is not of the form"),
    ("normal(2) + uniform", "uniform needs its argument 'size'"),
    ("noise(2, distribution='cauchy')", "unknown distribution 'cauchy': choices: normal, uniform"),
    ("categorical(1)", "size must be a whole number of at least 2, got 1"),
    ("bernoulli(2, probability=1)", "probability must be a number above 0 and below 1, got 1"),
    ("noise(2) + uniform(1, posterior_stddev=0)", "posterior_stddev must be a number at least 0.001, got 0"),
    ("noise(2) + uniform(1, name='a b')", "name must be a word .*, got 'a b'"),
    ("noise(2) + uniform(1, name='seed')", "name must be a word .* other than num_images, seed, .*, got 'seed'"),
    ("noise(2) + uniform(1, name='c2') + uniform(1)", "two codes are called 'c2'"),
    ("normal(62) + categorical(10)", r"beside codes, say what an unnamed normal or uniform is: write noise\(SIZE\)"),
    ("normal(62) + uniform(2, name='a')", "beside codes, say what an unnamed normal or uniform is"),
    ("label(10)", "a label alone would give one image a class: add noise"),
    ("label(1) + normal(2)", "size must be a whole number of at least 2, got 1"),
    ("label(3) + normal(2) + label(3)", "a latent has one label only"),
    ("noise(2) + uniform(1, name='label')", "name must be a word .* other than .*, label, got 'label'"),
    ("normal(2) + label(3, classes=[0])", "label has no argument 'classes'"),
    ("normal(2) + label(3, name='digit')", "label has no argument 'name'"),
])
def test_bad_specs(spec, message):
    with pytest.raises(UserError, match=message):
        latents.build(spec)
