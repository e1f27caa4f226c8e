"""A penalty with a memory as somebody would add it, one class; games of all terms.

They are no part of the zoo: only a process of its own may import them.
"""

import keras
import tensorflow as tf

from gan_zoo.experiment import Experiment
from gan_zoo.layers import Dropout, MinibatchStddev
from gan_zoo.models import Networks, models
from gan_zoo.models.base import full_precision, pixels
from gan_zoo.objectives import objectives
from gan_zoo.objectives.base import Term
from gan_zoo.objectives.penalties import norms, squared_norms
from tests.conformance import cases


@objectives.register("trial_slope")
class Slope(Term):
    """E(‖∇D(G(z))‖ − a)², a following the mean length from round to round, as in a path length's penalty."""

    memory = {"slope": 1.0}

    def discriminator_loss(self, play):
        lengths, followed = norms(squared_norms(play, "generated")), play.memory("slope")
        play.remember("slope", 0.9 * tf.cast(followed, lengths.dtype) + 0.1 * tf.reduce_mean(lengths))
        return tf.reduce_mean((lengths - tf.cast(followed, lengths.dtype)) ** 2)


@models.register("trial_stddev")
def trial_stddev(image_shape, noise, images) -> Networks:
    """An mlp with dropout whose last features know how different the images of a batch are."""
    made = keras.layers.Dense(pixels(image_shape), name="made")(noise)
    hidden = Dropout(0.3)(keras.layers.Dense(16, "elu", name="seen")(keras.layers.Flatten()(images)))
    score = keras.layers.Dense(1, use_bias=False, name="score_dense")  # a relativistic game knows no offset
    return Networks(full_precision("images", "tanh")(keras.layers.Reshape(image_shape)(made)),
                    MinibatchStddev(4)(hidden), score=score)


GAMES = {
    "penalties": {"objective": "relativistic('average') + r1(gamma=linear(2, 1)) + r2(approximate=0.5) + "
                               "gradient_penalty(kind='dragan', every=2) + consistency(2) + feature_matching(3) + "
                               "trial_slope"},
    "relativistic": {"objective": "relativistic + gradient_penalty", "update": "alternating"},
    "information": {"objective": "non_saturating + mutual_information + invariant_information",
                    "latent": "noise(4) + categorical(3) + bernoulli(1)"},
    "stacked": {"objective": "non_saturating", "dataset": 'stacked("digits")'},
}


def experiment(name: str, **settings) -> Experiment:
    """A quick one with that game, on a discriminator that has the layer."""
    return cases.experiment("mlp", model="trial_stddev", **GAMES[name], **settings)
