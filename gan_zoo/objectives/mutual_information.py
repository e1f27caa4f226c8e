"""The information term of InfoGAN (Chen et al. 2016, arXiv:1606.03657, equation 5)."""

import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.latents import codes as families
from gan_zoo.objectives.base import Term, objectives
from gan_zoo.play import GENERATED, Play
from gan_zoo.schedules import check_number_or_schedule


@objectives.register("mutual_information")
class MutualInformation(Term):
    """−Σ λ L(c), L = H(c) + E[log Q(c|G(z, c))] ≤ I(c; G(z, c)) in nats, for both players; beside a game, by +.

    weight: λ of discrete codes, continuous_weight: of continuous ones, both at least 0, numbers or schedules. Of a
    discrete code, L ≤ H(c). Of a continuous one L is differential, and with a fixed σ of Q, −log Q is a squared
    error and a constant: λ L = −λ/2σ² (c − μ)² + …, so that the default weight with σ = 1 and two codes is 0.1
    times their mean squared error, as in a public PyTorch form of InfoGAN.
    """

    reads_codes = True

    def __init__(self, codes=(), weight=1.0, continuous_weight=0.1):
        check_number_or_schedule("weight", weight, least=0)
        check_number_or_schedule("continuous_weight", continuous_weight, least=0)
        if not codes:
            raise UserError("mutual_information needs codes in the latent, as in "
                            "--latent='noise(62) + categorical(10) + uniform(2)'")
        self.codes = tuple(codes)
        self.weights = [weight if code.discrete else continuous_weight for code in self.codes]
        self.headline = {_bound(code): code.caption for code in self.codes}
        self.limits = {_bound(code): code.entropy for code in self.codes if code.discrete}

    def bounds(self, play: Play) -> dict[str, tf.Tensor]:
        """L(c) in nats by the name of the code, scalars."""
        parameters = families.split(self.codes, play.parameters(GENERATED))
        return {code.name: code.entropy + tf.reduce_mean(
            code.posterior(parameters[code.name]).log_prob(play.latent.codes[code.name])) for code in self.codes}

    def loss(self, play: Play) -> tf.Tensor:
        """−Σ λ L(c), a scalar."""
        return -tf.add_n([play.at(weight) * bound
                          for weight, bound in zip(self.weights, self.bounds(play).values(), strict=True)])

    discriminator_loss = generator_loss = loss

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """L(c) of every code, and H(c)."""
        bounds = self.bounds(play)
        return ({_bound(code): bounds[code.name] for code in self.codes}
                | {f"entropy_{code.name}": tf.constant(code.entropy, bounds[code.name].dtype) for code in self.codes})


def _bound(code: families.Code) -> str:
    return f"information_{code.name}"
