"""Gaussian noise without hidden state."""

import keras
import tensorflow as tf

from gan_zoo import randomness


@keras.saving.register_keras_serializable("gan_zoo")
class GaussianNoise(keras.layers.GaussianNoise):
    """Additive noise N(0, stddev²) in training that is a function of (seed, stream, step, example).

    Inside `randomness.forward_pass` the noise is drawn statelessly, so that resumed and replicated runs add
    the same; elsewhere it is keras.layers.GaussianNoise. stddev: in [0, 1]. [B, …] → the same shape.
    """

    def call(self, inputs, training=False):
        if not (training and self.stddev > 0 and randomness.in_forward_pass()):
            return super().call(inputs, training=training)
        return inputs + tf.cast(self.stddev * randomness.layer_normal(inputs), inputs.dtype)
