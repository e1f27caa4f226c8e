"""Pixels: between value ranges and bytes, many images in one grid, and PNG files."""

import contextlib
import math
import os

import numpy as np
import tensorflow as tf
from PIL import Image

GAP = 2  # pixels between the images of a grid
_WHITE = 255
_LARGEST_SIDE = 900  # pixels, to which small images are enlarged at most


def to_uint8(images: tf.Tensor, value_range: tuple[float, float]) -> tf.Tensor:
    """Floats in `value_range` = (low, high) → uint8 of the same shape, rounded; what lies outside is clipped."""
    low, high = _checked(value_range)
    levels = (tf.cast(images, tf.float32) - low) * (255 / (high - low))
    return tf.cast(tf.round(tf.clip_by_value(levels, 0, 255)), tf.uint8)


def from_uint8(images: tf.Tensor, value_range: tuple[float, float], dtype="float32") -> tf.Tensor:
    """uint8 → floats of `dtype` and the same shape; 0 becomes the low, 255 the high end of `value_range`."""
    low, high = _checked(value_range)
    return tf.cast(low + (high - low) * (tf.cast(images, tf.float32) / 255), dtype)


def to_network(examples: tf.Tensor, value_range: tuple[float, float] | None, dtype="float32") -> tf.Tensor:
    """What a dataset holds → what networks take: from_uint8; points, which have no value range, keep their values."""
    return tf.cast(examples, dtype) if value_range is None else from_uint8(examples, value_range, dtype)


def from_network(values: tf.Tensor, value_range: tuple[float, float] | None) -> tf.Tensor:
    """What a generator makes → what a dataset holds: uint8 pixels, or float32 points if value_range is None."""
    return tf.cast(values, tf.float32) if value_range is None else to_uint8(values, value_range)


def _checked(value_range) -> tuple[float, float]:
    low, high = value_range
    if not low < high:
        raise ValueError(f"value_range must be (low, high) with low < high, got {value_range}")
    return low, high


def grid(images: np.ndarray, columns: int | None = None, factor: int | None = None) -> np.ndarray:
    """Images side by side, row by row, on white: uint8 [N, H, W, C] → uint8 [h, w, C]; C is 1 or 3.

    columns: images in a row; default: about as many as there are rows. factor: each pixel becomes a square
    of that side; default: as large as keeps the grid within 900 pixels. The gaps of 2 pixels stay.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(f"a grid takes uint8 [N, H, W, 1 or 3], got {images.dtype} {list(images.shape)}")
    count, height, width, channels = images.shape
    columns = min(columns or math.isqrt(count - 1) + 1, count)
    rows = math.ceil(count / columns)
    factor = factor or _factor(rows, height, columns, width)
    height, width = height * factor, width * factor
    canvas = np.full([rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels], _WHITE, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = row * (height + GAP), column * (width + GAP)
        canvas[top:top + height, left:left + width] = image.repeat(factor, axis=0).repeat(factor, axis=1)
    return canvas


def _factor(rows: int, height: int, columns: int, width: int) -> int:
    tall = (_LARGEST_SIDE - (rows - 1) * GAP) // (rows * height)
    wide = (_LARGEST_SIDE - (columns - 1) * GAP) // (columns * width)
    return max(1, min(tall, wide))


def write_png(path, image: np.ndarray) -> None:
    """Writes uint8 [H, W], [H, W, 1] or [H, W, 3] to a file that appears whole or not at all."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    with replacing(path) as temporary:
        Image.fromarray(image).save(temporary, format="PNG")


@contextlib.contextmanager
def replacing(path):
    """Yields a temporary path beside `path`; the file written there takes its place if the body succeeds."""
    folder, name = os.path.split(os.path.realpath(path))
    temporary = os.path.join(folder, f".{os.getpid()}-{name}")
    try:
        yield temporary
        os.replace(temporary, os.path.join(folder, name))
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
