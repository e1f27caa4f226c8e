"""The kernel density estimate against SciPy, a NumPy transcription, closed forms and published figures."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import gaussian_kde

from gan_zoo import metrics
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.metrics.parzen import best_sigma, cross_validated, log_likelihood

RNG = np.random.default_rng(0)
SAMPLES, POINTS = RNG.normal(size=[37, 5]), RNG.normal(size=[23, 5])


def _transcribed(samples, points, sigma):
    """log p(x) = logsumexp_i(−‖x − s_i‖² / 2σ²) − log N − D/2 log(2πσ²), point by point."""
    count, dimensions = samples.shape
    return np.array([logsumexp(-np.sum((point - samples)**2, axis=1) / (2 * sigma**2)) - np.log(count)
                     - dimensions / 2 * np.log(2 * np.pi * sigma**2) for point in points])


@pytest.mark.parametrize("sigma", [0.01, 0.3, 4.0])
def test_as_transcribed(sigma):
    found = log_likelihood(SAMPLES, POINTS, sigma)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, _transcribed(SAMPLES, POINTS, sigma), rtol=1e-10)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_as_scipy(dimensions):
    """gaussian_kde has the kernel covariance factor² · cov(samples); whitened samples make that σ² I."""
    raw = RNG.normal(size=[200, dimensions])
    samples = (raw - raw.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(raw.T)))).T
    points = RNG.normal(size=[50, dimensions])
    expected = gaussian_kde(samples.T, bw_method=0.25).logpdf(points.T)
    np.testing.assert_allclose(log_likelihood(samples, points, 0.25), expected, rtol=1e-9)


def test_a_single_sample_at_the_point():
    point = RNG.uniform(size=[1, 784])
    np.testing.assert_allclose(log_likelihood(point, point, 0.2), [-784 / 2 * np.log(2 * np.pi * 0.04)], rtol=1e-12)


def test_far_points_stay_finite_and_keep_the_distance_squared():
    """At 1e5 σ every exponential underflows; the logarithm is that of the nearest sample."""
    found = log_likelihood(np.array([[0.0], [1.0]]), np.array([[1e4]]), 0.1)
    np.testing.assert_allclose(found, -(1e4 - 1)**2 / 0.02 - np.log(2) - np.log(2 * np.pi * 0.01) / 2, rtol=1e-12)


def test_several_sigmas_share_one_call():
    sigmas = [0.1, 0.5, 2.0]
    found = log_likelihood(SAMPLES, POINTS, sigmas)
    assert found.shape == (3, 23)
    for row, sigma in zip(found, sigmas, strict=True):
        np.testing.assert_allclose(row, _transcribed(SAMPLES, POINTS, sigma), rtol=1e-10)


@pytest.mark.parametrize("block", [(1, 1), (4, 37), (23, 5), (100, 100)])
def test_blocks_of_any_size_give_the_same(block):
    expected = _transcribed(SAMPLES, POINTS, 0.3)
    np.testing.assert_allclose(log_likelihood(SAMPLES, POINTS, 0.3, block=block), expected, rtol=1e-10)


def test_bytes_are_divided():
    samples, points = (RNG.integers(0, 256, [count, 9], np.uint8) for count in (8, 4))
    expected = _transcribed(samples / 255, points / 255, 0.2)
    np.testing.assert_allclose(log_likelihood(samples, points, 0.2, divisor=255), expected, rtol=1e-10)


@pytest.mark.parametrize("arguments", [
    (SAMPLES, POINTS[:, :4], 0.1), (SAMPLES[0], POINTS, 0.1), (SAMPLES[:0], POINTS, 0.1), (SAMPLES, POINTS, 0.0),
    (SAMPLES, POINTS, [0.1, -1.0]), (SAMPLES, POINTS, float("nan"))])
def test_a_programmers_mistakes(arguments):
    with pytest.raises(ValueError, match=r"wanted|sigma must"):
        log_likelihood(*arguments)


def test_cross_validation_as_transcribed():
    sigmas = [0.2, 0.7]
    fold = np.array([index % 3 for index in range(len(SAMPLES))])
    expected = [np.mean([_transcribed(SAMPLES[fold != k], SAMPLES[fold == k], sigma).mean() for k in range(3)])
                for sigma in sigmas]
    np.testing.assert_allclose(cross_validated(SAMPLES, np.array(sigmas), 3), expected, rtol=1e-10)


def test_the_chosen_sigma_is_that_of_the_noise():
    """Samples: few centres, each repeated under N(0, 0.2²) noise in 50 dimensions. Then the centres' σ is best."""
    centres = 10 * RNG.normal(size=[4, 50])
    points = np.repeat(centres, 100, axis=0) + 0.2 * RNG.normal(size=[400, 50])
    grid = np.arange(0.1, 0.301, 0.02)
    assert best_sigma(log_likelihood(centres, points, grid).mean(axis=1), grid) == {"sigma": pytest.approx(0.2)}


@pytest.mark.parametrize(("scores", "sigma", "warns"), [
    ([1, 3, 2], 0.2, False), ([3, 2, 1], 0.1, True), ([1, 2, 3], 0.3, True)])
def test_the_edge_of_the_grid_is_told(scores, sigma, warns):
    found = best_sigma(np.array(scores), np.array([0.1, 0.2, 0.3]))
    assert found["sigma"] == sigma
    assert ("edge of its grid, 0.1 to 0.3" in found.get("warning", "")) == warns


def test_a_sigma_that_is_given_is_no_edge():
    assert best_sigma(np.array([1.0]), np.array([0.1])) == {"sigma": 0.1}


def _images(count, seed):
    return np.random.default_rng(seed).integers(0, 256, [count, 3, 2, 1], np.uint8)


def _subject(generated=400, validation=300, test=90):
    parts = {name: ImageDataset(name, _images(count, seed), None)
             for seed, (name, count) in enumerate({"validation": validation, "test": test, "train": 10}.items(), 5)}
    return metrics.Subject(lambda count: _images(generated, 1)[:count], parts.__getitem__)


def _flat(images):
    return images.reshape(len(images), -1) / 255


def _measured(spec, subject):
    (metric,) = metrics.build(spec).values()
    return metric(subject)


def _check_score(result, samples, test):
    scores = _transcribed(_flat(samples), _flat(test), result["sigma"])
    assert result["log_likelihood_nats"] == pytest.approx(scores.mean())
    assert result["log_likelihood_nats_standard_error"] == pytest.approx(np.std(scores) / np.sqrt(len(test)))
    assert (result["samples"], result["test_images"]) == (len(samples), len(test))


def test_parzen_is_the_protocol():
    subject = _subject()
    result = _measured("parzen(samples=300, validation_images=40, test_images=50)", subject)
    samples = _images(300, 1)
    validation, test = subject.drawn("validation", 40).images, subject.drawn("test", 50).images
    grid = np.logspace(-1, 0, 10)
    best = max(grid, key=lambda sigma: _transcribed(_flat(samples), _flat(validation), sigma).mean())
    assert result["sigma"] == pytest.approx(best)
    assert result["validation_images"] == 40
    assert "1406.2661" in result["protocol"]
    _check_score(result, samples, test)


@pytest.mark.parametrize("bandwidth", ["validation", "cross_validation"])
def test_kde_is_the_protocol(bandwidth):
    result = _measured(f"kde(samples=200, bandwidth={bandwidth!r}, high=0.6)", _subject())
    samples, validation, test = _flat(_images(200, 1)), _flat(_images(300, 5)), _images(90, 6)
    grid = [percent / 100 for percent in range(10, 61)]
    score = {"validation": lambda sigma: _transcribed(samples, validation, sigma).mean(),
             "cross_validation": lambda sigma: np.mean([
                 _transcribed(np.delete(samples, np.s_[k::3], axis=0), samples[k::3], sigma).mean() for k in range(3)])}
    assert result["sigma"] == pytest.approx(max(grid, key=score[bandwidth]))
    assert result["sigma_from"] == bandwidth
    assert "1606.00709" in result["protocol"]
    _check_score(result, _images(200, 1), test)


def test_a_grid_that_is_too_narrow_is_told():
    assert "grid, 0.1 to 0.15," in _measured("kde(samples=200, high=0.15)", _subject())["warning"]
    assert "warning" not in _measured("kde(samples=200, high=0.6)", _subject())


def test_the_default_grids_are_the_protocols():
    parzen, kde = metrics.build("parzen + kde").values()
    assert (parzen.samples, kde.samples, kde.folds) == (10_000, 16_384, 3)
    np.testing.assert_allclose(np.geomspace(parzen.low, parzen.high, parzen.sigmas), np.logspace(-1, 0, 10))
    assert (kde.low, kde.high, kde.step) == (0.1, 0.3, 0.01)


def test_fewer_real_images_than_asked_for_are_counted():
    result = _measured("parzen", _subject(generated=4, validation=3, test=2))
    assert (result["samples"], result["validation_images"], result["test_images"]) == (4, 3, 2)


@pytest.mark.parametrize(("spec", "message"), [
    ("parzen(samples=2)", "parzen: samples must be .* at least 3, got 2"), ("parzen(samples='a')", "parzen: samples"),
    ("parzen(samples=10**9)", "not a literal"), ("parzen(samples=1000000000)", "samples must be .* most 1000000"),
    ("parzen(low=0)", "parzen: low"), ("parzen(low=0.5, high=0.4)", "parzen: high"), ("parzen(sigmas=0)", "sigmas"),
    ("kde(bandwidth='silverman')", "unknown bandwidth of kde 'silverman': .*validation"), ("kde(folds=1)", "folds"),
    ("kde(samples=5, folds=6)", "kde: folds"), ("kde(step=0)", "kde: step"), ("kde(step=1e-9)", "kde: .*step"),
    ("kde(validation_images=0)", "kde: validation_images"), ("parzn", "unknown metric 'parzn': did you mean 'parzen'"),
    ("parzen(sample=5)", "did you mean 'samples'")])
def test_mistakes_in_the_spec(spec, message):
    with pytest.raises(UserError, match=message):
        metrics.build(spec)


def test_too_few_images():
    with pytest.raises(UserError, match="at least 3 samples, here are 2"):
        _measured("parzen", _subject(generated=2))
    with pytest.raises(UserError, match="folds=5 need as many samples, here are 4"):
        _measured("kde(folds=5)", _subject(generated=4))


def test_real_mnist_images_score_as_published(mnist):
    """The first 10,000 training images of the original order: 241.2 ± 2.1, computed elsewhere in NumPy.

    Theis et al. 2016 (arXiv:1511.01844) have 243 for true data. TFDS shuffles by a hash of the original number.
    """
    hashing = pytest.importorskip("tensorflow_datasets.core.hashing")
    train, test = mnist("train"), mnist("test")
    hasher = hashing.Hasher("train")
    where = np.argsort(sorted(range(60_000), key=hasher.hash_key))
    assert train.labels[where[:10]].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    parts = {"validation": ImageDataset("mnist", train.images[where[50_000:51_000]], None), "test": test}
    result = _measured("parzen", metrics.Subject(lambda count: train.images[where[:count]], parts.__getitem__))
    assert round(result["log_likelihood_nats"], 1) == 241.2
    assert round(result["log_likelihood_nats_standard_error"], 1) == 2.1
    assert round(result["sigma"], 4) == 0.1668
