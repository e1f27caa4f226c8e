"""How a builder lets the class of an image into its networks.

The generator (Mirza and Osindero 2014, arXiv:1411.1784): the one-hot label, or a learned embedding of it, beside the
noise; and, if wanted, batch norm with a scale and an offset of each class. The discriminator: the label beside its
input (the same paper), or, if the builder says that it `projects`, with the score (Miyato and Koyama 2018,
arXiv:1802.05637). Where it has to name the class it is not told (Odena et al. 2017, arXiv:1610.09585).
"""

from collections.abc import Callable
from typing import NamedTuple

import keras

from gan_zoo.errors import UserError, check_choice, check_count
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization


class Label(NamedTuple):
    """One-hot classes [B, K]: those that the generator is asked for, and those that the discriminator is told.

    None where there are no classes, or where the discriminator isn't told.
    """

    wanted: keras.KerasTensor | None = None
    told: keras.KerasTensor | None = None


def beside_noise(noise, label: Label, embedding: int | None = None) -> keras.KerasTensor:
    """Noise [B, Z] and, if there are classes, the one-hot label, or `embedding` learned numbers of it, beside it."""
    if embedding is not None:
        check_count("label_embedding", embedding)
        _check_conditional("label_embedding", label)
    if label.wanted is None:
        return noise
    vector = label.wanted
    if embedding is not None:
        vector = keras.layers.Dense(embedding, use_bias=False, name="label_embedding",
                                    kernel_initializer=keras.initializers.RandomNormal(stddev=1))(vector)
    return keras.layers.Concatenate(name="noise_and_label")([noise, vector])


def normalization(label: Label, conditional: bool) -> Callable:
    """(x, **settings) → x normalized over the batch; if `conditional`, with a scale and an offset of each class."""
    check_choice("conditional_norm", conditional, [True, False])
    if not conditional:
        return lambda x, **settings: BatchNormalization(**settings)(x)
    _check_conditional("conditional_norm", label)
    return lambda x, **settings: ConditionalBatchNormalization(**settings)([x, label.wanted])


def flat(images, label: Label) -> keras.KerasTensor:
    """Pixels, and the label if the discriminator is told it, side by side: [B, H·W·C + K]."""
    x = keras.layers.Flatten()(images)
    return x if label.told is None else keras.layers.Concatenate(name="pixels_and_label")([x, label.told])


def _check_conditional(argument: str, label: Label) -> None:
    if label.wanted is None:
        raise UserError(f"{argument} is of class-conditional games: set --conditional, or leave it out")
