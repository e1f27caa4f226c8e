"""Decoded images of any shape and kind, as tensors, to square uint8 ones."""

import tensorflow as tf


def fit(image: tf.Tensor, shape: tuple[int, int, int]) -> tf.Tensor:
    """The central squares of images […, h, w, c], resized (antialiased) to uint8 […, *shape].

    16-bit values are scaled to 8 bits, floats from [0, 1]; transparent parts become white.
    """
    image = _channels(tf.image.convert_image_dtype(image, tf.uint8, saturate=True), shape[-1])
    if image.shape[-3:] == shape:
        return image
    size = tf.shape(image)[-3:]
    side = tf.minimum(size[0], size[1])
    top, left = (size[0] - side) // 2, (size[1] - side) // 2
    square = image[..., top:top + side, left:left + side, :]
    return _eight_bits(tf.image.resize(square, shape[:2], "lanczos3", antialias=True))


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
