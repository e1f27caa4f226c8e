"""Minibatch standard deviation (Karras et al. 2018, arXiv:1710.10196, §3)."""

import keras
import tensorflow as tf

from gan_zoo import replicas
from gan_zoo.errors import UserError, check_count

_EPSILON = 1e-8  # the authors'; with it the square root has a derivative where all of a group are alike


@keras.saving.register_keras_serializable("gan_zoo")
class MinibatchStddev(keras.layers.Layer):
    """How different the neighbours in a batch are, as one more feature: [B, …, C] → [B, …, C + 1].

    s = mean over places and features of √(variance over the group + 1e-8), one number for each group of `group_size`
    rows, the same at every place. It is computed in single precision or more. Groups are of neighbouring rows, so that
    replicas have the groups of the whole batch; in training a batch that they don't divide is a UserError. Otherwise
    the last group has the rows that are left, one row alone 1e-4.
    """

    def __init__(self, group_size: int = 4, **kwargs):
        super().__init__(**kwargs)
        self.group_size = check_count("the group size of minibatch_stddev", group_size, least=2)

    def call(self, inputs, training=None):
        if training and inputs.shape[0] is not None:
            self.check_rows(inputs.shape[0])
        x = tf.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        x = tf.reshape(x, [tf.shape(x)[0], inputs.shape[1:].num_elements()])
        deviation = tf.reduce_mean(tf.sqrt(self._variances(x) + _EPSILON), axis=-1)
        of_rows = tf.reshape(tf.tile(deviation[:, None], [1, self.group_size]), [-1])[:tf.shape(x)[0]]
        shape = [-1, *[1] * (inputs.shape.rank - 1)]
        feature = tf.broadcast_to(tf.reshape(tf.cast(of_rows, inputs.dtype), shape),
                                  tf.concat([tf.shape(inputs)[:-1], [1]], axis=0))
        return tf.ensure_shape(tf.concat([inputs, feature], axis=-1), self.compute_output_shape(inputs.shape))

    def _variances(self, x: tf.Tensor) -> tf.Tensor:
        """[B, N] → of every group [⌈B / group⌉, N]; the last one is filled up with rows of no weight."""
        rows = tf.shape(x)[0]
        groups = (rows + self.group_size - 1) // self.group_size
        missing = groups * self.group_size - rows
        split = [groups, self.group_size, -1]
        weight = tf.reshape(tf.pad(tf.ones([rows, 1], x.dtype), [[0, missing], [0, 0]]), split)
        weight /= tf.reduce_sum(weight, axis=1, keepdims=True)
        x = tf.reshape(tf.pad(x, [[0, missing], [0, 0]]), [groups, self.group_size, x.shape[-1]])
        mean = tf.reduce_sum(weight * x, axis=1, keepdims=True)
        return tf.reduce_sum(weight * (x - mean)**2, axis=1)

    def check_rows(self, rows: int) -> None:
        """UserError if groups don't divide the rows of a batch, on each replica; asked before a training begins."""
        if rows % self.group_size:
            count = replicas.count()
            raise UserError(f"minibatch_stddev={self.group_size}: groups of {self.group_size} don't divide the {rows} "
                            f"rows that {f'each of {count} replicas scores' if count > 1 else 'are scored'} together: "
                            "change it, or --batch_size")

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return super().get_config() | {"group_size": self.group_size}
