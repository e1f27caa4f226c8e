"""Squared distances against SciPy, where float32 would fail, and in blocks of any size."""

import numpy as np
import pytest
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from gan_zoo.metrics import distances
from gan_zoo.metrics.distances import blocks, nearest_distances, neighbour_radii, squared_distances
from tests.metrics.vectors import normal

ONE, OTHER = normal(40, 7, 0), normal(55, 7, 1)


def test_as_scipy():
    np.testing.assert_allclose(squared_distances(ONE, OTHER), cdist(ONE, OTHER, "sqeuclidean"), rtol=1e-10)


def test_far_from_the_origin():
    one, other = (rows + np.float32(1000) for rows in (ONE, OTHER))
    np.testing.assert_allclose(squared_distances(one, other), cdist(one, other, "sqeuclidean"), rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_duplicates_have_distance_0_and_nothing_else_has(scale):
    rows = (scale * (normal(200, 300, 2) + 50)).astype(np.float32)
    found = squared_distances(rows, rows.copy())
    np.testing.assert_array_equal(found == 0, np.eye(200, dtype=bool))
    moved = rows.copy()
    moved[:, 0] *= 1.01
    assert (np.diag(squared_distances(rows, moved)) > 0).all()


@pytest.mark.parametrize("numbers", [1, 55, 300, 10_000])
def test_blocks_of_any_size_give_the_same(monkeypatch, numbers):
    monkeypatch.setattr(distances, "_NUMBERS", numbers)
    parts = list(blocks(ONE, OTHER))
    assert max(found.size for _, found in parts) <= max(numbers, 55)
    np.testing.assert_array_equal(np.concatenate([np.arange(40)[rows] for rows, _ in parts]), np.arange(40))
    np.testing.assert_allclose(np.concatenate([found for _, found in parts]), squared_distances(ONE, OTHER), rtol=1e-10)
    np.testing.assert_allclose(nearest_distances(ONE, OTHER), cdist(ONE, OTHER, "sqeuclidean").min(axis=1), rtol=1e-10)


@pytest.mark.parametrize("k", [1, 4, 39])
def test_neighbour_radii_as_scipy(k):
    expected = KDTree(ONE).query(ONE, k + 1)[0][:, -1] ** 2
    np.testing.assert_allclose(neighbour_radii(ONE, k), expected, rtol=1e-5)


def test_a_duplicate_is_a_neighbour():
    np.testing.assert_array_equal(neighbour_radii(np.array([[0.0], [0.0], [3.0]]), 1), [0, 0, 9])


@pytest.mark.parametrize("k", [0, 40])
def test_a_programmers_mistake(k):
    with pytest.raises(ValueError, match="neighbour is wanted among 40 vectors"):
        neighbour_radii(ONE, k)
