"""The game of Goodfellow et al. 2014 (arXiv:1406.2661), with its two losses for the generator.

It is the row "gan" of the f-divergences: with logits V and D = sigmoid(V), g_f(V) = log D and
f*(g_f(V)) = −log(1 − D).
"""

from dataclasses import dataclass

from gan_zoo.errors import check_number
from gan_zoo.objectives import f_divergence
from gan_zoo.objectives.base import ScoreObjective, objectives

_GAN = f_divergence.build("gan")


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

    def discriminator(self, real, generated):
        value = _GAN.bound(real, generated)
        if self.smoothing:
            value += self.smoothing * (_GAN.saddle_point(real) - _GAN.activation(real))
        return -self.discriminator_scale * value


@objectives.register("minimax")
class Minimax(_CrossEntropy):
    """min_G max_D E[log D(x)] + E[log(1 − D(G(z)))] (arXiv:1406.2661, equation 1).

    The generator minimises E[log(1 − D(G(z)))] = −E[softplus(V)]; its gradient vanishes where D is sure.
    """

    def generator(self, generated):
        return _GAN.saddle_point(generated)


@objectives.register("non_saturating")
class NonSaturating(_CrossEntropy):
    """The classic game with the generator's loss −E[log D(G(z))] (arXiv:1406.2661, section 3)."""

    def generator(self, generated):
        return _GAN.trick(generated)
