"""Batch normalization by class."""

import keras

from gan_zoo.layers.normalization import BatchNormalization


@keras.saving.register_keras_serializable("gan_zoo")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Batch normalization whose scale and offset are those of the example's class (arXiv:1707.00683, 1610.07629).

    [x, labels] → x̂ γ(y) + β(y), with x [B, …, C] and one-hot labels [B, K]; γ, β are [K, C]. The moments are those
    of the whole batch. momentum, epsilon: BatchNormalization's.
    """

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.norm = BatchNormalization(momentum=momentum, epsilon=epsilon, center=False, scale=False, name="norm",
                                       dtype=self.dtype_policy)

    def build(self, input_shape):
        (*_, channels), (_, num_classes) = input_shape
        self.norm.build(input_shape[0])
        self.gamma = self.add_weight(name="gamma", shape=(num_classes, channels), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(num_classes, channels), initializer="zeros")

    def call(self, inputs, training=None):
        x, labels = inputs
        shape = (-1, *(1,) * (len(x.shape) - 2), x.shape[-1])
        gamma, beta = (keras.ops.reshape(keras.ops.matmul(labels, of_class), shape)
                       for of_class in (self.gamma, self.beta))
        return self.norm(x, training=training) * gamma + beta

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return super().get_config() | {"momentum": self.norm.momentum, "epsilon": self.norm.epsilon}
