"""What is said of a discriminator's features: the score, the codes, the class."""

import keras

from gan_zoo.layers import BatchNormalization, OneHot
from gan_zoo.models.base import Networks, activation, full_precision

_RECOGNIZER_SLOPE, _RECOGNIZER_MOMENTUM = 0.01, 0.9  # of the InfoGAN authors' code


def score(networks: Networks, projected_classes: int) -> keras.Model:
    """Features [B, F] → the raw score [B, 1], to which ⟨v_y, features⟩ is added if there are classes to project.

    With projected_classes (K above 0) it is [features, classes int32 [B]] → the score, with a vector v_y for each
    class (Miyato and Koyama 2018, arXiv:1802.05637).
    """
    features = _features(networks)
    x = (networks.score or keras.layers.Dense(1, name="score_dense"))(features)
    if not projected_classes:
        return keras.Model(features, full_precision("score")(x), name="score")
    label = keras.Input([], dtype="int32", name="label")
    of_class = keras.layers.Dense(features.shape[-1], use_bias=False, name="projection")(
        OneHot(projected_classes, name="one_hot")(label))
    x = keras.layers.Add()([x, keras.layers.Dot(-1)([of_class, features])])
    return keras.Model([features, label], full_precision("score")(x), name="score")


def recognizer(networks: Networks, parameters: int) -> keras.Model:
    """Q of InfoGAN (arXiv:1606.03657): features → FC, batch norm, leaky ReLU, FC → [B, parameters]."""
    features = _features(networks)
    x = keras.layers.Dense(networks.recognizer_width, use_bias=False, kernel_initializer=networks.recognizer_kernel(),
                           name="recognizer_dense")(features)
    x = BatchNormalization(momentum=_RECOGNIZER_MOMENTUM, name="recognizer_norm")(x)
    x = activation("leaky_relu", _RECOGNIZER_SLOPE)(x)
    x = keras.layers.Dense(parameters, kernel_initializer=networks.recognizer_kernel(), name="recognizer_out")(x)
    return keras.Model(features, full_precision("parameters")(x), name="recognizer")


def classifier(networks: Networks, num_classes: int) -> keras.Model:
    """Features → logits [B, K] (Odena et al. 2017, arXiv:1610.09585)."""
    features = _features(networks)
    logits = keras.layers.Dense(num_classes, name="classifier")(features)
    return keras.Model(features, full_precision("logits")(logits), name="classifier")


def _features(networks: Networks) -> keras.KerasTensor:
    return keras.Input(networks.features.shape[1:], name="features")
