"""Grouped convolutions (Xie et al. 2017, arXiv:1611.05431) that can be differentiated twice, anywhere."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("gan_zoo")
class GroupedConvolution(keras.layers.Conv2D):
    """keras.layers.Conv2D, channels last, each of `groups` on its own channels: [B, H, W, C] → [B, H', W', filters].

    TensorFlow knows no gradient of its grouped convolution on a CPU but in some precisions and builds, so these are
    plain ones side by side; of one channel each they are a depthwise one.
    """

    def convolution_op(self, inputs, kernel):
        if self.groups == inputs.shape[-1] == self.filters:
            return tf.nn.depthwise_conv2d(inputs, tf.transpose(kernel, [0, 1, 3, 2]), [1, *self.strides, 1],
                                          self.padding.upper(), dilations=self.dilation_rate)
        parts = zip(tf.split(inputs, self.groups, axis=-1), tf.split(kernel, self.groups, axis=-1), strict=True)
        return tf.concat([super(GroupedConvolution, self).convolution_op(*part) for part in parts], axis=-1)
