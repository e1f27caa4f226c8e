"""The Fréchet distance against closed forms, a matrix root of SciPy's, and published values; and its bias."""

import warnings

import numpy as np
import pytest
import scipy.linalg

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics.frechet import Frechet, Moments, frechet_distance, moments, unbiased_frechet_distance
from tests.metrics.vectors import measured, normal, subject, turned


def _gaussian(mean, covariance) -> Moments:
    return Moments(np.asarray(mean, float), np.asarray(covariance, float))


def _random_covariance(dimensions: int, seed: int, rank: int | None = None) -> np.ndarray:
    factor = normal(dimensions, rank or dimensions, seed).astype(np.float64)
    return factor @ factor.T


def _as_written(one: Moments, other: Moments) -> float:
    """The formula with the root of the product itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of singular matrices
        root = scipy.linalg.sqrtm(one.covariance @ other.covariance)
    return float(((one.mean - other.mean)**2).sum()
                 + np.trace(one.covariance + other.covariance - 2 * np.real(root)))


def test_the_published_vector():
    """Two features, the second constant; 89.0909 with N − 1, 89 with N."""
    one, other = np.ones([100, 2]), np.full([100, 2], 9.0)
    one[:50, 0], other[50:, 0] = 2, 2
    assert frechet_distance(one, other) == pytest.approx(89.0909, abs=1e-4)


def test_equal_covariances_as_published():
    """0 against 1 in each of 2,048 dimensions, here of 256: the squared distance of the means."""
    rows = normal(300, 256, 21)
    assert frechet_distance(rows, rows + 1) == pytest.approx(256, rel=1e-5)


@pytest.mark.parametrize("dimensions", [1, 5, 40])
def test_independent_coordinates(dimensions):
    """Σ (μ − μ')² + (σ − σ')²."""
    mean, other_mean, spread, other_spread = abs(normal(4, dimensions, dimensions))
    found = frechet_distance(_gaussian(mean, np.diag(spread**2)), _gaussian(other_mean, np.diag(other_spread**2)))
    assert found == pytest.approx(((mean - other_mean)**2 + (spread - other_spread)**2).sum())


def test_covariances_that_commute():
    """They have the same axes, whatever these are."""
    turn, spread, other_spread = turned(6), np.arange(1.0, 7), np.array([4.0, 0, 1, 1, 9, 2])
    found = frechet_distance(*(_gaussian(np.zeros(6), turn @ np.diag(each**2) @ turn.T)
                               for each in (spread, other_spread)))
    assert found == pytest.approx(((spread - other_spread)**2).sum())


def test_two_by_two_by_hand():
    """Tr (AB)^½ of 2 x 2 matrices is √(Tr AB + 2 √(det A det B)): here Tr AB is 6, the determinants 2 and 3."""
    one, other = [[2, 0], [0, 1]], [[2, 1], [1, 2]]
    expected = 3 + 4 - 2 * np.sqrt(6 + 2 * np.sqrt(2 * 3))
    assert frechet_distance(_gaussian([0, 0], one), _gaussian([0, 0], other)) == pytest.approx(expected)


@pytest.mark.parametrize(("dimensions", "rank", "other_rank"), [(3, 3, 3), (20, 20, 20), (8, 8, 2)])
def test_as_the_formula_with_scipys_root(dimensions, rank, other_rank):
    one = _gaussian(normal(1, dimensions, 0)[0], _random_covariance(dimensions, 1, rank))
    other = _gaussian(normal(1, dimensions, 2)[0], _random_covariance(dimensions, 3, other_rank))
    assert frechet_distance(one, other) == pytest.approx(_as_written(one, other), rel=1e-6)


def test_fewer_samples_than_features():
    """Singular covariances, of which SciPy's root is not real: along orthogonal axes nothing is shared."""
    rows, other = np.zeros([2, 10, 12])
    rows[:, :6], other[:, 6:] = normal(10, 6, 4), normal(10, 6, 5)
    means = ((rows.mean(axis=0) - other.mean(axis=0))**2).sum()
    expected = means + rows.var(axis=0, ddof=1).sum() + other.var(axis=0, ddof=1).sum()
    assert frechet_distance(rows, other) == pytest.approx(expected)
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-6)


def test_one_image_only():
    """The distance of its place from the mean, and the whole variance of the real ones."""
    rows = normal(400, 7, 6).astype(np.float64)
    expected = ((rows.mean(axis=0) - 3)**2).sum() + rows.var(axis=0, ddof=1).sum()
    assert frechet_distance(np.full([50, 7], 3.0), rows) == pytest.approx(expected)


def test_large_means_keep_their_digits():
    """In float32 the variance would be lost."""
    rows = normal(500, 3, 7).astype(np.float64)
    assert frechet_distance(rows + 1e6, 2 * rows + 1e6) == pytest.approx(frechet_distance(rows, 2 * rows), rel=1e-6)


def test_moments_are_numpys():
    rows = normal(30, 4, 8)
    found = moments(rows)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.covariance, np.cov(rows.T.astype(np.float64)))
    assert found.covariance.dtype == np.float64
    assert moments(rows[:, :1]).covariance.shape == (1, 1)


def test_symmetric_and_blind_to_rotation():
    one, other, turn = normal(90, 6, 9) + 1, 2 * normal(80, 6, 10), turned(6)
    expected = frechet_distance(one, other)
    assert frechet_distance(other, one) == pytest.approx(expected)
    assert frechet_distance(one @ turn, other @ turn) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(3 * one, 3 * other) == pytest.approx(9 * expected, rel=1e-5)


@pytest.mark.parametrize(("count", "expected"), [(1000, 2.21), (10_000, 0.22)])
def test_the_bias_of_few_samples_as_published(count, expected):
    """N(0, I_64) against itself."""
    assert frechet_distance(normal(count, 64, 11), normal(count, 64, 12)) == pytest.approx(expected, rel=0.08)


def test_infinity_of_one_distribution():
    """N(0, I_64) against 20,000 of itself: about 1.20 at 1,000 samples, 0.16 at 10,000, and 0.04 as they grow."""
    known, samples = normal(20_000, 64, 13), normal(10_000, 64, 14)
    assert frechet_distance(samples[:1000], known) == pytest.approx(1.15, abs=0.06)
    assert frechet_distance(samples, known) == pytest.approx(0.16, abs=0.01)
    found = [unbiased_frechet_distance(samples, known, seed) for seed in range(3)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.02)  # what is left is the bias of the 20,000


def test_infinity_has_no_bias():
    """Of N(m, I) and N(0, I) in D dimensions ‖m‖², to which N samples add (D + D(D + 1) / 4) / N."""
    known = normal(10_000, 10, 15)
    found = [Frechet().compare(normal(300, 10, seed) + np.float32(0.1), known) for seed in range(100, 160)]
    biased, unbiased = (np.array([each[name] for each in found]) for name in ("frechet", "frechet_infinity"))
    error, bias = unbiased.std() / 60**0.5, (10 + 10 * 11 / 4) / 300
    assert unbiased.mean() == pytest.approx(0.1, abs=3 * error)
    assert biased.mean() == pytest.approx(0.1 + bias, abs=3 * biased.std() / 60**0.5)
    assert bias > 7 * error
    assert (unbiased < 0.1).any()


def test_infinity_is_the_line_through_distances_that_fall_as_one_over_n(monkeypatch):
    monkeypatch.setattr("gan_zoo.metrics.frechet.frechet_distance", lambda rows, known: 3 + 70 / len(rows))
    assert unbiased_frechet_distance(np.zeros([1000, 2]), np.zeros([9, 2])) == pytest.approx(3)


def test_in_a_measurement():
    found = measured("frechet('raw', samples=400)", subject(normal(400, 3, 17) + 1, normal(1000, 3, 18)))
    assert found["frechet"] == pytest.approx(3, abs=0.5)
    assert abs(found["frechet_infinity_floor"]) < 0.05
    assert 0 < found["frechet_floor"] < 0.1
    assert (found["samples"], found["real_images"], found["features"]) == (400, 400, "raw")
    assert measured("frechet('raw', samples=400)", subject(normal(400, 3, 17) + 1, normal(1000, 3, 18))) == found


@pytest.mark.parametrize(("count", "dimensions", "message"), [
    (1, 2, "frechet needs at least 2 images on either side, here are 1: take more samples, or more data"),
    (7, 7, "frechet in a space of 7 features needs at least 8 images on either side, here are 7: take more")])
def test_too_few_images(count, dimensions, message):
    with pytest.raises(UserError, match=message):
        measured("frechet('raw')", subject(normal(count, dimensions, 19), normal(60, dimensions, 20)))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "frechet: samples must be .* at least 2, got 1"), ("samples=2000000", "frechet: samples .* at most"),
    ("features='inceptoin'", "did you mean 'inception'"), ("k=3", "no argument 'k'"),
    ("features=3", "3 is not a feature space: .*'pca'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"frechet({arguments})")
