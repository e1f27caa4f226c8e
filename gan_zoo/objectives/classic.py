"""The game of Goodfellow et al. 2014 (arXiv:1406.2661), with its two losses for the generator.

With logits V and D = sigmoid(V), in fused form: −log D = softplus(−V), −log(1 − D) = softplus(V).
"""

from dataclasses import dataclass

import tensorflow as tf

from gan_zoo.errors import check_number
from gan_zoo.objectives.base import ScoreObjective, objectives


@dataclass(frozen=True)
class _CrossEntropy(ScoreObjective):
    """discriminator_scale · (E[−s log D(x) …] + E[−log(1 − D(G(z)))]), s = 1 − smoothing.

    smoothing: one-sided label smoothing, the real label is 1 − smoothing (Salimans et al. 2016,
    arXiv:1606.03498, section 3.4), in [0, 1). discriminator_scale: 1 is the sum of the two cross-entropies,
    0.5 their mean over one batch of 2B.
    """

    smoothing: float = 0.0
    discriminator_scale: float = 1.0

    def __post_init__(self):
        check_number("smoothing", self.smoothing, least=0, below=1)
        check_number("discriminator_scale", self.discriminator_scale, above=0)

    def discriminator(self, real, fake):
        on_real = (1 - self.smoothing) * tf.nn.softplus(-real)
        if self.smoothing:
            on_real += self.smoothing * tf.nn.softplus(real)
        return self.discriminator_scale * (on_real + tf.nn.softplus(fake))


@objectives.register("minimax")
class Minimax(_CrossEntropy):
    """min_G max_D E[log D(x)] + E[log(1 − D(G(z)))] (arXiv:1406.2661, equation 1).

    The generator minimises E[log(1 − D(G(z)))] = −E[softplus(V)]; its gradient vanishes where D is sure.
    """

    def generator(self, fake):
        return -tf.nn.softplus(fake)


@objectives.register("non_saturating")
class NonSaturating(_CrossEntropy):
    """The classic game with the generator's loss −E[log D(G(z))] (arXiv:1406.2661, section 3)."""

    def generator(self, fake):
        return tf.nn.softplus(-fake)
