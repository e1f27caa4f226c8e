"""Objectives on an unbounded critic: Wasserstein and hinge."""

from dataclasses import dataclass

import tensorflow as tf

from gan_zoo.objectives.base import ScoreObjective, objectives


@objectives.register("wasserstein")
@dataclass(frozen=True)
class Wasserstein(ScoreObjective):
    """max_D E[D(x)] − E[D(G(z))] over 1-Lipschitz critics (Arjovsky et al. 2017, arXiv:1701.07875, equation 2).

    Needs a bound on the critic's slope: a term such as gradient_penalty, --discriminator_weight_clip=0.01 or
    --spectral_norm. A critic's score has no zero of its own: accuracies are taken at the middle of the two mean scores,
    and the probability is only the sigmoid of the score.
    """

    threshold = None
    needs_bound = True
    headline = {"wasserstein_estimate": "Wasserstein"}

    def discriminator(self, real, generated):
        return generated - real

    def generator(self, generated):
        return -generated

    def diagnostics(self, play):
        return {"wasserstein_estimate": tf.reduce_mean(play.real_scores) - tf.reduce_mean(play.generated_scores)}


@objectives.register("hinge")
@dataclass(frozen=True)
class Hinge(ScoreObjective):
    """D: E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]; G: −E[D(G(z))] (Lim and Ye 2017, arXiv:1705.02894)."""

    def discriminator(self, real, generated):
        return tf.nn.relu(1 - real) + tf.nn.relu(1 + generated)

    def generator(self, generated):
        return -generated
