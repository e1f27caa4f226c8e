"""The sliced Wasserstein distance against closed forms, and against matching by brute force on a line."""

import math

import numpy as np
import pytest
import scipy.special

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics import sliced_wasserstein
from gan_zoo.metrics.sliced_wasserstein import SlicedWasserstein, squared_transports
from tests.metrics.vectors import measured, normal, subject, turned


@pytest.mark.parametrize(("count", "other_count"), [(30, 30), (6, 15), (7, 4), (1, 9), (13, 26)])
def test_on_a_line_by_brute_force(count, other_count):
    """Each vector in as many copies as the other set has, sorted."""
    one, other = normal(count, 1, 0), normal(other_count, 1, 1) + 1
    copies = [np.sort(np.repeat(rows[:, 0], times)) for rows, times in ((one, other_count), (other, count))]
    expected = np.mean(np.subtract(*copies, dtype=np.float64) ** 2)
    np.testing.assert_allclose(squared_transports(one, other, 3), np.full(3, expected), rtol=1e-6)


def test_a_shift():
    """(u·m)² on each direction u, on average ‖m‖² / D; of few numbers, exactly if D = 1."""
    rows, shift = normal(100, 5, 2).astype(np.float64), np.array([3.0, 0, 0, 4, 0])
    found = squared_transports(rows + shift, rows, 4000)
    assert found.mean() == pytest.approx(25 / 5, rel=0.05)
    assert (found <= 25).all()
    second = 25**2 * 3 / (5 * 7)  # E (u·m)⁴ = 3 ‖m‖⁴ / D(D + 2)
    assert found.std() == pytest.approx((second - 25) ** 0.5, rel=0.05)
    np.testing.assert_allclose(squared_transports(rows[:, :1] + 3, rows[:, :1], 2), [9, 9])


def test_a_multiple():
    """Of vectors and s times those (s − 1)² (u·x)² on each direction, on average (s − 1)² ‖x‖² / D."""
    rows = normal(200, 6, 3)
    expected = 0.25 * (rows**2).sum(axis=1).mean() / 6
    assert squared_transports(1.5 * rows, rows, 4000).mean() == pytest.approx(expected, rel=0.03)


def test_mind_as_published():
    """N(0, I_64) moved by 1 in each coordinate: 3 · 64; within 10 % at 4,000 samples and 2,000 directions."""
    found = SlicedWasserstein(directions=2000).compare(normal(4000, 64, 4) + 1, normal(4000, 64, 5))
    assert found["mind"] == pytest.approx(192, rel=0.1)
    assert found["mind"] == pytest.approx(3 * 64 * found["sliced_wasserstein"] ** 2)
    assert found["mind"] == pytest.approx(192 + 1.2, abs=3 * found["mind_standard_error"])  # 1.2: the floor


def test_it_tells_apart_what_has_the_same_moments():
    """Uniform against normal in one dimension, mean 0 and variance 1 both: W₂² = 2 − 2 E[Φ⁻¹(U) √3 (2 U − 1)]."""
    levels = (np.arange(100_000) + 0.5) / 100_000
    uniform, gaussian = 3**0.5 * (2 * levels - 1), scipy.special.ndtri(levels)
    found = squared_transports(uniform[:, None], gaussian[:, None], 1)
    assert found == pytest.approx(2 - 2 * (3 / math.pi) ** 0.5, rel=1e-3)  # the expectation is √(3 / π)


def test_its_error_is_that_of_the_directions():
    one, other = normal(50, 10, 6) + np.arange(10, dtype=np.float32), normal(50, 10, 7)
    found = SlicedWasserstein(directions=500).compare(one, other)
    exact = SlicedWasserstein(directions=50_000).compare(one, other)
    for name in ("sliced_wasserstein", "mind"):
        assert found[name] == pytest.approx(exact[name], abs=3 * found[f"{name}_standard_error"])
        assert found[f"{name}_standard_error"] == pytest.approx(10 * exact[f"{name}_standard_error"], rel=0.2)


@pytest.mark.parametrize("numbers", [1, 700, 10**6])
def test_blocks_of_any_size_give_the_same(monkeypatch, numbers):
    one, other = normal(40, 3, 8), normal(25, 3, 9)
    expected = squared_transports(one, other, 50)
    monkeypatch.setattr(sliced_wasserstein, "_NUMBERS", numbers)
    np.testing.assert_allclose(squared_transports(one, other, 50), expected)


def test_symmetric_and_blind_to_rotation():
    one, other, turn = normal(80, 4, 10) + 1, normal(70, 4, 11), turned(4)
    expected = squared_transports(one, other)
    np.testing.assert_allclose(squared_transports(other, one), expected)
    error = np.hypot(*[expected.std() / 1000**0.5] * 2)
    assert squared_transports(one @ turn, other @ turn).mean() == pytest.approx(expected.mean(), abs=3 * error)


def test_copies_of_the_real_images_have_none():
    rows = normal(90, 5, 12)
    assert set(SlicedWasserstein().compare(rows, rows[::-1]).values()) == {0.0}


def test_one_image_only():
    """All goes to one place: the mean squared distance from it, over D."""
    rows = normal(300, 5, 13)
    found = SlicedWasserstein().compare(np.zeros([20, 5], np.float32), rows)
    assert found["mind"] == pytest.approx(3 * (rows**2).sum(axis=1).mean(), abs=4 * found["mind_standard_error"])


def test_in_a_measurement():
    spec = "sliced_wasserstein('raw', samples=300, directions=100)"
    found = measured(spec, subject(normal(300, 2, 14) + 4, normal(700, 2, 15)))
    assert (found["samples"], found["real_images"], found["directions"]) == (300, 300, 100)
    assert found["mind"] == pytest.approx(3 * 32, rel=0.25)
    assert 0 < found["mind_floor"] < 0.2
    assert measured(spec, subject(normal(300, 2, 14) + 4, normal(700, 2, 15))) == found


def test_too_few_images():
    with pytest.raises(UserError, match="sliced_wasserstein needs at least 2 images on either side, here are 1: take"):
        measured("sliced_wasserstein('raw')", subject(normal(1, 2, 16), normal(20, 2, 17)))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "sliced_wasserstein: samples must be"), ("directions=1", "sliced_wasserstein: directions must be"),
    ("directions=1000000", "directions must be .* at most 100000"), ("direction=9", "did you mean 'directions'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"sliced_wasserstein({arguments})")
