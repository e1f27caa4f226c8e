"""Relativistic games: real images are to score above generated ones, and the reverse (arXiv:1807.00734)."""

import tensorflow as tf

from gan_zoo.errors import check_choice
from gan_zoo.objectives.base import Game, objectives
from gan_zoo.play import Play


def _paired(play: Play, higher: tf.Tensor, lower: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.softplus(lower - higher))


def _average(play: Play, higher: tf.Tensor, lower: tf.Tensor) -> tf.Tensor:
    of_higher, of_lower = (play.mean(tf.reduce_mean(scores)) for scores in (higher, lower))
    return tf.reduce_mean(tf.nn.softplus(of_lower - higher)) + tf.reduce_mean(tf.nn.softplus(lower - of_higher))


_KINDS = {"paired": _paired, "average": _average}


@objectives.register("relativistic")
class Relativistic(Game):
    """Real images are to score above generated ones, and for the generator the reverse (arXiv:1807.00734).

    kind: "paired": D: E softplus(D(G(z)) − D(x)), G: E softplus(D(x) − D(G(z))), over the pairs of one batch
    (Jolicoeur-Martineau 2018; with r1 and r2 the loss of R3GAN, arXiv:2501.05441). "average": RaSGAN, D: E softplus(
    E D(G) − D(x)) + E softplus(D(G(z)) − E D(x)), and the reverse for G. A score has no zero of its own: accuracies are
    taken at the middle of the two mean scores, and the probability is only the sigmoid of the score.
    """

    threshold = None

    def __init__(self, kind="paired"):
        self._loss = _KINDS[check_choice("kind", kind, _KINDS)]
        self.pairs = kind == "paired"

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return self._loss(play, play.real_scores, play.generated_scores)

    def generator_loss(self, play: Play) -> tf.Tensor:
        return self._loss(play, play.generated_scores, play.real_scores)

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """By how much real images score above generated ones, in the mean."""
        return {"score_margin": tf.reduce_mean(play.real_scores) - tf.reduce_mean(play.generated_scores)}
