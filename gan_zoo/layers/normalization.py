"""Batch normalization: fused on one replica, synchronized on several."""

import keras
import tensorflow as tf

from gan_zoo import replicas

_FUSED_DTYPES = ("float16", "bfloat16", "float32")


@keras.saving.register_keras_serializable("gan_zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167), [B, …, C] → the same shape.

    Moments are those of the global batch at any number of replicas. On one replica, images go through
    TensorFlow's fused kernel, which computes the same in one pass.
    """

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "synchronized": True})

    def call(self, inputs, training=None, mask=None):
        fused = (training and self.trainable and mask is None and inputs.shape.rank == 4
                 and self.axis in (-1, 3)
                 and inputs.dtype.name in _FUSED_DTYPES and replicas.count() == 1)
        if not fused:
            # Keras's synchronized moments, E[x²] − E[x]², are the less exact ones.
            self.synchronized = replicas.count() > 1
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        gamma = tf.cast(self.gamma, tf.float32) if self.scale else tf.ones([channels])
        beta = tf.cast(self.beta, tf.float32) if self.center else tf.zeros([channels])
        outputs, mean, unbiased_variance = tf.compat.v1.nn.fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon)
        # The kernel returns the variance with Bessel's correction; Keras keeps the plain one.
        count = tf.cast(tf.size(inputs) // channels, tf.float32)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, unbiased_variance * (count - 1) / count)
        return outputs

    def _follow(self, moving, value):
        moving.assign(moving * self.momentum + tf.cast(value, moving.dtype) * (1 - self.momentum))
