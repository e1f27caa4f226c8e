"""Invariant information clustering by the recognizer (Ji et al. 2019, arXiv:1807.06653)."""

import math

import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.latents import codes as families
from gan_zoo.objectives.base import Term, objectives
from gan_zoo.objectives.transformed import Transformed
from gan_zoo.play import REAL, Play
from gan_zoo.schedules import check_number_or_schedule

_LEAST = 1e-12  # of a probability, before its logarithm


@objectives.register("invariant_information")
class InvariantInformation(Term):
    """−λ Σ I(c; c′) in nats, c from Q(c|x), c′ from Q(c|T(x)), x real; for the discriminator, beside a game, by +.

    The sum is over the latent's discrete codes, I that of the joint distribution E[Q(c|x) Q(c′|T(x))], made symmetric,
    over the batch of all replicas, so at most log K of K values: real images are to have all values in equal parts,
    and T is to change none (Ji et al. 2019, arXiv:1807.06653). Beside mutual_information a code comes to mean what T
    leaves alone. weight: λ, at least 0, or a schedule. transform: T, as in --augment. Either pass has its own noise,
    augmentations and dropout. It costs the discriminator one more pass a move.
    """

    reads_codes = True

    def __init__(self, codes=(), weight=1.0, transform="affine"):
        self.weight = check_number_or_schedule("weight", weight, least=0)
        self.codes = tuple(codes)
        if not any(code.discrete for code in self.codes):
            raise UserError("invariant_information needs a discrete code in the latent, as in "
                            "--latent='noise(62) + categorical(10)': add one, or leave that term out of --objective")
        self.limits = {_shown(code): math.log(len(code.sweep(2))) for code in self.codes if code.discrete}
        self.transformed = Transformed("invariant_information", transform)

    def check(self, gan: GAN) -> None:
        self.transformed.check(gan)

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return -play.at(self.weight) * tf.add_n(list(self._informations(play).values()))

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """I(c; c′) of every discrete code, in nats."""
        return self._informations(play)

    def _informations(self, play: Play) -> dict[str, tf.Tensor]:
        return play.once(self, lambda: self._find(play))

    def _find(self, play: Play) -> dict[str, tf.Tensor]:
        play.scores(self.transformed.name, self.transformed.images(play), play.real.labels)
        before, after = (families.split(self.codes, play.parameters(name)) for name in (REAL, self.transformed.name))
        discrete = [code for code in self.codes if code.discrete]
        joints = [_joint(code.probabilities(before[code.name]), code.probabilities(after[code.name]))
                  for code in discrete]
        return {_shown(code): information(joint) for code, joint in zip(discrete, play.mean(joints), strict=True)}


def _shown(code: families.Code) -> str:
    return f"invariant_information_{code.name}"


def _joint(before: tf.Tensor, after: tf.Tensor) -> tf.Tensor:
    """The mean over images of the product of two distributions [B, K], either way round: [K, K]."""
    joint = tf.matmul(before, after, transpose_a=True) / tf.cast(tf.shape(before)[0], before.dtype)
    return (joint + tf.transpose(joint)) / 2


def information(joint: tf.Tensor) -> tf.Tensor:
    """I of a symmetric joint distribution [K, K], in nats."""
    alone = tf.reduce_sum(joint, axis=0)
    return _negentropy(joint) - 2 * _negentropy(alone)


def _negentropy(probabilities: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(probabilities * tf.math.log(tf.maximum(probabilities, _LEAST)))
