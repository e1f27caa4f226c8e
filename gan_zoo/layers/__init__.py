"""Keras-serializable layers."""

from gan_zoo.layers.bilinear import BilinearUpsampling
from gan_zoo.layers.conditional_normalization import ConditionalBatchNormalization
from gan_zoo.layers.dropout import Dropout
from gan_zoo.layers.maxout import Maxout
from gan_zoo.layers.normalization import BatchNormalization
from gan_zoo.layers.one_hot import OneHot
from gan_zoo.layers.spectral import SpectralNormalization, spectrally_normalized

__all__ = ["BatchNormalization", "BilinearUpsampling", "ConditionalBatchNormalization", "Dropout", "Maxout", "OneHot",
           "SpectralNormalization", "spectrally_normalized"]
