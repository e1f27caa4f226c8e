"""Keras-serializable layers."""

from gan_zoo.layers.basis import LearnedBasis
from gan_zoo.layers.bilinear import BilinearUpsampling
from gan_zoo.layers.block_convolution import NarrowConvolution, UpsampledConvolution
from gan_zoo.layers.conditional_normalization import ConditionalBatchNormalization
from gan_zoo.layers.dropout import Dropout
from gan_zoo.layers.grouped import GroupedConvolution
from gan_zoo.layers.maxout import Maxout
from gan_zoo.layers.minibatch_stddev import MinibatchStddev
from gan_zoo.layers.normalization import BatchNormalization
from gan_zoo.layers.one_hot import OneHot
from gan_zoo.layers.spectral import SpectralNormalization, spectrally_normalized

__all__ = ["BatchNormalization", "BilinearUpsampling", "ConditionalBatchNormalization", "Dropout", "GroupedConvolution",
           "LearnedBasis", "Maxout", "MinibatchStddev", "NarrowConvolution", "OneHot", "SpectralNormalization",
           "UpsampledConvolution", "spectrally_normalized"]
