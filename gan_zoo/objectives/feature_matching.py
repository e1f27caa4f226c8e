"""Feature matching (Salimans et al. 2016, arXiv:1606.03498, section 3.1)."""

import tensorflow as tf

from gan_zoo.objectives.base import Term, objectives
from gan_zoo.play import Play
from gan_zoo.schedules import check_number_or_schedule


@objectives.register("feature_matching")
class FeatureMatching(Term):
    """weight · ‖E f(x) − E f(G(z))‖² for the generator, f the discriminator's features (arXiv:1606.03498, 3.1).

    Beside a game, by +. weight: at least 0, or a schedule. Means are over the batch of all replicas. The paper has it
    in place of the generator's loss.
    """

    def __init__(self, weight=1.0):
        self.weight = check_number_or_schedule("weight", weight, least=0)

    def generator_loss(self, play: Play) -> tf.Tensor:
        return play.at(self.weight) * self._distance(play)

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """The squared distance."""
        return {"feature_distance": self._distance(play)}

    def _distance(self, play: Play) -> tf.Tensor:
        return play.once("feature_distance", lambda: tf.reduce_sum(_difference(play) ** 2))


def _difference(play: Play) -> tf.Tensor:
    """[F]."""
    real, generated = (tf.reduce_mean(features, axis=0) for features in (play.real_features, play.generated_features))
    return play.mean(real - generated)
