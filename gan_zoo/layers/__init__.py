"""Keras-serializable layers."""

from gan_zoo.layers.bilinear import BilinearUpsampling
from gan_zoo.layers.conditional import ConditionalBatchNormalization, SplitLabel
from gan_zoo.layers.dropout import Dropout
from gan_zoo.layers.maxout import Maxout
from gan_zoo.layers.noise import GaussianNoise
from gan_zoo.layers.normalization import BatchNormalization
from gan_zoo.layers.spectral import SpectralNormalization

__all__ = ["BatchNormalization", "BilinearUpsampling", "ConditionalBatchNormalization", "Dropout", "GaussianNoise",
           "Maxout", "SpectralNormalization", "SplitLabel"]
