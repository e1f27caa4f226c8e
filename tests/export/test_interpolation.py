"""Paths between latent points against their geometry."""

import numpy as np
import pytest

from gan_zoo.export import interpolation


def test_slerp_keeps_the_norm_and_goes_at_a_steady_angle():
    points = np.random.default_rng(0).normal(size=[2, 20, 7])
    first, last = points / np.linalg.norm(points, axis=-1, keepdims=True) * 3
    path = interpolation.slerp(first, last, 9)
    np.testing.assert_allclose(np.linalg.norm(path, axis=-1), 3)
    cosines = np.sum(path[:, :-1] * path[:, 1:], axis=-1) / 9
    np.testing.assert_allclose(cosines, np.broadcast_to(cosines[:, :1], cosines.shape))
    np.testing.assert_allclose(path[:, 4] * np.linalg.norm(first + last, axis=-1, keepdims=True),
                               3 * (first + last))  # half-way is the bisector


def test_slerp_of_a_right_angle():
    path = interpolation.slerp(np.array([[1.0, 0]]), np.array([[0, 1.0]]), 4)[0]
    angles = np.pi / 2 * np.arange(4) / 3
    np.testing.assert_allclose(path, np.stack([np.cos(angles), np.sin(angles)], axis=1), atol=1e-15)


@pytest.mark.parametrize("walk", [interpolation.slerp, interpolation.lerp])
def test_paths_include_both_ends_exactly(walk):
    first, last = np.random.default_rng(1).normal(size=[2, 4, 3])
    path = walk(first, last, 6)
    np.testing.assert_array_equal(path[:, 0], first)
    np.testing.assert_array_equal(path[:, -1], last)


@pytest.mark.parametrize(("a", "b"), [([1, 2], [1, 2]), ([1, 2], [2, 4]), ([1, 2], [-1, -2]), ([0, 0], [3, 4]),
                                      ([0, 0], [0, 0]), ([1], [-2])])
def test_slerp_on_one_line_is_straight(a, b):
    path = interpolation.slerp(np.array([a]), np.array([b]), 3)[0]
    np.testing.assert_allclose(path[1], (np.array(a) + np.array(b)) / 2, atol=1e-12)


@pytest.mark.parametrize(("spherical", "walk"), [(True, interpolation.slerp), (False, interpolation.lerp)])
def test_held_numbers_stay_and_the_others_go_their_own_path(spherical, walk):
    first, last = np.random.default_rng(2).normal(size=[2, 4, 5])
    held = np.array([False, True, False, False, True])
    rows = interpolation.between(first, last, 6, spherical, held)
    assert rows.shape == (4, 6, 5)
    np.testing.assert_array_equal(rows[..., [1, 4]], np.repeat(first[:, np.newaxis, [1, 4]], 6, axis=1))
    np.testing.assert_array_equal(rows[..., [0, 2, 3]], walk(first[:, [0, 2, 3]], last[:, [0, 2, 3]], 6))


def test_where_all_is_held_a_row_stands_still():
    first, last = np.random.default_rng(3).normal(size=[2, 2, 3])
    rows = interpolation.between(first, last, 4, True, np.ones(3, bool))
    np.testing.assert_array_equal(rows, np.repeat(first[:, np.newaxis], 4, axis=1))
