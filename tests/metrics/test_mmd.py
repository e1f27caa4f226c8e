"""The kernel test against closed forms, sums over all pairs, SciPy's permutation test, and how often it errs."""

import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import cdist, pdist

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics.mmd import discrepancy
from tests.metrics.vectors import measured, normal, subject, turned


def _by_pairs(one, other, bandwidth: float) -> float:
    """MMD² as it is written, with the diagonals left out."""
    within, others, between = (np.exp(-cdist(*pair, "sqeuclidean") / 2 / bandwidth**2)
                               for pair in ((one, one), (other, other), (one, other)))
    off = [~np.eye(len(rows), dtype=bool) for rows in (one, other)]
    return within[off[0]].mean() + others[off[1]].mean() - 2 * between.mean()


@pytest.mark.parametrize(("count", "other_count", "dimensions"), [(30, 30, 4), (12, 31, 1), (3, 3, 3)])
def test_by_sums_over_all_pairs(count, other_count, dimensions):
    one, other = normal(count, dimensions, 0) + 1, normal(other_count, dimensions, 1)
    found = discrepancy(one, other, permutations=1)
    assert found.bandwidth == pytest.approx(np.median(pdist(np.concatenate([one, other]))), rel=1e-4)
    assert found.squared == pytest.approx(_by_pairs(one, other, found.bandwidth), rel=1e-6)
    assert discrepancy(one, other, 0.7, 1).squared == pytest.approx(_by_pairs(one, other, 0.7), rel=1e-6)


@pytest.mark.parametrize(("dimensions", "bandwidth", "shift", "expected"), [
    (10, 3, 1, 0.0325854), (1, 1, 2, 2 / 3**0.5 * (1 - np.exp(-2 / 3))), (3, 2, 0, 0)])
def test_a_shift_of_a_gaussian(dimensions, bandwidth, shift, expected):
    """2 a (1 − exp(−‖m‖² / 2(h² + 2))) with a = (h² / (h² + 2))^(d/2), over 20 draws of 300."""
    move = np.eye(dimensions)[0] * shift
    found = [discrepancy(normal(300, dimensions, 2 * seed) + move, normal(300, dimensions, 2 * seed + 1), bandwidth,
                         1).squared for seed in range(20)]
    error = np.std(found, ddof=1) / 20**0.5
    assert np.mean(found) == pytest.approx(expected, abs=3 * error)
    assert error < 0.002 + 0.05 * expected


def test_the_p_value_is_scipys():
    """Of all 210 divisions of ten vectors in six and four, where as many random ones come close to all."""
    one, other = normal(6, 2, 3) + 0.8, normal(4, 2, 4)
    both, rows = np.concatenate([one, other]), np.arange(10)
    exact = scipy.stats.permutation_test((rows[:6], rows[6:]), lambda x, y: _by_pairs(both[x], both[y], 1.5),
                                         vectorized=False, alternative="greater").pvalue
    assert 0.02 < exact < 0.5
    assert discrepancy(one, other, 1.5, 20_000).p_value == pytest.approx(exact, abs=4 * (exact / 20_000) ** 0.5)


def test_it_errs_as_often_as_it_says():
    """Of 200 pairs of one distribution a fifth has p ≤ 0.2, and the p-values are uniform."""
    found = [discrepancy(normal(20, 2, 2 * seed), normal(25, 2, 2 * seed + 1), permutations=99).p_value
             for seed in range(200)]
    assert np.mean(np.array(found) <= 0.2) == pytest.approx(0.2, abs=3 * (0.16 / 200) ** 0.5)
    assert scipy.stats.kstest(found, "uniform").pvalue > 0.01


def test_it_tells_apart_what_has_the_same_moments():
    """Uniform against normal in one dimension, mean 0 and variance 1 both: the Fréchet distance is blind to it."""
    uniform = np.random.default_rng(5).uniform(-(3**0.5), 3**0.5, [500, 1])
    assert discrepancy(uniform, normal(500, 1, 6), 0.5).p_value < 0.01


def test_symmetric_and_blind_to_rotation_and_scale():
    one, other, turn = normal(50, 8, 7) + 1, normal(60, 8, 8), turned(8)
    expected = discrepancy(one, other, permutations=1)
    assert discrepancy(other, one, permutations=1) == pytest.approx(expected, rel=1e-6)
    found = discrepancy(9 * one @ turn + 2, 9 * other @ turn + 2, permutations=1)
    assert (found.squared, found.bandwidth) == pytest.approx((expected.squared, 9 * expected.bandwidth), rel=1e-5)


def test_one_image_only():
    """Against itself nothing can be told; against real images everything."""
    alike = np.ones([40, 3])
    assert discrepancy(alike, alike) == pytest.approx((0, 1, 1))
    found = discrepancy(alike, normal(40, 3, 9))
    assert found.p_value == pytest.approx(1 / 1001)
    assert found.squared == pytest.approx(_by_pairs(alike, normal(40, 3, 9), found.bandwidth), rel=1e-6)


def test_copies_of_the_real_images():
    """As near as two sets can be: below what chance would give, so below 0."""
    found = discrepancy(normal(60, 3, 10), normal(60, 3, 10))
    assert found.squared < 0
    assert found.p_value > 0.99


def test_in_a_measurement():
    spec = "mmd('raw', samples=200, permutations=300)"
    found = measured(spec, subject(normal(200, 2, 11) + 1, normal(500, 2, 12)))
    assert (found["mmd_p_value"], found["permutations"], found["samples"]) == (pytest.approx(1 / 301), 300, 200)
    assert found["mmd_squared"] > 5 * abs(found["mmd_squared_floor"])
    assert found["mmd_p_value_floor"] > 0.01
    assert measured(spec, subject(normal(200, 2, 11) + 1, normal(500, 2, 12))) == found
    assert measured("mmd('raw', bandwidth=2)", subject(normal(9, 2, 0), normal(9, 2, 1)))["mmd_bandwidth"] == 2


def test_too_few_images():
    with pytest.raises(UserError, match="mmd needs at least 2 images on either side, here are 1: take more samples"):
        measured("mmd('raw')", subject(normal(1, 2, 13), normal(20, 2, 14)))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "mmd: samples must be .* at least 2"), ("samples=9000", "mmd: samples must be .* at most 2500"),
    ("permutations=0", "mmd: permutations must be"), ("permutations=10000000", "mmd: permutations must be .* at most"),
    ("bandwidth=0", "mmd: bandwidth must be a number above 0"), ("bandwidth='median'", "mmd: bandwidth must be")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"mmd({arguments})")
