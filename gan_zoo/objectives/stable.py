"""Elementwise functions, on tensors of floats, whose usual forms leave single precision or lose its digits."""

import tensorflow as tf


def expm1(x: tf.Tensor) -> tf.Tensor:
    """exp(x) − 1, never falling; TensorFlow's own falls here and there far below zero in float32."""
    return tf.where(x < -1, tf.exp(x) - 1, tf.math.expm1(x))


def log1mexp(x: tf.Tensor) -> tf.Tensor:
    """log(1 − exp(x)) for x < 0."""
    return tf.math.log(-tf.math.expm1(x))


@tf.custom_gradient
def log_softplus(x: tf.Tensor):
    """log log(1 + exp(x)), which is x itself far below zero, where the softplus underflows."""
    low = x < -40
    softplus = tf.nn.softplus(tf.where(low, tf.zeros_like(x), x))
    slope = tf.where(low, tf.ones_like(x), tf.sigmoid(x) / softplus)
    return tf.where(low, x, tf.math.log(softplus)), lambda upstream: upstream * slope


@tf.custom_gradient
def log_omega(a: tf.Tensor):
    """The y with y + exp(y) = a: the logarithm of Wright's ω(a) = W(exp(a)), where exp(a) would overflow.

    Newton's method from above, where it converges monotonically.
    """
    y = tf.where(a > 1, tf.math.log(tf.maximum(a, 1.0)), a)
    for _ in range(8):
        y -= (y + tf.exp(y) - a) / (1 + tf.exp(y))
    return y, lambda upstream: upstream * tf.sigmoid(-y)
