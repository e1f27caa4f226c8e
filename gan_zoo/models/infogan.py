"""The networks of InfoGAN on MNIST (Chen et al. 2016, arXiv:1606.03657, and the authors' code)."""

import keras

from gan_zoo.errors import UserError, check_number
from gan_zoo.game import GAN
from gan_zoo.layers import BatchNormalization, GaussianNoise
from gan_zoo.models.base import activation, full_precision, models, recognizer, value_range

_SHRINK = 4  # two stride-2 convolutions
_CHANNELS, _UNITS, _HEAD_UNITS = (64, 128), 1024, 128
_NORM = {"momentum": 0.9, "epsilon": 1e-5}


@models.register("infogan")
def infogan(image_shape, latent_size, code_parameters=0, width=1.0, slope=0.01, init=0.02, instance_noise=0.0,
            output="sigmoid") -> GAN:
    """Convolutional GAN whose discriminator and recognizer share all but their last layers.

    width: the factor on all numbers of channels and units, 1 is the paper's. slope: of the leaky ReLUs below zero.
    init: kernels are N(0, init²). instance_noise: stddev, in [0, 1] and in the pixels' unit, of the Gaussian noise
    on all images, real and generated, that D and Q see in training (Sønderby et al. 2017, arXiv:1610.04490).
    output: "sigmoid" (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]).

    G: FC 1024 → FC H/4·W/4·128 → 4×4 stride-2 upconv 64, each with batch norm and ReLU → 4×4 stride-2 upconv C.
    Trunk: 4×4 stride-2 conv 64, lReLU → 4×4 stride-2 conv 128 → FC 1024, each with batch norm and lReLU.
    D: FC 1. Q: FC 128, batch norm, lReLU → FC. H and W are multiples of 4. Without codes there is no Q.
    """
    check_number("width", width, above=0)
    check_number("init", init, above=0)
    check_number("instance_noise", instance_noise, least=0, most=1)
    height, across, _ = image_shape
    if height % _SHRINK or across % _SHRINK:
        near = max(_SHRINK, round(height / _SHRINK) * _SHRINK)
        way_out = (f"set --image_size={near}" if max(height, across) > 1
                   else "for points use --model='mlp(output=\"linear\")'")
        raise UserError(f"infogan makes images whose sides are multiples of {_SHRINK}, not {height} × {across}: "
                        f"{way_out}")
    build = _Builder(width, slope, init)
    generator = _generator(build, image_shape, latent_size, output)
    judges = _judges(build, image_shape, code_parameters, instance_noise)
    return GAN(generator, *judges, value_range=value_range(output))


class _Builder:
    """The layers, with the widths and initial weights that all of them share."""

    def __init__(self, width: float, slope: float, init: float):
        self._width, self._slope, self._init = width, slope, init

    def scaled(self, count: int) -> int:
        return max(1, round(count * self._width))

    def kernel(self) -> keras.initializers.Initializer:
        return keras.initializers.RandomNormal(stddev=self._init)

    def dense(self, x, units: int, name: str, bias=True):
        return keras.layers.Dense(units, use_bias=bias, kernel_initializer=self.kernel(), name=name)(x)

    def convolution(self, x, filters: int, name: str, bias=True, kind=keras.layers.Conv2D):
        return kind(filters, 4, strides=2, padding="same", use_bias=bias, kernel_initializer=self.kernel(),
                    name=name)(x)

    def normalized(self, x, name: str, hidden="relu"):
        return activation(hidden, self._slope)(BatchNormalization(**_NORM, name=f"{name}_norm")(x))

    def leaky(self, x):
        return activation("leaky_relu", self._slope)(x)


def _generator(build: _Builder, image_shape, latent_size, output) -> keras.Model:
    height, across, channels = image_shape
    low, high = map(build.scaled, _CHANNELS)
    noise = keras.Input([latent_size], name="noise")
    x = build.normalized(build.dense(noise, build.scaled(_UNITS), "dense_1", bias=False), "dense_1")
    size = [height // _SHRINK, across // _SHRINK, high]
    x = build.normalized(build.dense(x, size[0] * size[1] * high, "dense_2", bias=False), "dense_2")
    x = keras.layers.Reshape(size)(x)
    x = build.convolution(x, low, "upconv_1", bias=False, kind=keras.layers.Conv2DTranspose)
    x = build.normalized(x, "upconv_1")
    x = build.convolution(x, channels, "upconv_2", kind=keras.layers.Conv2DTranspose)
    return keras.Model(noise, full_precision("images", output)(x), name="generator")


def _judges(build: _Builder, image_shape, code_parameters, instance_noise) -> tuple[keras.Model, keras.Model | None]:
    """The discriminator, and the recognizer or None."""
    low, high = map(build.scaled, _CHANNELS)
    images = keras.Input(image_shape, name="images")
    x = GaussianNoise(instance_noise, name="instance_noise")(images) if instance_noise else images
    x = build.leaky(build.convolution(x, low, "conv_1"))
    x = build.normalized(build.convolution(x, high, "conv_2", bias=False), "conv_2", "leaky_relu")
    x = build.dense(keras.layers.Flatten()(x), build.scaled(_UNITS), "dense_1", bias=False)
    features = build.normalized(x, "dense_1", "leaky_relu")
    score = full_precision("score")(build.dense(features, 1, "dense_2"))
    head = recognizer(images, features, code_parameters, build.scaled(_HEAD_UNITS), build.kernel)
    return keras.Model(images, score, name="discriminator"), head
