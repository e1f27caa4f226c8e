"""Points from a known distribution: against closed forms and scipy; stateless; and what makes no sense for them."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.data import PointDataset, datasets, load
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request

KEY = Key(7)("data")
SPEC = "mixture_1d(weight=0.2, means=(-3.0, 1.0), variances=(0.25, 4.0), count=1000)"


@pytest.fixture(scope="module")
def mixture():
    return load(request("mixture_1d"))


def _numbers(dataset, batches=100, batch_size=1000) -> np.ndarray:
    """[batches · batch_size], fetched by a loop in the graph."""
    fetch = dataset.reader(KEY, batch_size)

    @tf.function
    def run():
        fetched = tf.TensorArray(tf.float32, batches)
        for index in tf.range(batches):
            fetched = fetched.write(index, fetch(tf.cast(index, tf.int64)))
        return fetched.stack()

    return run().numpy().astype(np.float64).ravel()


def _two_dimensional() -> PointDataset:
    return PointDataset("plane", tfp.distributions.MultivariateNormalDiag([1.0, -2.0], [0.5, 3.0]), ("plane",), 50)


def _cdf(x):
    return 0.33 * scipy.stats.norm.cdf(x, -1, 0.25) + 0.67 * scipy.stats.norm.cdf(x, 2, np.sqrt(2))


def test_what_it_offers(mixture):
    assert (mixture.count, mixture.image_shape, mixture.resident) == (102_400, (1, 1, 1), True)
    assert (mixture.labels, mixture.class_names, mixture.has_pixels) == (None, (), False)
    assert mixture.images.shape == (10_000, 1, 1, 1)
    assert mixture.images.dtype == np.float32
    assert mixture.description.startswith("mixture_1d(weight=0.33, means=(-1.0, 2.0), variances=(0.0625, 2.0)): points")
    assert "102,400 an epoch" in mixture.description


def test_moments(mixture):
    """E x = Σ w m; Var x = Σ w (v + m²) − (E x)²; standard errors of a mean of n numbers."""
    x = _numbers(mixture)
    mean = 0.33 * -1 + 0.67 * 2
    variance = 0.33 * (0.0625 + 1) + 0.67 * (2 + 4) - mean**2
    assert abs(x.mean() - mean) < 4 * np.sqrt(variance / len(x))
    fourth = np.mean((x - mean) ** 4)
    assert abs(x.var() - variance) < 4 * np.sqrt((fourth - variance**2) / len(x))


def test_distribution(mixture):
    assert scipy.stats.kstest(_numbers(mixture), _cdf).pvalue > 1e-3
    assert scipy.stats.kstest(mixture.images.ravel(), _cdf).pvalue > 1e-3


def test_batches_are_independent(mixture):
    x = _numbers(mixture).reshape(100, 1000)
    assert np.abs(np.corrcoef(x) - np.eye(100)).max() < 5.5 / np.sqrt(1000)
    assert len(np.unique(x)) > 0.98 * x.size  # float32 has few numbers near −1


def test_log_prob(mixture):
    x = np.linspace(-4, 8, 1201)
    expected = np.log(0.33 * scipy.stats.norm.pdf(x, -1, 0.25) + 0.67 * scipy.stats.norm.pdf(x, 2, np.sqrt(2)))
    for points in (x.reshape(-1, 1, 1, 1), x.reshape(-1, 1), x):
        found = mixture.log_prob(points)
        assert found.shape == (1201,)
        np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.trapezoid(np.exp(mixture.log_prob(x)), x) == pytest.approx(1, abs=2e-4)


def test_a_specs_values_are_used():
    dataset = load(request(SPEC))
    assert dataset.count == 1000
    x = _numbers(dataset)
    assert x.mean() == pytest.approx(0.2 * -3 + 0.8 * 1, abs=0.03)
    below = 0.2 * scipy.stats.norm.cdf(1) + 0.8 * scipy.stats.norm.cdf(-1.75)
    assert np.mean(x < -2.5) == pytest.approx(below, abs=0.01)


def test_a_batch_depends_on_key_and_index_alone(mixture):
    fetch = mixture.reader(KEY, 16)
    fourth = fetch(4).numpy()
    assert fourth.shape == (16, 1, 1, 1)
    assert fourth.dtype == np.float32
    others = [fetch(5), mixture.reader(Key(8)("data"), 16)(4), mixture.reader(Key(7)("other"), 16)(4)]
    for other in others:
        assert not np.isin(other, fourth).any()
    again = load(request("mixture_1d()")).reader(KEY, 16, first_batch=4)
    np.testing.assert_array_equal(again(tf.constant(4, tf.int64)), fourth)
    np.testing.assert_array_equal(tf.function(again)(tf.constant(4, tf.int64)), fourth)


def test_a_resumed_reader_goes_on(mixture):
    whole, resumed = mixture.reader(KEY, 8), mixture.reader(KEY, 8, first_batch=13)
    for index in range(13, 20):
        np.testing.assert_array_equal(resumed(index), whole(index))


def test_static_shape_in_a_graph(mixture):
    concrete = tf.function(mixture.reader(KEY, 5)).get_concrete_function(tf.constant(0))
    assert concrete.output_shapes == (5, 1, 1, 1)


def test_more_dimensions():
    plane = _two_dimensional()
    assert plane.image_shape == (1, 1, 2)
    points = plane.reader(KEY, 4000)(0).numpy()
    assert points.shape == (4000, 1, 1, 2)
    np.testing.assert_allclose(points.mean(axis=(0, 1, 2)), [1, -2], atol=0.2)
    np.testing.assert_allclose(points.std(axis=(0, 1, 2)), [0.5, 3], rtol=0.05)
    expected = scipy.stats.norm.logpdf(points.reshape(-1, 2), [1, -2], [0.5, 3]).sum(axis=-1)
    np.testing.assert_allclose(plane.log_prob(points), expected, atol=1e-4)


def test_the_fingerprint_tells_distributions_apart(mixture):
    assert load(request("mixture_1d(0.33, [-1, 2.0])")).fingerprint == mixture.fingerprint
    prints = {load(request(f"mixture_1d({arguments})")).fingerprint for arguments in
              ("", "weight=0.34", "means=(-1.0, 2.5)", "variances=(0.0625, 2.1)")}
    assert len(prints | {_two_dimensional().fingerprint}) == 5


@pytest.mark.parametrize(("arguments", "message"), [
    ("weight=0", "weight must be a number above 0 and below 1, got 0"),
    ("weight=1", "weight must be a number above 0 and below 1, got 1"),
    ("weight='a'", "weight must be a number above 0 and below 1, got 'a'"),
    ("means=(1, 2, 3)", r"means must be two numbers, as in means=\(1.0, 2.0\), got \(1, 2, 3\)"),
    ("means=1", "means must be two numbers"),
    ("means=(1, 'b')", "a mean must be a number, got 'b'"),
    ("variances=(1, 0)", "a variance must be a number above 0, got 0"),
    ("variances=[1]", "variances must be two numbers"),
    ("count=0", "count must be a whole number of at least 1, got 0"),
    ("count=1e5", "count must be a whole number of at least 1, got 100000.0"),
    ("wieght=0.3", "mixture_1d has no argument 'wieght': did you mean 'weight'"),
    ("0.3, weight=0.3", "mixture_1d: argument 'weight' is given twice"),
    ("weight=x", "'x' is not a literal"),
    ("weight=", "is not of the form"),
])
def test_bad_arguments(arguments, message):
    with pytest.raises(UserError, match=message) as error:
        load(request(f"mixture_1d({arguments})"))
    assert str(error.value).startswith(f"--dataset=mixture_1d({arguments}): ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("field", "value", "shown"), [
    ("classes", ("0", "3"), "0,3"), ("image_size", 8, "8"), ("channels", 1, "1"), ("split", "test", "test"),
    ("split", "train[:50]", r"train\[:50\]")])
def test_what_is_said_of_images_only(field, value, shown):
    message = rf"^--{field}={shown} says nothing about --dataset=mixture_1d\(\), .*: leave --{field} out$"
    with pytest.raises(UserError, match=message):
        load(request("mixture_1d()")._replace(**{field: value}))


def test_bad_batch_size(mixture):
    with pytest.raises(UserError, match="--batch_size"):
        mixture.reader(KEY, 0)


@pytest.mark.parametrize(("text", "message"), [
    ("mixture_1d + digits", "one call is wanted here, not a sum of 2"),
    ("digits(size=8)", "digits has no argument 'size'"),
    ("folder()", r"^--dataset=folder needs --data_dir"),
    ("digits(split='test')", "^--dataset=digits"),
])
def test_specs_of_other_sources(text, message):
    with pytest.raises(UserError, match=message) as error:
        load(request(text))
    assert str(error.value).count("--dataset=") == 1


def test_images_may_be_called_too():
    np.testing.assert_array_equal(load(request(" digits() ")).images, load(request("digits")).images)


def test_the_listing_shows_the_defaults():
    rows = dict(datasets.describe())
    call = "mixture_1d(weight=0.33, means=(-1.0, 2.0), variances=(0.0625, 2.0), count=102400)"
    assert "N(means[0], variances[0])" in rows[call]
