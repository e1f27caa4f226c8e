"""The networks of InfoGAN on MNIST (Chen et al. 2016, arXiv:1606.03657, and the authors' code)."""

import keras

from gan_zoo.errors import UserError, check_number
from gan_zoo.layers import BatchNormalization
from gan_zoo.models.base import Networks, activation, full_precision, models, value_range

_SHRINK = 4  # two stride-2 convolutions
_CHANNELS, _UNITS, _HEAD_UNITS = (64, 128), 1024, 128
_NORM = {"momentum": 0.9, "epsilon": 1e-5}


@models.register("infogan")
def infogan(image_shape, noise, images, width=1.0, slope=0.01, init=0.02, output="sigmoid") -> Networks:
    """Convolutional GAN whose discriminator and recognizer share all but their last layers.

    width: the factor on all numbers of channels and units, 1 is the paper's. slope: of the leaky ReLUs below zero.
    init: kernels are N(0, init²). output: "sigmoid" (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]).

    G: FC 1024 → FC H/4·W/4·128 → 4×4 stride-2 upconv 64, each with batch norm and ReLU → 4×4 stride-2 upconv C.
    Trunk: 4×4 stride-2 conv 64, lReLU → 4×4 stride-2 conv 128 → FC 1024, each with batch norm and lReLU.
    D: FC 1. Q: FC 128, batch norm, lReLU → FC. H and W are multiples of 4. Without codes there is no Q.
    """
    check_number("width", width, above=0)
    check_number("init", init, above=0)
    height, across, _ = image_shape
    if height % _SHRINK or across % _SHRINK:
        near = max(_SHRINK, round(height / _SHRINK) * _SHRINK)
        way_out = (f"set --image_size={near}" if max(height, across) > 1
                   else "for points use --model='mlp(output=\"linear\")'")
        raise UserError(f"infogan makes images whose sides are multiples of {_SHRINK}, not {height} × {across}: "
                        f"{way_out}")
    build = _Builder(width, slope, init)
    generated = _generated(build, image_shape, noise, output)
    features = _features(build, images)
    return Networks(generated, features, value_range(output), score=build.layer(1, "dense_2"),
                    recognizer_width=build.scaled(_HEAD_UNITS), recognizer_kernel=build.kernel)


class _Builder:
    """The layers, with the widths and initial weights that all of them share."""

    def __init__(self, width: float, slope: float, init: float):
        self._width, self._slope, self._init = width, slope, init

    def scaled(self, count: int) -> int:
        return max(1, round(count * self._width))

    def kernel(self) -> keras.initializers.Initializer:
        return keras.initializers.RandomNormal(stddev=self._init)

    def layer(self, units: int, name: str, bias=True) -> keras.layers.Dense:
        return keras.layers.Dense(units, use_bias=bias, kernel_initializer=self.kernel(), name=name)

    def convolution(self, x, filters: int, name: str, bias=True, kind=keras.layers.Conv2D):
        return kind(filters, 4, strides=2, padding="same", use_bias=bias, kernel_initializer=self.kernel(),
                    name=name)(x)

    def normalized(self, x, name: str, hidden="relu"):
        return activation(hidden, self._slope)(BatchNormalization(**_NORM, name=f"{name}_norm")(x))

    def leaky(self, x):
        return activation("leaky_relu", self._slope)(x)


def _generated(build: _Builder, image_shape, noise, output) -> keras.KerasTensor:
    height, across, channels = image_shape
    low, high = map(build.scaled, _CHANNELS)
    x = build.normalized(build.layer(build.scaled(_UNITS), "dense_1", bias=False)(noise), "dense_1")
    size = [height // _SHRINK, across // _SHRINK, high]
    x = build.normalized(build.layer(size[0] * size[1] * high, "dense_2", bias=False)(x), "dense_2")
    x = keras.layers.Reshape(size)(x)
    x = build.convolution(x, low, "upconv_1", bias=False, kind=keras.layers.Conv2DTranspose)
    x = build.normalized(x, "upconv_1")
    x = build.convolution(x, channels, "upconv_2", kind=keras.layers.Conv2DTranspose)
    return full_precision("images", output)(x)


def _features(build: _Builder, images) -> keras.KerasTensor:
    low, high = map(build.scaled, _CHANNELS)
    # Noise on the images was a layer here, which drew one of the initial weights' seeds. It is drawn still, so that
    # measured runs, whose codes depend much on the seed, repeat to the bit.
    keras.random.SeedGenerator()
    x = build.leaky(build.convolution(images, low, "conv_1"))
    x = build.normalized(build.convolution(x, high, "conv_2", bias=False), "conv_2", "leaky_relu")
    x = build.layer(build.scaled(_UNITS), "dense_1", bias=False)(keras.layers.Flatten()(x))
    return build.normalized(x, "dense_1", "leaky_relu")
