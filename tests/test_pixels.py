"""Pixels against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import pixels

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
