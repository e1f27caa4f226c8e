"""The residual block of R3GAN (Huang et al. 2024, arXiv:2501.05441): ResNeXt's, without normalization."""

import math

import keras

from gan_zoo.errors import UserError
from gan_zoo.layers.grouped import GroupedConvolution

SLOPE = 0.2
EXPANSION = 2  # an inverted bottleneck: the middle is wider than the ends
_CONVOLUTIONS = 3


def scaled(gain: float) -> keras.initializers.Initializer:
    """N(0, gain² / fan_in), zeros for 0 (He et al. 2015, arXiv:1502.01852)."""
    if gain == 0:
        return keras.initializers.Zeros()
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")


def pointwise(filters: int, name: str, gain: float = 1.0, bias: bool = False) -> keras.layers.Conv2D:
    """A 1 × 1 convolution."""
    return keras.layers.Conv2D(filters, 1, use_bias=bias, kernel_initializer=scaled(gain), name=name)


def resnext_block(x, group_width: int, blocks: int, name: str, last_gain: float = 0.0) -> keras.KerasTensor:
    """x + conv 1×1 to twice the channels, lReLU, grouped conv 3×3, lReLU, conv 1×1: [B, H, W, C] → the same shape.

    group_width: channels a group; UserError if 2 C is no multiple. blocks: L, residual blocks of the whole network.
    Kernels of the first two are N(0, g² L^(−1/2) / fan_in), g² = 2 / (1 + slope²), of the last N(0, last_gain² /
    fan_in): with 0 the block begins as the identity (Fixup: Zhang et al. 2019, arXiv:1901.09321).
    """
    channels = x.shape[-1]
    middle = EXPANSION * channels
    if middle % group_width:
        raise UserError(f"group_width={group_width} must divide the {middle} channels in a block of {channels}: "
                        f"{_divisors(middle)}")
    gain = math.sqrt(2 / (1 + SLOPE**2)) * blocks ** (-1 / (2 * _CONVOLUTIONS - 2))
    y = pointwise(middle, f"{name}_conv_1", gain, bias=True)(x)
    y = keras.layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_lrelu_1")(y)
    y = GroupedConvolution(middle, 3, padding="same", groups=middle // group_width, kernel_initializer=scaled(gain),
                           name=f"{name}_conv_2")(y)
    y = keras.layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_lrelu_2")(y)
    y = pointwise(channels, f"{name}_conv_3", last_gain)(y)
    return keras.layers.Add(name=name)([x, y])


def _divisors(number: int) -> str:
    return ", ".join(str(each) for each in range(1, number + 1) if number % each == 0)
