"""DiffAugment (Zhao et al. 2020, arXiv:2006.10738), as in the authors' code for TensorFlow.

There pixels lie in [−1, 1] and what is shifted in or cut out becomes 0; here that is the middle of the value range.
"""

import tensorflow as tf

from gan_zoo.augmentation.base import augmentations, per_image
from gan_zoo.errors import check_number


@augmentations.register("color")
def color():
    """DiffAugment's brightness, saturation and contrast, in this order.

    Brightness: + U(−½, ½) of half the value range. Saturation: × U(0, 2) about the pixel's mean over the channels,
    which leaves grey images alone. Contrast: × U(½, 1½) about the image's mean.
    """
    def colored(images, value_range, random):
        low, high = value_range
        b, s, c = (per_image(random.uniform(name), images) for name in ("brightness", "saturation", "contrast"))
        offset, saturation, contrast = (b - 0.5) * ((high - low) / 2), 2 * s, c + 0.5
        of_image = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
        added = (1 - contrast) * of_image + offset
        if images.shape[-1] == 1:
            return contrast * images + added
        of_pixel = tf.reduce_mean(images, axis=3, keepdims=True)
        # The three steps in one: brightness moves both means alike, and saturation moves neither.
        return contrast * saturation * images + (contrast * (1 - saturation) * of_pixel + added)

    return colored


@augmentations.register("translate")
def translate(ratio=0.125):
    """DiffAugment's translation by whole pixels, at most `ratio` (in (0, 1)) of each side, rounded down."""
    check_number("ratio", ratio, above=0, below=1)

    def translated(images, value_range, random):
        _, *sides, _ = images.shape
        shifts = _below([2 * int(side * ratio) + 1 for side in sides], random.uniform("translate", (2,)))
        shifts -= [int(side * ratio) for side in sides]
        inside = tf.cast(_source(sides, shifts)[1][..., None], images.dtype)
        return _shifted(images, shifts) + (1 - inside) * _middle(value_range)

    return translated


@augmentations.register("cutout")
def cutout(ratio=0.5):
    """DiffAugment's cutout: a rectangle of `ratio` (in (0, 1]) of each side, centred anywhere in the image."""
    check_number("ratio", ratio, above=0, most=1)

    def cut(images, value_range, random):
        _, *sides, _ = images.shape
        sizes = [int(side * ratio) for side in sides]
        centres = _below([side + 1 - size % 2 for side, size in zip(sides, sizes, strict=True)],
                         random.uniform("cutout", (2,)))
        rows, columns = (_covered(side, size, centres[:, axis, None])
                         for axis, (side, size) in enumerate(zip(sides, sizes, strict=True)))
        hole = tf.cast((rows[:, :, None] & columns[:, None, :])[..., None], images.dtype)
        return images * (1 - hole) + hole * _middle(value_range)

    return cut


def _middle(value_range) -> float:
    low, high = value_range
    return (low + high) / 2


def _below(counts: list[int], uniform: tf.Tensor) -> tf.Tensor:
    """U[0, 1) [B, n] → whole numbers, int32 [B, n], of 0 … counts[i] − 1 in column i."""
    return tf.cast(uniform * tf.constant(counts, uniform.dtype), tf.int32)


def _covered(side: int, size: int, centre: tf.Tensor) -> tf.Tensor:
    """bool [B, side]: the `size` places about centre [B, 1]."""
    places = tf.range(side) - (centre - size // 2)
    return (places >= 0) & (places < size)


@tf.custom_gradient
def _shifted(images: tf.Tensor, shifts: tf.Tensor) -> tuple:
    """y[i, j] = x[i + shifts[0], j + shifts[1]] for images [B, H, W, C] and int32 [B, 2]; 0 where x has no such pixel.

    The gradient is the shift back: a gather too, and much cheaper than the scatter that would be derived.
    """
    channels = images.shape[-1]
    index, inside = _source(images.shape[1:3], shifts)
    pixels = tf.gather(tf.reshape(images, [-1, channels]), index)
    return pixels * tf.cast(inside[..., None], images.dtype), lambda upstream: (_shifted(upstream, -shifts), None)


def _source(sides, shifts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where each pixel comes from: its index among the pixels of all images, clipped to its image; whether it is there.

    Both [B, H, W].
    """
    height, width = sides
    rows = tf.range(height) + shifts[:, :1]
    columns = tf.range(width) + shifts[:, 1:]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    first = tf.range(tf.shape(shifts)[0])[:, None] * height + tf.clip_by_value(rows, 0, height - 1)
    return first[:, :, None] * width + tf.clip_by_value(columns, 0, width - 1)[:, None, :], inside
