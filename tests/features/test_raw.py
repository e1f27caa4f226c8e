"""The space of pixels."""

import numpy as np

from gan_zoo import features

RAW = features.build("raw").fit(lambda part: None)


def test_bytes_are_parts_of_one_in_the_order_of_the_image():
    images = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    rows = RAW(images)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, (np.arange(24).reshape(2, 12) / 255).astype(np.float32))
    assert RAW(np.full([1, 1, 1, 1], 255, np.uint8)) == 1


def test_points_are_what_they_say():
    points = np.random.default_rng(0).normal(size=[5, 1, 1, 3]).astype(np.float32)
    np.testing.assert_array_equal(RAW(points), points[:, 0, 0])


def test_many_images_are_as_few():
    images = np.random.default_rng(0).integers(0, 256, [2500, 2, 2, 1], np.uint8)
    np.testing.assert_array_equal(RAW(images), np.concatenate([RAW(images[:7]), RAW(images[7:])]))


def test_nothing_is_learned():
    assert (str(RAW), RAW.identity, RAW.classify) == ("raw", "", None)
