"""Maxout units (Goodfellow et al. 2013, arXiv:1302.4389)."""

import keras
import tensorflow as tf

from gan_zoo.errors import check_count


@keras.saving.register_keras_serializable("gan_zoo")
class Maxout(keras.layers.Layer):
    """h_i(x) = max_j z_ij: the largest of `pieces` affine pieces.

    Follows a Dense layer: [..., pieces · units] → [..., units]. Feature j · units + i is piece j of unit i
    (pieces outermost: the maximum over the last axis costs three times as much on a CPU).
    Raises ValueError if the last axis is not a multiple of `pieces`.
    """

    def __init__(self, pieces: int, **kwargs):
        super().__init__(**kwargs)
        self.pieces = check_count("pieces", pieces)

    def build(self, input_shape):
        if input_shape[-1] % self.pieces:
            raise ValueError(f"Maxout: {input_shape[-1]} features can't be split into pieces={self.pieces}")
        self.built = True

    def call(self, inputs):
        units = inputs.shape[-1] // self.pieces
        shape = tf.concat([tf.shape(inputs)[:-1], [self.pieces, units]], axis=0)
        outputs = tf.reduce_max(tf.reshape(inputs, shape), axis=-2)
        return tf.ensure_shape(outputs, [*inputs.shape[:-1], units])

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def get_config(self):
        return {**super().get_config(), "pieces": self.pieces}
