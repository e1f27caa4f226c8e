"""Random affine maps of images, with bilinear interpolation and the gradient that belongs to it."""

import itertools
import math

import numpy as np
import tensorflow as tf

from gan_zoo.augmentation.base import augmentations
from gan_zoo.errors import check_number

_ENTRIES = 4096  # angles and scales


@augmentations.register("affine")
def affine(rotation=15.0, shear=0.3, scale=0.1, shift=0.1):
    """Shift, scale, shear and rotation about the image's middle, in this order; what comes in is as the nearest edge.

    rotation: by up to so many degrees either way, in [0, 180]. shear: by up to so many columns a row, at least 0.
    scale: of each side by exp(s), s up to that either way, in [0, 1]. shift: by up to that share of each side, in
    [0, 1). All are uniform, and pixels interpolated bilinearly.
    """
    check_number("rotation", rotation, least=0, most=180)
    check_number("shear", shear, least=0)
    check_number("scale", scale, least=0, most=1)
    check_number("shift", shift, least=0, below=1)

    def moved(images, value_range, random):
        turn, lean, high, wide, down, across = tf.unstack(random.uniform("affine", (6,)), axis=1)
        cos, sin = (_of(turn, function, math.radians(rotation)) for function in (np.cos, np.sin))
        high, wide = (_of(side, np.exp, scale) for side in (high, wide))
        lean, down, across = shear * (2 * lean - 1), shift * (2 * down - 1), shift * (2 * across - 1)
        height, width = images.shape[1:3]
        y, x = _about_the_middle(height)[:, None], _about_the_middle(width)[None]

        def places(by_row, by_column, by):
            """[B, H, W]: where each pixel comes from, on one side."""
            by_row, by_column, by = (each[:, None, None] for each in (by_row, by_column, by))
            return by_row * y + by_column * x + by

        return _interpolated(images, places(high * cos, high * sin, height * down),
                             places(wide * (lean * cos - sin), wide * (lean * sin + cos), width * across))

    return moved


def _of(uniform: tf.Tensor, function, most: float) -> tf.Tensor:
    """A function of U[−most, most) from U[0, 1), by a table: a cosine's last bit depends on its place in a tensor."""
    table = function(most * (2 * np.arange(_ENTRIES) / _ENTRIES - 1))
    return tf.gather(tf.constant(table, tf.float32), tf.cast(uniform * _ENTRIES, tf.int32))


def _about_the_middle(side: int) -> tf.Tensor:
    """The places of pixels on a side, 0 in its middle."""
    return tf.range(side, dtype=tf.float32) - (side - 1) / 2


def _interpolated(images: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Images [B, H, W, C] at real places [B, H, W], 0 in the middle; outside there are the nearest edge's pixels."""
    height, width, channels = images.shape[1:]
    flat = tf.reshape(images, [-1, channels])
    first = (tf.range(tf.shape(images)[0]) * (height * width))[:, None, None]
    total = tf.zeros([], images.dtype)
    for (row, high), (column, wide) in itertools.product(_neighbours(rows, height), _neighbours(columns, width)):
        total += tf.gather(flat, first + row * width + column) * tf.cast((high * wide)[..., None], images.dtype)
    return total


def _neighbours(places: tf.Tensor, side: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """Of places [B, H, W] on a side, 0 in its middle, the two nearest pixels, int32, and the share of each."""
    places = tf.clip_by_value(places + (side - 1) / 2, 0, side - 1)
    before = tf.clip_by_value(tf.floor(places), 0, max(0, side - 2))
    share, index = places - before, tf.cast(before, tf.int32)
    return [(index, 1 - share), (tf.minimum(index + 1, side - 1), share)]
