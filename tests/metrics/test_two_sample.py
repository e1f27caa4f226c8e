"""The nearest-neighbour test against scikit-learn, cases worked by hand, and the spread of other draws."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.features import raw
from gan_zoo.metrics.two_sample import TwoSample, told_apart
from tests.metrics.vectors import measured, normal, subject, turned

ACCURACY, GENERATED, REAL = (f"two_sample_accuracy{end}" for end in ("", "_generated", "_real"))


@pytest.mark.parametrize(("count", "dimensions", "shift"), [(40, 1, 0), (60, 3, 0.5), (2, 5, 0), (50, 20, 1)])
def test_as_scikit_learn(count, dimensions, shift):
    generated, real = normal(count, dimensions, 0) + shift, normal(count, dimensions, 1)
    rows, kinds = np.concatenate([generated, real]), np.repeat([1, 0], count)
    nearest = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors(return_distance=False)[:, 0]  # but itself
    np.testing.assert_array_equal(np.concatenate(told_apart(generated, real)), kinds[nearest] == kinds)


def test_by_hand():
    """The nearest of 0, 1, 3 among the others and 1.2, 9, 10: 1, 1.2, 1.2 (1.8 < 2); theirs are 1, 10, 9."""
    told = told_apart(np.array([[0.0], [1], [3]]), np.array([[1.2], [9], [10]]))
    np.testing.assert_array_equal(told.generated, [1, 0, 0])
    np.testing.assert_array_equal(told.real, [0, 1, 1])


def test_both_kinds_as_near_count_half():
    told = told_apart(np.array([[0.0], [2]]), np.array([[4.0], [6]]))
    np.testing.assert_array_equal(told.generated, [1, 0.5])
    np.testing.assert_array_equal(told.real, [0.5, 1])


def test_one_distribution():
    found = TwoSample().compare(normal(800, 3, 2), normal(800, 3, 3))
    assert found[ACCURACY] == pytest.approx(0.5, abs=3 * found[f"{ACCURACY}_standard_error"])
    assert found[ACCURACY] == (found[GENERATED] + found[REAL]) / 2


@pytest.mark.parametrize(("dimensions", "shift"), [(2, 0), (10, 0.3)])
def test_its_error_is_about_the_spread_of_other_draws(dimensions, shift):
    """Rather too large: not all images are each other's nearest."""
    found = [TwoSample().compare(normal(100, dimensions, 2 * seed) + np.float32(shift),
                                 normal(100, dimensions, 2 * seed + 1)) for seed in range(150)]
    spread = np.std([each[ACCURACY] for each in found])
    assert 0.9 < np.mean([each[f"{ACCURACY}_standard_error"] for each in found]) / spread < 1.5


@pytest.mark.parametrize(("generated", "told_generated", "told_real"), [
    (normal(300, 2, 4) + 50, 1, 1), (np.zeros([300, 2], np.float32), 1, 1), (normal(300, 2, 5), 0, 0)],
    ids=["far away", "one image only", "copies"])
def test_extremes(generated, told_generated, told_real):
    """One image at the centre is the nearest of a few real ones only. Copies are nearer than any other image."""
    found = TwoSample().compare(generated, normal(300, 2, 5))
    assert found[GENERATED] == told_generated
    assert found[REAL] == pytest.approx(told_real, abs=0.03)


def test_a_few_points_that_real_ones_surround():
    """20 different images, 15 times each, drawn as real ones are."""
    found = TwoSample().compare(np.repeat(normal(20, 2, 6), 15, axis=0), normal(300, 2, 7))
    assert found[GENERATED] == 1
    assert found[REAL] < 0.98


def test_nothing_can_be_told_of_images_that_are_all_the_same():
    alike = np.ones([10, 4], np.float32)
    assert TwoSample().compare(alike, alike)[ACCURACY] == 0.5


def test_symmetric_and_blind_to_rotation_and_scale():
    generated, real, turn = normal(90, 6, 8) + 1, normal(90, 6, 9), turned(6)
    told, other = told_apart(generated, real), told_apart(real, generated)
    np.testing.assert_array_equal(other.real, told.generated)
    np.testing.assert_array_equal(np.concatenate(told_apart(5 * generated @ turn - 3, 5 * real @ turn - 3)),
                                  np.concatenate(told))


@pytest.mark.parametrize(("count", "other_count"), [(200, 800), (800, 200)])
def test_of_more_images_as_many_are_drawn(count, other_count):
    """The first ones alone, which may be of one class, would be told apart."""
    sets = [np.concatenate([normal(size // 2, 2, size), normal(size // 2, 2, size + 1) + 99])
            for size in (count, other_count)]
    found = TwoSample().compare(*sets)
    assert found[ACCURACY] == pytest.approx(0.5, abs=0.11)
    assert found[f"{ACCURACY}_standard_error"] == pytest.approx(0.5 / 200**0.5, rel=0.03)
    assert TwoSample().compare(*sets) == found


def test_real_mnist_images_as_computed_elsewhere(mnist):
    """2,000 real images against 2,000 others, of their pixels: 49.5 %, with an error of one."""
    images = raw.flat(mnist("train[:4000]").images)
    found = TwoSample().compare(images[:2000], images[2000:])
    assert found[ACCURACY] == pytest.approx(0.495, abs=0.025)


def test_a_programmers_mistake():
    with pytest.raises(ValueError, match="as many generated as real vectors are wanted, got 3 and 2"):
        told_apart(np.zeros([3, 1]), np.zeros([2, 1]))


def test_in_a_measurement():
    found = measured("two_sample('raw', samples=150)", subject(normal(150, 1, 10) + 9, normal(400, 1, 11)))
    assert (found[ACCURACY], found["samples"], found["real_images"]) == (1, 150, 150)
    assert found[f"{ACCURACY}_floor"] == pytest.approx(0.5, abs=0.15)


def test_too_few_images():
    with pytest.raises(UserError, match="two_sample needs at least 2 images on either side, here are 1: take more"):
        measured("two_sample('raw')", subject(normal(1, 2, 12), normal(20, 2, 13)))


@pytest.mark.parametrize("arguments", ["samples=1", "samples=2000000", "samples=None"])
def test_mistakes_in_the_spec(arguments):
    with pytest.raises(UserError, match="two_sample: samples must be"):
        metrics.build(f"two_sample({arguments})")
