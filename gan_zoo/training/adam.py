"""Adam as one kernel (Kingma and Ba 2015, arXiv:1412.6980)."""

import keras
import tensorflow as tf


class Adam(keras.optimizers.Adam):
    """Keras's Adam, each variable moved in one pass over its memory instead of a dozen.

    The arithmetic is Keras's but for the order of roundings: α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ), θ ← θ − α m / (√v + ε).
    With amsgrad, which this kernel does not know, it is Keras's own.
    """

    def update_step(self, gradient, variable, learning_rate):
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        dtype = variable.dtype
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=self._momentums[index].value.handle, v=self._velocities[index].value.handle,
            beta1_power=tf.cast(self.beta_1, dtype)**step, beta2_power=tf.cast(self.beta_2, dtype)**step,
            lr=tf.cast(learning_rate, dtype), beta1=tf.cast(self.beta_1, dtype), beta2=tf.cast(self.beta_2, dtype),
            epsilon=tf.cast(self.epsilon, dtype), grad=tf.cast(gradient, dtype))
