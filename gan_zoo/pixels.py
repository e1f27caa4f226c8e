"""Pixels: between value ranges and bytes."""

import tensorflow as tf


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
