"""The registry of models and what their builders share."""

import math
from collections.abc import Callable
from typing import NamedTuple

import keras

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.registry import Registry

# A builder gets from the program what it takes of these, as Keras tensors, and the rest from the spec:
#   image_shape   (H, W, C) of the images to be generated
#   noise         [B, Z]; of a class-conditional game with the class one-hot beside it, unless the builder takes `label`
#   images        [B, H, W, C · packing], what the discriminator sees
#   label         conditioning.Label: for a builder that lets the class in by itself
models = Registry("model", context=("image_shape", "noise", "images", "label"))


class Networks(NamedTuple):
    """What a builder returns, as Keras tensors: a generator and the discriminator's body. The zoo puts the heads on.

    generated: images [B, H, W, C] from the noise, through full_precision. features: [B, F] from the images, flat.
    value_range: of generated pixels, None for points. projects: whether the class enters with the score, by
    projection (arXiv:1802.05637), and not in the features; only asked if the builder takes `label`. score: the last
    layer, a Dense(1). recognizer_width, recognizer_kernel: the hidden layer of a recognizer, if the latent has
    codes, 128 in InfoGAN (Chen et al. 2016, arXiv:1606.03657), and the initializers of its two.
    """

    generated: keras.KerasTensor
    features: keras.KerasTensor
    value_range: tuple[float, float] | None = (-1.0, 1.0)
    projects: bool = False
    score: keras.layers.Dense | None = None
    recognizer_width: int = 128
    recognizer_kernel: Callable[[], keras.initializers.Initializer] = keras.initializers.GlorotUniform


_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "linear": (-1.0, 1.0)}


def value_range(output: str) -> tuple[float, float]:
    """The pixel range that goes with a generator's last activation: sigmoid, tanh or linear."""
    return _RANGES[check_choice("output", output, _RANGES)]


def activation(name: str, slope: float = 0.2) -> keras.layers.Layer:
    """A new activation layer; `slope` is that of leaky_relu below zero."""
    if name == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=check_number("slope", slope, least=0, below=1))
    try:
        return keras.layers.Activation(keras.activations.get(name))
    except (ValueError, TypeError):
        raise UserError(f"unknown activation {name!r}: relu, leaky_relu, elu, tanh, … of Keras") from None


def full_precision(name: str, function: str = "linear") -> keras.layers.Layer:
    """The last layer of a network: keeps images and scores out of the half precisions."""
    check_choice("output", function, _RANGES)
    return keras.layers.Activation(function, dtype=keras.config.floatx(), name=name)


def uniform(limit: float) -> keras.initializers.Initializer:
    """A new initializer U(−limit, limit)."""
    return keras.initializers.RandomUniform(-limit, limit)


def check_widths(name: str, widths, least: int = 1) -> list[int]:
    """Hidden widths, `least` of them or more, as a list; UserError, naming the argument, if they are no such."""
    if not isinstance(widths, (list, tuple)) or len(widths) < least:
        raise UserError(f"{name} must be a list of widths, got {widths!r}")
    return [check_count(f"a width of {name}", width) for width in widths]


def pixels(image_shape) -> int:
    return math.prod(image_shape)
