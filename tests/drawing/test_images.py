"""Pixels against NumPy, grids against arrays made by hand."""

import os

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import pixels
from gan_zoo.drawing import images

RANGES = [(-1.0, 1.0), (0.0, 1.0), (-0.5, 0.5), (0.0, 255.0), (-2.0, 3.0)]


@pytest.mark.parametrize("value_range", RANGES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_level_survives_the_round_trip(value_range, dtype):
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    floats = pixels.from_uint8(levels, value_range, dtype)
    low, high = value_range
    assert floats.dtype == dtype
    assert (floats.numpy().min(), floats.numpy().max()) == value_range
    np.testing.assert_allclose(floats, low + levels / 255 * (high - low), atol=1e-6 * (high - low))
    np.testing.assert_array_equal(pixels.to_uint8(floats, value_range), levels)


def test_to_uint8_clips_and_rounds():
    floats = tf.constant([-np.inf, -7, -1, 0.499 / 127.5 - 1, 0.501 / 127.5 - 1, 0.999, 1, 1.5, np.inf])
    expected = [0, 0, 0, 0, 1, 255, 255, 255, 255]
    np.testing.assert_array_equal(pixels.to_uint8(floats, (-1, 1)), expected)


def test_half_precision_images_are_converted_in_single_precision():
    floats = tf.constant(np.random.default_rng(0).uniform(-1, 1, [1000]), tf.bfloat16)
    expected = np.rint((tf.cast(floats, tf.float64).numpy() + 1) * 127.5)
    assert np.abs(pixels.to_uint8(floats, (-1, 1)).numpy().astype(int) - expected).max() <= 1
    assert (pixels.to_uint8(floats, (-1, 1)).numpy() == expected).mean() > 0.99


def test_an_empty_value_range_is_refused():
    with pytest.raises(ValueError, match="low < high"):
        pixels.to_uint8(tf.zeros([1]), (1, 1))


def test_points_keep_their_values_and_pixels_get_their_range():
    points = np.array([[-7.5], [300.25]], np.float32)
    assert pixels.to_network(points, None, "float64").dtype == tf.float64
    np.testing.assert_array_equal(pixels.to_network(points, None), points)
    np.testing.assert_array_equal(pixels.from_network(tf.constant(points, tf.float64), None), points)
    assert pixels.from_network(tf.constant(points, tf.float64), None).dtype == tf.float32
    levels = np.array([0, 51, 255], np.uint8)
    np.testing.assert_allclose(pixels.to_network(levels, (-1.0, 1.0)), [-1, -0.6, 1], atol=1e-6)
    np.testing.assert_array_equal(pixels.from_network(tf.constant([-1, -0.6, 1]), (-1.0, 1.0)), levels)


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
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    images.write_png(tmp_path / "a.png", pixels)
    with Image.open(tmp_path / "a.png") as read:
        assert read.mode == mode
        np.testing.assert_array_equal(np.asarray(read), pixels.squeeze())
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.png"
    images.write_png(path, np.zeros([2, 2], np.uint8))
    before = path.read_bytes()

    def fail_halfway():
        with images.replacing(path) as temporary:
            with open(temporary, "wb") as file:
                file.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail_halfway()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.png"]
