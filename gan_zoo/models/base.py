"""The registry of models and what their builders share."""

import math

import keras

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.layers import BatchNormalization
from gan_zoo.registry import Registry

# A builder gets image_shape (H, W, C) and latent_size Z from the program, the rest from the spec. One that can carry
# codes also takes code_parameters: how many numbers its recognizer has to emit, 0 for none. One that can be conditional
# takes labels: conditioning.Labels.
models = Registry("model", context=("image_shape", "latent_size", "code_parameters", "labels"))

_RECOGNIZER_WIDTH, _RECOGNIZER_SLOPE, _RECOGNIZER_MOMENTUM = 128, 0.01, 0.9

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


def recognizer(images, features, code_parameters: int, width: int = _RECOGNIZER_WIDTH,
               kernel=keras.initializers.GlorotUniform) -> keras.Model | None:
    """Q on the discriminator's last features [B, F]: FC, batch norm, leaky ReLU, FC; None for no parameters.

    images: the discriminator's input. code_parameters: how many numbers it emits. width: of its hidden layer, 128
    in InfoGAN (Chen et al. 2016, arXiv:1606.03657), with slope 0.01 in the authors' code. kernel: makes initializers.
    """
    if not code_parameters:
        return None
    x = keras.layers.Dense(width, use_bias=False, kernel_initializer=kernel(), name="recognizer_dense")(features)
    x = BatchNormalization(momentum=_RECOGNIZER_MOMENTUM, name="recognizer_norm")(x)
    x = activation("leaky_relu", _RECOGNIZER_SLOPE)(x)
    x = keras.layers.Dense(code_parameters, kernel_initializer=kernel(), name="recognizer_out")(x)
    return keras.Model(images, full_precision("parameters")(x), name="recognizer")
