"""Penalties, a relativistic objective and a layer as somebody would add them: each one class, registered, and no more.

They are no part of the zoo: only a process of its own may import them.
"""

import keras
import tensorflow as tf

from gan_zoo.experiment import Experiment
from gan_zoo.layers import Dropout
from gan_zoo.models import Networks, models
from gan_zoo.models.base import full_precision, pixels
from gan_zoo.objectives import objectives
from gan_zoo.objectives.base import Term
from gan_zoo.schedules import check_number_or_schedule
from tests.conformance import cases


def _lengths(gradients: tf.Tensor) -> tf.Tensor:
    """The L2 norm of every image's, [B]; with a derivative at 0."""
    return tf.sqrt(tf.reduce_sum(gradients**2, axis=[1, 2, 3]) + 1e-12)


@objectives.register("trial_r1")
class R1(Term):
    """γ/2 E‖∇D(x)‖² on real images (Mescheder et al. 2018, arXiv:1801.04406); γ may be a schedule."""

    def __init__(self, gamma=10.0):
        self.gamma = check_number_or_schedule("gamma", gamma, least=0)

    def discriminator_loss(self, play):
        return play.at(self.gamma) / 2 * tf.reduce_mean(_lengths(play.gradient("real")) ** 2)


@objectives.register("trial_gradient_penalty")
class GradientPenalty(Term):
    """λ E(‖∇D(x̂)‖ − 1)² between real and generated images (Gulrajani et al. 2017, arXiv:1704.00028)."""

    def __init__(self, weight=10.0):
        self.weight = weight

    def discriminator_loss(self, play):
        play.scores("mixed", play.mixed(), play.real.labels)
        return self.weight * tf.reduce_mean((_lengths(play.gradient("mixed")) - 1) ** 2)


@objectives.register("trial_slope")
class Slope(Term):
    """E(‖∇D(G(z))‖ − a)², a following the mean length from round to round, as in a path length's penalty."""

    memory = {"slope": 1.0}

    def discriminator_loss(self, play):
        lengths, followed = _lengths(play.gradient("generated")), play.memory("slope")
        play.remember("slope", 0.9 * tf.cast(followed, lengths.dtype) + 0.1 * tf.reduce_mean(lengths))
        return tf.reduce_mean((lengths - tf.cast(followed, lengths.dtype)) ** 2)


@objectives.register("trial_relativistic")
class Relativistic:
    """Real images are to score above the mean generated one, and the reverse (arXiv:1807.00734, RaSGAN)."""

    threshold, headline, reads_codes, reads_labels, memory = None, {}, False, False, {}

    def discriminator_loss(self, play):
        return self._loss(play, play.real_scores, play.generated_scores)

    def generator_loss(self, play):
        return self._loss(play, play.generated_scores, play.real_scores)

    def _loss(self, play, higher, lower):
        above, below = (play.mean(tf.reduce_mean(scores)) for scores in (lower, higher))
        return tf.reduce_mean(tf.nn.softplus(above - higher)) + tf.reduce_mean(tf.nn.softplus(lower - below))

    def diagnostics(self, play):
        return {}

    def estimates(self, scores):
        return {"probability": tf.sigmoid(scores)}


@keras.saving.register_keras_serializable("trial")
class MinibatchStddev(keras.layers.Layer):
    """The mean standard deviation of four neighbours beside each one's features (Karras et al. 2018, arXiv:1710.10196).

    [B, F] → [B, F + 1]. Groups are of neighbours, so that none is split between replicas.
    """

    def call(self, features):
        groups = tf.reshape(features, [-1, 4, 1, features.shape[-1]])
        deviation = tf.reduce_mean(tf.sqrt(tf.math.reduce_variance(groups, axis=1, keepdims=True) + 1e-8), axis=-1)
        return tf.concat([features, tf.reshape(tf.repeat(deviation, 4, axis=1), [-1, 1])], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)


@models.register("trial_stddev")
def trial_stddev(image_shape, noise, images) -> Networks:
    """An mlp with dropout whose last features know how different the images of a batch are."""
    made = keras.layers.Dense(pixels(image_shape), name="made")(noise)
    hidden = Dropout(0.3)(keras.layers.Dense(16, "elu", name="seen")(keras.layers.Flatten()(images)))
    score = keras.layers.Dense(1, use_bias=False, name="score_dense")  # a relativistic game knows no offset
    return Networks(full_precision("images", "tanh")(keras.layers.Reshape(image_shape)(made)),
                    MinibatchStddev()(hidden), score=score)


GAMES = {
    "penalties": {"objective": "non_saturating + trial_r1(gamma=linear(2, 1)) + trial_gradient_penalty(10) + "
                               "trial_slope"},
    "relativistic": {"objective": "trial_relativistic", "update": "alternating"},
    "stacked": {"objective": "non_saturating", "dataset": 'stacked("digits")'},
}


def experiment(name: str, **settings) -> Experiment:
    """A quick one with that game, on a discriminator that has the layer."""
    return cases.experiment("mlp", model="trial_stddev", **GAMES[name], **settings)
