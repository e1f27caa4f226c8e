"""Decoded images of any shape and kind, as tensors, to square uint8 ones."""

import tensorflow as tf


def fit(image: tf.Tensor, shape: tuple[int, int, int], how: str = "crop") -> tf.Tensor:
    """Images […, h, w, c] as squares, resized (antialiased) to uint8 […, *shape].

    how: "crop" takes the central square, "pad" puts black beside the image or above and below, "stretch" makes both
    sides equal. 16-bit values are scaled to 8 bits, floats from [0, 1]; transparent parts become white.
    """
    image = _channels(tf.image.convert_image_dtype(image, tf.uint8, saturate=True), shape[-1])
    if image.shape[-3:] == shape:
        return image
    return _SQUARES[how](image, shape[0])


def _cropped(image: tf.Tensor, side: int) -> tf.Tensor:
    size = tf.shape(image)[-3:]
    shorter = tf.minimum(size[0], size[1])
    top, left = (size[0] - shorter) // 2, (size[1] - shorter) // 2
    return _stretched(image[..., top:top + shorter, left:left + shorter, :], side)


def _padded(image: tf.Tensor, side: int) -> tf.Tensor:
    sides = tf.cast(tf.shape(image)[-3:-1], tf.float32)
    within = tf.maximum(tf.cast(tf.round(sides * (side / tf.reduce_max(sides))), tf.int32), 1)
    offset = (side - within) // 2
    small = _resized(image, within)
    return tf.image.pad_to_bounding_box(small, offset[0], offset[1], side, side)


def _stretched(image: tf.Tensor, side: int) -> tf.Tensor:
    return _resized(image, (side, side))


_SQUARES = {"crop": _cropped, "pad": _padded, "stretch": _stretched}  # by --fit


def _resized(image: tf.Tensor, sides) -> tf.Tensor:
    return _eight_bits(tf.image.resize(image, sides, "lanczos3", antialias=True))


def _eight_bits(values: tf.Tensor) -> tf.Tensor:
    return tf.saturate_cast(tf.round(values), tf.uint8)


def _channels(image: tf.Tensor, channels: int) -> tf.Tensor:
    """uint8 […, h, w, 1 … 4] as `channels` channels, with transparent parts white."""
    if image.shape[-1] is None:
        image = _colour(image)
    if image.shape[-1] in (2, 4):
        opacity = tf.cast(image[..., -1:], tf.float32) / 255
        image = _eight_bits(255 + opacity * (tf.cast(image[..., :-1], tf.float32) - 255))
    if image.shape[-1] == channels:
        return image
    return tf.image.rgb_to_grayscale(image) if channels == 1 else tf.repeat(image, 3, axis=-1)


def _colour(image: tf.Tensor) -> tf.Tensor:
    """[h, w, 1 … 4] of unknown channel count as [h, w, 3]."""
    count = tf.shape(image)[-1]
    image = tf.cond(count < 3, lambda: tf.repeat(image[..., :1], 3, axis=-1), lambda: image[..., :3])
    return tf.ensure_shape(image, (None, None, 3))
