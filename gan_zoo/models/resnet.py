"""Residual networks for images of 28 to 64 pixels, SNGAN's (Miyato et al. 2018, arXiv:1802.05957, tables 3 and 5)."""

import keras

from gan_zoo.errors import check_count
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization, MinibatchStddev
from gan_zoo.layers.residual import convolution, down_block, plain_block, up_block
from gan_zoo.models.base import Networks, full_precision, models, value_range
from gan_zoo.models.conditioning import Label
from gan_zoo.models.maps import check_sides, halvings

_LARGEST_FIRST = 7  # pixels a side of the generator's first map, at most: 4 for 32 pixels, 6 for 48, 7 for 28
_LARGEST_LAST = 8  # of the discriminator's last one
_PLAIN_BLOCKS = 2  # of the discriminator, on its last map
_NORM = {"momentum": 0.9, "epsilon": 2e-5}  # the authors' framework's


@models.register("resnet")
def resnet(image_shape, noise, images, label, width=128, output="tanh", minibatch_stddev=None) -> Networks:
    """Residual GAN (SNGAN's networks): batch norm in the generator alone, sum pooling in the discriminator.

    width: channels of the discriminator; the generator has twice as many. 128 is the paper's. output: "tanh", "linear"
    or "sigmoid". minibatch_stddev: the size of groups whose standard deviation the discriminator sees before its last
    block (arXiv:1710.10196), or None.

    At 32 × 32: G is 4·4·2w → three blocks ×2 of 2w (8, 16, 32) → BN, ReLU, 3×3 conv; D is two blocks ÷2 of w (16, 8)
    → two blocks of w → ReLU, sum over places → score. Sides from 8 to 64 are halved, rounding up, to at most 7 in G
    and to at most 8 in D: at 28 × 28 it is 7, 14, 28 and 14, 7. With classes the generator's batch norm has a scale
    and an offset of each, and the discriminator projects its features (Miyato and Koyama 2018, arXiv:1802.05637).
    """
    check_count("width", width)
    check_sides("resnet", image_shape)
    score = keras.layers.Dense(1, name="dense")
    return Networks(_generated(image_shape, noise, _norm(label), 2 * width, output),
                    _features(images, width, minibatch_stddev), value_range(output), projects=True, score=score)


def _norm(label: Label):
    """(x, name=…) → x normalized, by class if there are classes."""
    if label.wanted is None:
        return lambda x, name: BatchNormalization(**_NORM, name=name)(x)
    return lambda x, name: ConditionalBatchNormalization(**_NORM, name=name)([x, label.wanted])


def _generated(image_shape, noise, norm, filters, output) -> keras.KerasTensor:
    first, *following = reversed(halvings(image_shape, _LARGEST_FIRST))
    x = keras.layers.Dense(first[0] * first[1] * filters, name="dense")(noise)
    x = keras.layers.Reshape([*first, filters])(x)
    for index, size in enumerate(following, 1):
        x = up_block(x, filters, size, norm, f"block_{index}")
    x = keras.layers.ReLU(name="relu_out")(norm(x, name="norm_out"))
    return full_precision("images", output)(convolution(image_shape[-1], 3, "conv_out")(x))


def _features(images, width, minibatch_stddev) -> keras.KerasTensor:
    x, halved = images, len(halvings(images.shape[1:], _LARGEST_LAST)) - 1
    for index in range(1, halved + 1):
        x = down_block(x, width, f"block_{index}", first=index == 1)
    for index in range(halved + 1, halved + _PLAIN_BLOCKS + 1):
        if minibatch_stddev is not None and index == halved + _PLAIN_BLOCKS:
            x = MinibatchStddev(minibatch_stddev, name="minibatch_stddev")(x)
        x = plain_block(x, width, f"block_{index}")
    x = keras.layers.ReLU(name="relu_out")(x)
    places = x.shape[1] * x.shape[2]
    return keras.layers.Rescaling(places, name="sum")(keras.layers.GlobalAveragePooling2D(name="mean")(x))
