"""The kernel distance against a published vector, sums over all pairs, a closed form, and the spread of other draws."""

import itertools

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics.kid import KID, in_blocks, kernel_distance
from tests.metrics.vectors import measured, normal, subject, turned


def test_the_published_vector():
    assert kernel_distance(np.array([[0, 0], [1, 0], [0, 1]]), np.array([[1, 1], [2, 0], [0, 2]])) == 0.5


@pytest.mark.parametrize(("count", "other_count", "dimensions"), [(5, 5, 3), (4, 9, 1), (2, 2, 6)])
def test_by_sums_over_all_pairs(count, other_count, dimensions):
    """One public code divides by the first count on both sides, which unequal ones show."""
    one, other = normal(count, dimensions, 0) + 1, normal(other_count, dimensions, 1)

    def mean(pairs):
        return np.mean([(x @ y / dimensions + 1.0) ** 3 for x, y in pairs])

    expected = (mean(itertools.permutations(one, 2)) + mean(itertools.permutations(other, 2))
                - 2 * mean(itertools.product(one, other)))
    assert kernel_distance(one, other) == pytest.approx(expected, rel=1e-5)


def test_the_kernel_is_scikit_learns():
    one, other = normal(30, 5, 2), normal(20, 5, 3)
    within, without = (polynomial_kernel(rows) for rows in (one, other))
    expected = sum((kernel.sum() - np.trace(kernel)) / (count * (count - 1))
                   for kernel, count in ((within, 30), (without, 20)))
    assert kernel_distance(one, other) == pytest.approx(expected - 2 * polynomial_kernel(one, other).mean(), rel=1e-4)


def test_sets_of_one_vector_each():
    """k(x, x) + k(y, y) − 2 k(x, y) for x = (2, 0) and y = (0, 2): 27 + 27 − 2."""
    one, other = np.tile([2.0, 0], [7, 1]), np.tile([0, 2.0], [4, 1])
    assert kernel_distance(one, other) == pytest.approx(52)
    assert kernel_distance(one, one) == pytest.approx(0)


def test_a_shift_of_a_gaussian():
    """Of N(m, 1) and N(0, 1) the moments of x y give MMD² = 12 m² + 9 m⁴ + m⁶, here 8.1585."""
    found = in_blocks(normal(20_000, 1, 4) + np.float32(0.7), normal(20_000, 1, 5), block=200)
    expected, error = 12 * 0.7**2 + 9 * 0.7**4 + 0.7**6, found.std() / 100**0.5
    assert found.mean() == pytest.approx(expected, abs=3 * error)
    assert error < 0.05 * expected


def test_no_bias_and_an_honest_error():
    """Of 200 pairs of sets of one distribution: the mean is 0, and the error is the spread."""
    found = [KID(block=20).compare(normal(200, 4, 2 * seed), normal(200, 4, 2 * seed + 1)) for seed in range(200)]
    values = np.array([each["kid"] for each in found])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))
    assert (values < 0).any()
    assert np.mean([each["kid_standard_error"] for each in found]) == pytest.approx(values.std(), rel=0.2)


def test_symmetric_and_blind_to_rotation():
    one, other, turn = normal(50, 8, 6) + 1, normal(60, 8, 7), turned(8)
    assert kernel_distance(other, one) == pytest.approx(kernel_distance(one, other))
    assert kernel_distance(one @ turn, other @ turn) == pytest.approx(kernel_distance(one, other))


@pytest.mark.parametrize(("count", "other_count", "block", "blocks"), [
    (3000, 3000, 1000, 10), (300, 500, 20, 15), (301, 301, 20, 16), (7, 100, 1000, 3), (2, 3, 1000, 1),
    (21, 21, 2, 10)])
def test_every_vector_is_in_one_block(count, other_count, block, blocks):
    """The mean over blocks of sums is the sum over all, whatever the order."""
    one = np.arange(count, dtype=float)[:, None]
    found = in_blocks(0 * one + 1, np.zeros([other_count, 1]), block)
    np.testing.assert_allclose(found, np.full(blocks, 8 + 1 - 2))


def test_vectors_may_be_sorted():
    """Real images often lie class by class: blocks of one class would be far from those of another."""
    one, other = (np.concatenate([normal(500, 2, seed), normal(500, 2, seed + 1) + 3]) for seed in (8, 10))
    found = in_blocks(one, other[::-1], block=20)
    assert abs(found.mean()) < 4 * found.std() / 50**0.5
    assert found.mean() < 0.05 * kernel_distance(one[:500], other[500:])


def test_equal_orders_are_not_kept_together():
    """Blocks of the same vectors would all be below 0."""
    found = in_blocks(normal(400, 2, 12), normal(400, 2, 12), block=20)
    assert 4 < (found > 0).sum() < 16


def test_in_a_measurement():
    found = measured("kid('raw', samples=400, block=100)", subject(normal(400, 2, 12) + 1, normal(800, 2, 13)))
    assert found["kid"] > 5 * found["kid_standard_error"]
    assert abs(found["kid_floor"]) < 4 * found["kid_standard_error_floor"]
    assert (found["samples"], found["real_images"], found["block"], found["features"]) == (400, 400, 100, "raw")
    again = measured("kid('raw', samples=400, block=100)", subject(normal(400, 2, 12) + 1, normal(800, 2, 13)))
    assert again == found


def test_three_images_have_no_standard_error():
    found = measured("kid('raw')", subject(normal(3, 2, 14), normal(20, 2, 15)))
    assert np.isfinite(found["kid"])
    assert "kid_standard_error" not in found


def test_too_few_images():
    with pytest.raises(UserError, match="kid needs at least 2 images on either side, here are 1: take more samples, "
                                        "or more data"):
        measured("kid('raw')", subject(normal(1, 2, 16), normal(20, 2, 17)))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "kid: samples must be .* at least 2, got 1"), ("block=1", "kid: block must be .* at least 2, got 1"),
    ("block=9000", "kid: block must be .* at most 5000"), ("blocks=3", "did you mean 'block'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"kid({arguments})")
