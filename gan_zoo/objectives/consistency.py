"""Consistency regularization (Zhang et al. 2020, arXiv:1910.12027)."""

import tensorflow as tf

from gan_zoo.game import GAN
from gan_zoo.objectives.base import Term, objectives
from gan_zoo.objectives.transformed import Transformed
from gan_zoo.play import REAL, Play
from gan_zoo.schedules import check_number_or_schedule


@objectives.register("consistency")
class Consistency(Term):
    """weight · E(D(x) − D(T(x)))² on real images, T random shifts (arXiv:1910.12027); beside a game, by +.

    weight: λ, at least 0, or a schedule; 10 in the paper. transform: T, as in --augment. The paper's are shifts by up
    to 4 of 32 pixels, which is "translate" (what comes in is grey), and mirror images, "flip + translate": not the
    default, since letters and digits have none. Both passes have the same dropout.
    """

    def __init__(self, weight=10.0, transform="translate"):
        self.weight = check_number_or_schedule("weight", weight, least=0)
        self.transformed = Transformed("consistency", transform)

    def check(self, gan: GAN) -> None:
        self.transformed.check(gan)

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return play.at(self.weight) * self._difference(play)

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """E(D(x) − D(T(x)))²."""
        return {"consistency": self._difference(play)}

    def _difference(self, play: Play) -> tf.Tensor:
        return play.once(self, lambda: tf.reduce_mean((self._transformed_scores(play) - play.real_scores) ** 2))

    def _transformed_scores(self, play: Play) -> tf.Tensor:
        return play.scores(self.transformed.name, self.transformed.images(play), play.real.labels, stream=REAL)
