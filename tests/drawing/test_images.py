"""Grids against arrays made by hand, PNG files against what is read from them."""

import os

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing import images


def test_grid_lays_out_row_by_row():
    pictures = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1) * np.ones([1, 1, 2, 1], np.uint8)
    w = 255
    expected = [[10, 10, w, w, 20, 20],
                [w, w, w, w, w, w],
                [w, w, w, w, w, w],
                [30, 30, w, w, w, w]]
    np.testing.assert_array_equal(images.grid(pictures, columns=2, factor=1)[..., 0], expected)
    np.testing.assert_array_equal(images.grid(pictures, factor=1)[..., 0], expected)


def test_grid_enlarges_pixels_but_not_gaps():
    pictures = np.arange(2 * 1 * 2 * 3, dtype=np.uint8).reshape(2, 1, 2, 3)
    shown = images.grid(pictures, columns=2, factor=3)
    assert shown.shape == (3, 6 + 2 + 6, 3)
    np.testing.assert_array_equal(shown[:, :6], np.kron(pictures[0], np.ones([3, 3, 1])))
    np.testing.assert_array_equal(shown[:, 6:8], 255)
    np.testing.assert_array_equal(shown[:, 8:], np.kron(pictures[1], np.ones([3, 3, 1])))


@pytest.mark.parametrize(("count", "side", "columns", "shape"), [
    (64, 28, None, (8 * 84 + 14, 8 * 84 + 14)),
    (64, 8, None, (8 * 104 + 14, 8 * 104 + 14)),
    (1, 28, None, (32 * 28, 32 * 28)),
    (10, 64, None, (3 * 192 + 4, 4 * 192 + 6)),
    (400, 64, None, (20 * 64 + 38, 20 * 64 + 38)),
    (3, 28, 10, (10 * 28, 3 * 10 * 28 + 4)),
    (64, 28, 1, (64 * 28 + 126, 28)),
])
def test_grid_is_near_square_and_of_a_viewable_size(count, side, columns, shape):
    assert images.grid(np.zeros([count, side, side, 1], np.uint8), columns).shape == (*shape, 1)


@pytest.mark.parametrize("pictures", [
    np.zeros([4, 2, 2, 1]), np.zeros([4, 2, 2], np.uint8), np.zeros([4, 2, 2, 2], np.uint8),
    np.zeros([0, 2, 2, 1], np.uint8)])
def test_grid_refuses_what_is_no_batch_of_pictures(pictures):
    with pytest.raises(ValueError, match="uint8"):
        images.grid(pictures)


@pytest.mark.parametrize(("shape", "mode"), [((5, 7), "L"), ((5, 7, 1), "L"), ((5, 7, 3), "RGB")])
def test_write_png_keeps_every_pixel(tmp_path, shape, mode):
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    images.write_png(tmp_path / "a.png", picture)
    with Image.open(tmp_path / "a.png") as read:
        assert read.mode == mode
        np.testing.assert_array_equal(np.asarray(read), picture.squeeze())
    assert os.listdir(tmp_path) == ["a.png"]
