"""Bilinear upsampling as two products with constant matrices."""

import keras
import numpy as np
import tensorflow as tf


def interpolation_matrix(size: int, target: int) -> np.ndarray:
    """The matrix [target, size] of linear interpolation with half-pixel centres and clamped edges."""
    centre = (np.arange(target) + 0.5) * size / target - 0.5
    lower = np.floor(centre).astype(int)
    fraction = centre - lower
    matrix = np.zeros([target, size])
    rows = np.arange(target)
    np.add.at(matrix, (rows, np.clip(lower, 0, size - 1)), 1 - fraction)
    np.add.at(matrix, (rows, np.clip(lower + 1, 0, size - 1)), fraction)
    return matrix


def mixed(inputs: tf.Tensor, down: np.ndarray, across: np.ndarray) -> tf.Tensor:
    """Rows mixed by the matrix `down` [H', H], columns by `across` [W', W]: [B, H, W, C] → [B, H', W', C]."""
    _, height, width, channels = inputs.shape
    rows = tf.matmul(tf.constant(down, inputs.dtype), tf.reshape(inputs, [-1, height, width * channels]))
    columns = tf.matmul(tf.constant(across, inputs.dtype), tf.reshape(rows, [-1, width, channels]))
    return tf.reshape(columns, [-1, len(down), len(across), channels])


@keras.saving.register_keras_serializable("gan_zoo")
class BilinearUpsampling(keras.layers.Layer):
    """Bilinear upsampling, [B, H, W, C] → [B, H', W', C]; equals keras.layers.UpSampling2D("bilinear").

    Resizing before a convolution avoids the checkerboards of a strided transposed convolution (Odena,
    Dumoulin and Olah 2016, doi:10.23915/distill.00003).

    target_size: (H', W'), or None for twice the input.
    """

    def __init__(self, target_size=None, **kwargs):
        super().__init__(**kwargs)
        self.target_size = tuple(target_size) if target_size is not None else None

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (batch, *(self.target_size or (2 * height, 2 * width)), channels)

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        _, target_height, target_width, _ = self.compute_output_shape(inputs.shape)
        return mixed(inputs, interpolation_matrix(height, target_height), interpolation_matrix(width, target_width))

    def get_config(self):
        return {**super().get_config(), "target_size": self.target_size}
