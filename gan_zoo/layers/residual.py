"""The residual blocks of SNGAN (Miyato et al. 2018, arXiv:1802.05957, appendix B.4, and the authors' code)."""

from collections.abc import Callable

import keras

_RESIDUAL_VARIANCE = 2.0  # times that of Glorot's initial weights, in a block's 3 × 3 convolutions


def convolution(filters: int, size: int, name: str, scale: float = 1.0, bias: bool = True) -> keras.layers.Conv2D:
    """Padded; kernels are uniform with `scale` times the variance of Glorot and Bengio (2010)."""
    kernel = keras.initializers.VarianceScaling(scale, "fan_avg", "uniform")
    return keras.layers.Conv2D(filters, size, padding="same", use_bias=bias, kernel_initializer=kernel, name=name)


def upsampled(x, size: tuple[int, int], name: str) -> keras.KerasTensor:
    """Each pixel repeated, [B, H, W, C] → [B, *size, C]; a size of 2H − 1 or 2W − 1 leaves out the last."""
    x = keras.layers.UpSampling2D(2, name=name)(x)
    cut = [(0, made - wanted) for made, wanted in zip(x.shape[1:3], size, strict=True)]
    return keras.layers.Cropping2D(cut, name=f"{name}_cut")(x) if any(end for _, end in cut) else x


def halved(x, name: str) -> keras.KerasTensor:
    """The mean of 2 × 2 pixels, at odd ends of what there is: [B, H, W, C] → [B, ⌈H / 2⌉, ⌈W / 2⌉, C]."""
    return keras.layers.AveragePooling2D(2, padding="same", name=name)(x)


def up_block(x, filters: int, size: tuple[int, int], norm: Callable, name: str) -> keras.KerasTensor:
    """Of a generator: [B, H, W, C] → [B, *size, filters].

    norm, ReLU, ×2, 3×3 conv, norm, ReLU, 3×3 conv; beside it ×2, 1×1 conv. norm: (x, name=…) → x normalized over the
    batch, which has to follow the last block too: it takes a bias away again, so that there is none.
    """
    y = keras.layers.ReLU(name=f"{name}_relu_1")(norm(x, name=f"{name}_norm_1"))
    y = convolution(filters, 3, f"{name}_conv_1", _RESIDUAL_VARIANCE, bias=False)(
        upsampled(y, size, f"{name}_upsampling"))
    y = keras.layers.ReLU(name=f"{name}_relu_2")(norm(y, name=f"{name}_norm_2"))
    y = convolution(filters, 3, f"{name}_conv_2", _RESIDUAL_VARIANCE, bias=False)(y)
    # A 1 × 1 convolution and the repeating of pixels may change places: this way it sees a quarter of them.
    beside = convolution(filters, 1, f"{name}_beside", bias=False)(x)
    beside = upsampled(beside, size, f"{name}_upsampling_beside")
    return keras.layers.Add(name=name)([y, beside])


def down_block(x, filters: int, name: str, first: bool = False) -> keras.KerasTensor:
    """Of a discriminator: [B, H, W, C] → [B, ⌈H / 2⌉, ⌈W / 2⌉, filters].

    ReLU, 3×3 conv, ReLU, 3×3 conv, mean of 2×2; beside it 1×1 conv, mean of 2×2. first: without a ReLU on the images.
    """
    y = halved(_branch(x, filters, name, first), f"{name}_pooling")
    # The mean and a 1 × 1 convolution may change places likewise.
    beside = convolution(filters, 1, f"{name}_beside")(halved(x, f"{name}_pooling_beside"))
    return keras.layers.Add(name=name)([y, beside])


def plain_block(x, filters: int, name: str) -> keras.KerasTensor:
    """Of a discriminator, without pooling: [B, H, W, C] → [B, H, W, filters]; from as many channels x is added."""
    beside = x if x.shape[-1] == filters else convolution(filters, 1, f"{name}_beside")(x)
    return keras.layers.Add(name=name)([_branch(x, filters, name), beside])


def _branch(x, filters: int, name: str, first: bool = False) -> keras.KerasTensor:
    if not first:
        x = keras.layers.ReLU(name=f"{name}_relu_1")(x)
    x = convolution(filters, 3, f"{name}_conv_1", _RESIDUAL_VARIANCE)(x)
    x = keras.layers.ReLU(name=f"{name}_relu_2")(x)
    return convolution(filters, 3, f"{name}_conv_2", _RESIDUAL_VARIANCE)(x)
