"""Mirror images."""

import tensorflow as tf

from gan_zoo.augmentation.base import augmentations


@augmentations.register("flip")
def flip():
    """Left and right change places, with probability ½."""
    def flipped(images, value_range, random):
        # The older `where` takes whole images by a vector of conditions, which is faster than to broadcast.
        return tf.compat.v1.where(random.uniform("flip") < 0.5, tf.reverse(images, [2]), images)

    return flipped
