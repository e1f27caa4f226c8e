"""How networks are told the class of an image, or are made to name it.

The generator (Mirza and Osindero 2014, arXiv:1411.1784): the one-hot label, or a learned embedding of it, beside the
noise; and, if wanted, batch norm with a scale and an offset of each class. The discriminator: the label beside its
input (the same paper), or a projection (Miyato and Koyama 2018, arXiv:1802.05637); or a classifier on its features,
and then it is not told (Odena et al. 2017, arXiv:1610.09585).
"""

from collections.abc import Callable
from typing import NamedTuple

import keras

from gan_zoo.errors import UserError, check_choice, check_count
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization, SplitLabel
from gan_zoo.models.base import full_precision


class Labels(NamedTuple):
    """What a game has of labels: `num_classes`, 0 for none; `classified`: the discriminator has to name them."""

    num_classes: int = 0
    classified: bool = False

    @property
    def told(self) -> int:
        """The classes that the discriminator is told of, 0 if it isn't."""
        return 0 if self.classified else self.num_classes


UNCONDITIONAL = Labels()


class GeneratorInput(NamedTuple):
    """points: the network's input [B, Z]. x: what its first layer sees. labels: one-hot [B, K], or None."""

    points: keras.KerasTensor
    x: keras.KerasTensor
    labels: keras.KerasTensor | None


def generator_input(latent_size: int, labels: Labels, embedding: int | None) -> GeneratorInput:
    """embedding: the size of a learned vector for each class in place of the one-hot label; None: none."""
    if embedding is not None:
        check_count("label_embedding", embedding)
        _check_conditional("label_embedding", labels.num_classes)
    points = keras.Input([latent_size], name="noise")
    if not labels.num_classes:
        return GeneratorInput(points, points, None)
    noise, one_hot = SplitLabel(labels.num_classes, name="split_label")(points)
    if embedding is None:
        return GeneratorInput(points, points, one_hot)
    vector = keras.layers.Dense(embedding, use_bias=False, kernel_initializer=keras.initializers.RandomNormal(stddev=1),
                                name="label_embedding")(one_hot)
    return GeneratorInput(points, keras.layers.Concatenate(name="noise_and_label")([noise, vector]), one_hot)


def normalization(labels, conditional: bool) -> Callable:
    """(x, **settings) → x normalized over the batch; if `conditional`, with a scale and an offset of each class.

    labels: one-hot [B, K], or None, with which UserError if `conditional`.
    """
    check_choice("conditional_norm", conditional, [True, False])
    if not conditional:
        return lambda x, **settings: BatchNormalization(**settings)(x)
    _check_conditional("conditional_norm", labels is not None)
    return lambda x, **settings: ConditionalBatchNormalization(**settings)([x, labels])


def _check_conditional(argument: str, conditional) -> None:
    if not conditional:
        raise UserError(f"{argument} is of class-conditional games: set --conditional, or leave it out")


class DiscriminatorInput(NamedTuple):
    """images: the input [B, H, W, C]. labels: one-hot [B, K], or None if the discriminator is not told."""

    images: keras.KerasTensor
    labels: keras.KerasTensor | None

    @property
    def all(self):
        """What the network is made from: the images, or the images and the labels."""
        return self.images if self.labels is None else [self.images, self.labels]

    def flat(self) -> keras.KerasTensor:
        """Pixels, and labels if there are any, side by side: [B, H·W·C + K]."""
        x = keras.layers.Flatten()(self.images)
        return x if self.labels is None else keras.layers.Concatenate(name="pixels_and_label")([x, self.labels])

    def projected(self, score, features):
        """The score [B, 1], and ⟨v_y, features [B, F]⟩ with a vector for each class added to it if it is told."""
        if self.labels is None:
            return score
        of_class = keras.layers.Dense(features.shape[-1], use_bias=False, name="projection")(self.labels)
        return keras.layers.Add()([score, keras.layers.Dot(-1)([of_class, features])])


def discriminator_input(image_shape, labels: Labels) -> DiscriminatorInput:
    one_hot = keras.Input([labels.told], name="labels") if labels.told else None
    return DiscriminatorInput(keras.Input(image_shape, name="images"), one_hot)


def classifier(images, features, labels: Labels) -> keras.Model | None:
    """Logits [B, K] from the discriminator's last features [B, F]; None if it has not to name classes."""
    if not labels.classified:
        return None
    logits = keras.layers.Dense(labels.num_classes, name="classifier")(features)
    return keras.Model(images, full_precision("logits")(logits), name="classifier")


def check_features_untold(labels: Labels, code_parameters: int) -> None:
    """UserError if codes would be recognized from features that know the label, which is not in the image."""
    if labels.told and code_parameters:
        raise UserError("its discriminator sees the label beside the pixels, so it can't recognize codes from the "
                        "image alone: let it name the label, with --objective='… + auxiliary_classifier', or take "
                        "--model=dcgan")
