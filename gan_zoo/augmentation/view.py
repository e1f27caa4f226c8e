"""The one place where what the discriminator sees is changed, real and generated images alike."""

from typing import NamedTuple

import keras
import tensorflow as tf

from gan_zoo import randomness, schedules
from gan_zoo.augmentation.base import Augmentation
from gan_zoo.game import Random, View
from gan_zoo.schedules import Schedule


class Sight(NamedTuple):
    """What is done to images before the discriminator sees them, in this order.

    augmentation: random changes, differentiable (Zhao et al. 2020, arXiv:2006.10738), or None. noise: the standard
    deviation of Gaussian noise, in the pixels' unit (Sønderby et al. 2017, arXiv:1610.04490), or None. packing: how
    many images are put side by side in channels, for one score (Lin et al. 2018, arXiv:1712.04086).
    """

    augmentation: Augmentation | None = None
    noise: Schedule | None = None
    packing: int = 1

    def of(self, value_range: tuple[float, float] | None, total: int) -> View | None:
        """The view of images in a value range, in a run of `total` rounds; None if they are seen as they are."""
        if self == Sight():
            return None

        def view(images: tf.Tensor, random: Random, step: tf.Tensor) -> tf.Tensor:
            if self.augmentation is not None and value_range is not None:
                images = self.augmentation(images, value_range, random)
            if self.noise is not None:
                images = noisy(images, schedules.at(self.noise, step, total))
            return packed(images, self.packing) if self.packing > 1 else images

        return view


def noisy(images: tf.Tensor, stddev: tf.Tensor) -> tf.Tensor:
    """Images [B, …] with N(0, stddev²) on every number, of the forward pass's next stream."""
    images = tf.cast(images, keras.config.dtype_policy().compute_dtype)  # as a layer of the network would add it
    return images + tf.cast(stddev * randomness.layer_normal(images), images.dtype)


def packed(images: tf.Tensor, count: int) -> tf.Tensor:
    """Images [B, H, W, C], each `count` neighbours side by side in channels: [B / count, H, W, C · count]."""
    height, width, channels = images.shape[1:]
    groups = tf.reshape(images, [-1, count, height, width, channels])
    return tf.reshape(tf.transpose(groups, [0, 2, 3, 1, 4]), [-1, height, width, count * channels])
