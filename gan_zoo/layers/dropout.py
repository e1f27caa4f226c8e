"""Dropout without hidden state."""

import keras
import tensorflow as tf

from gan_zoo import randomness


@keras.saving.register_keras_serializable("gan_zoo")
class Dropout(keras.layers.Dropout):
    """Dropout (Srivastava et al. 2014) whose mask is a function of (seed, stream, step, example).

    Inside `randomness.forward_pass` the mask is drawn statelessly, so that resumed and replicated runs drop
    the same units; elsewhere it is keras.layers.Dropout. [B, …] → the same shape. There the rate is rounded to
    multiples of 2⁻¹⁶, for which half as many random numbers do.
    """

    def call(self, inputs, training=False):
        if not (training and self.rate > 0 and randomness.in_forward_pass()):
            return super().call(inputs, training=training)
        kept = randomness.layer_shorts(inputs) >= tf.constant(min(round(self.rate * 2**16), 2**16 - 1), tf.uint16)
        # The mask is scaled, not the outputs: the same numbers, with one product less on the way back.
        return inputs * (tf.cast(kept, inputs.dtype) * tf.cast(1 / (1 - self.rate), inputs.dtype))
