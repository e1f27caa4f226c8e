"""Noise priors against scipy: densities, entropies and the distribution of what is sampled."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from scipy import stats

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.latents import Classes
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
DISCRETE = {"categorical", "bernoulli", "label"}  # see test_codes and below
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
    samples = latent.sample(6000, SEED).flat.numpy()
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
    draw = tf.function(lambda seed: latent.sample(40, seed).flat)
    first = latent.sample(40, SEED).flat.numpy()
    np.testing.assert_array_equal(latents.build(spec).sample(40, SEED).flat, first)
    np.testing.assert_array_equal(draw(SEED), first)
    assert not np.isin(latent.sample(40, tf.constant([3, 6])).flat, first).any()
    assert not np.isin(latent.sample(40, tf.constant([4, 5])).flat, first).any()


def test_streams_and_steps_give_new_points():
    latent, key = latents.build("normal(4)"), Key(0)("noise")
    seeds = [key("discriminator_0").pair(0), key("discriminator_0").pair(1), key("generator_0").pair(0)]
    values = np.concatenate([latent.sample(50, seed).flat.numpy().ravel() for seed in seeds])
    assert len(np.unique(values)) == len(values)


def test_a_sum_stands_side_by_side_in_its_order():
    latent = latents.build("uniform(2, low=10, high=11) + normal(3) + uniform(1, low=-11, high=-10)")
    samples = latent.sample(4000, SEED).flat.numpy()
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
    samples = latents.build("normal(1) + normal(1)").sample(4000, SEED).flat.numpy()
    assert abs(stats.pearsonr(*samples.T).statistic) < 5 / np.sqrt(4000)


@pytest.mark.parametrize(("spec", "spherical"), [
    ("normal(3)", True), ("normal(3, stddev=2)", True), ("normal(3, mean=1)", False), ("uniform(3)", False),
    ("normal(3) + uniform(2)", False), ("normal(3) + normal(2)", True)])
def test_spherical(spec, spherical):
    assert latents.build(spec).spherical is spherical


def test_float64():
    keras.config.set_floatx("float64")
    latent = latents.build("normal(2) + uniform(1)")
    samples = latent.sample(5, SEED).flat
    assert samples.dtype == tf.float64
    expected = stats.norm.logpdf(samples[:, :2]).sum(axis=1) + np.log(0.5)
    np.testing.assert_allclose(latent.log_prob(samples), expected, rtol=1e-13)


def test_the_same_bits_as_ever():
    """Philox draws of a split seed, transcribed; a change would break the resumption of earlier runs."""
    seeds = tf.random.experimental.stateless_split(SEED, 2)
    expected = [tfp.distributions.Normal(0.0, 1.0).sample([7, 3], seed=seeds[0]),
                tfp.distributions.Uniform(-1.0, 1.0).sample([7, 2], seed=seeds[1])]
    for spec in ("normal(3) + uniform(2)", "noise(3, 'normal') + uniform(2)"):
        np.testing.assert_array_equal(latents.build(spec).sample(7, SEED).flat, np.concatenate(expected, axis=1))


@pytest.mark.parametrize("spec", ["label(4) + normal(3)", "normal(1) + label(4) + normal(2)"])
def test_a_label_stands_last_and_one_hot(spec):
    latent = latents.build(spec)
    flat, values, labels = latent.sample(3000, SEED)
    assert (latent.size, latent.codes, values) == (7, (), {})
    assert latent.offsets() == {"label": 3}
    assert labels.dtype == tf.int32
    np.testing.assert_array_equal(flat[:, 3:], np.eye(4)[labels])
    np.testing.assert_array_equal(latent.decode(flat)["label"], labels)
    assert stats.chisquare(np.bincount(labels, minlength=4)).pvalue > 1e-3
    for column in flat[:, :3].numpy().T:
        assert stats.kstest(column, stats.norm.cdf).pvalue > 1e-3
    assert latent.spherical  # its noise is


def test_without_counts_the_label_is_uniform_over_the_classes_of_the_data():
    latent = latents.build("uniform(2) + label(5)", Classes((1, 2, 4), tuple("abcde")))
    flat, _, labels = latent.sample(3000, SEED)
    counts = np.bincount(labels, minlength=5)
    assert counts[0] == counts[3] == 0
    assert stats.chisquare(counts[[1, 2, 4]]).pvalue > 1e-3
    assert (latent.label.size, latent.label.classes, latent.label.names) == (5, (1, 2, 4), tuple("abcde"))
    assert latent.label.sweep(10) == [1, 2, 4]
    np.testing.assert_array_equal(latent.label.valid(tf.range(-1, 6)), [False, False, True, True, False, True, False])
    np.testing.assert_allclose(latent.entropy(), np.log(3) + 2 * np.log(2), rtol=1e-6)
    np.testing.assert_allclose(latent.log_prob(flat), -np.log(3) - 2 * np.log(2), rtol=1e-6)
    absent = latent.labelled(latent.sample(1, SEED), tf.constant([3]))
    assert latent.log_prob(absent.flat).numpy() == -np.inf


def test_the_label_is_as_frequent_as_in_the_data():
    latent = latents.build("uniform(1) + label(5)", Classes((1, 2, 4), tuple("abcde"), (10, 60, 30)))
    flat, _, labels = latent.sample(3000, SEED)
    counts = np.bincount(labels, minlength=5)
    assert counts[0] == counts[3] == 0
    assert stats.chisquare(counts[[1, 2, 4]], [300, 1800, 900]).pvalue > 1e-3
    frequencies = np.array([0, 0.1, 0.6, 0, 0.3])
    np.testing.assert_allclose(latent.entropy(), stats.entropy(frequencies) + np.log(2), rtol=1e-6)
    np.testing.assert_allclose(latent.log_prob(flat), np.log(frequencies[labels]) - np.log(2), rtol=1e-5)


def test_of_many_classes_a_sweep_shows_some():
    numbers = tuple(range(0, 46, 2))
    label = latents.build("uniform(1) + label(50)", Classes(numbers)).label
    assert label.sweep(10) == [0, 4, 8, 12, 18, 22, 26, 32, 36, 40]
    assert label.sweep(30) == list(numbers)


@pytest.mark.parametrize(("classes", "problem"), [
    ((0, 1, 2), "label must be 0 to 2"), ((1, 2), "label must be 1 to 2"), ((0, 2), "label must be one of 0, 2"),
    ((1,), "label must be one of 1")])
def test_what_a_label_may_be(classes, problem):
    assert latents.build("normal(1) + label(3)", Classes(classes)).label.problem() == problem


def test_other_labels_leave_noise_and_codes():
    latent = latents.build("label(3) + noise(2) + categorical(4)")
    sample = latent.sample(5, SEED)
    changed = latent.labelled(sample, tf.constant([2, 0, 1, 1, 2]))
    np.testing.assert_array_equal(changed.flat[:, 6:], np.eye(3)[[2, 0, 1, 1, 2]])
    np.testing.assert_array_equal(changed.labels, [2, 0, 1, 1, 2])
    np.testing.assert_array_equal(changed.flat[:, :6], sample.flat[:, :6])
    assert list(changed.codes) == ["c1"]
    np.testing.assert_array_equal(changed.codes["c1"], sample.codes["c1"])


def test_points_of_every_class():
    latent = latents.build("normal(2) + label(4)", Classes((1, 3)))
    flat = latent.sample(3, SEED).flat
    points = latent.of_every_class(flat).numpy().reshape(2, 3, 6)
    for row, number in zip(points, (1, 3), strict=True):
        np.testing.assert_array_equal(row[:, :2], flat[:, :2])
        np.testing.assert_array_equal(row[:, 2:], np.tile(np.eye(4)[number], [3, 1]))


@pytest.mark.parametrize(("spec", "message"), [
    ("normal", r"normal needs its argument 'size', as in normal\(size=…\)"),
    ("uniform(low=0)", "uniform needs its argument 'size'"),
    ("normal(0)", "size must be a whole number of at least 1, got 0"),
    ("normal(-5)", "size must be a whole number of at least 1, got -5"),
    ("normal(2.0)", "size must be a whole number of at least 1, got 2.0"),
    ("uniform(True)", "size must be a whole number of at least 1, got True"),
    ("normal(2, stddev=0)", "stddev must be a number above 0, got 0"),
    ("normal(2, stddev=1e999)", "stddev must be a number above 0, got inf"),
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


def test_a_label_has_as_many_classes_as_the_data():
    with pytest.raises(UserError, match=r"the data have 3 classes: write label\(3\), or leave it out and set --cond"):
        latents.build("normal(2) + label(4)", Classes((0, 1, 2), tuple("abc")))
