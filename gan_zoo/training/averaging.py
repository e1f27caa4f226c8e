"""The moving average of the generator's weights (Yazıcı et al. 2019, arXiv:1806.04498)."""

import keras
import tensorflow as tf


class GeneratorAverage:
    """A second generator that follows the trained one: w̄ ← d·w̄ + (1 − d)·w, batch norm statistics too.

    decay: d in (0, 1). Early on d is min(decay, (1 + t) / (10 + t)) at round t, so that the start is
    forgotten soon. Made inside the strategy's scope.
    """

    def __init__(self, generator: keras.Model, decay: float):
        self.source = generator
        self.network = keras.models.clone_model(generator)
        self.network.set_weights(generator.get_weights())
        self.decay = decay

    def update(self, step: tf.Tensor) -> None:
        """Follows the generator by one round; called on every replica after the generator has moved."""
        for average, variable in zip(self.network.weights, self.source.weights, strict=True):
            if not average.dtype.startswith(("float", "bfloat")):
                continue
            t = tf.cast(step, average.dtype)
            decay = tf.minimum(tf.cast(self.decay, average.dtype), (1 + t) / (10 + t))
            average.assign(decay * average + (1 - decay) * tf.cast(variable.value, average.dtype))
