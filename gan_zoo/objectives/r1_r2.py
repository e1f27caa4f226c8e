"""R1 and R2: penalties on the slope of the discriminator at real and at generated images."""

import math

import tensorflow as tf

from gan_zoo.errors import check_number
from gan_zoo.objectives.base import objectives
from gan_zoo.objectives.penalties import Penalty, Slope, norms, squared_norms
from gan_zoo.play import GENERATED, REAL, Play
from gan_zoo.schedules import check_number_or_schedule


class _AtImages(Penalty):
    """(γ/2) E‖∇D‖² on one side of the game."""

    kind: str
    side: str

    def __init__(self, gamma=10.0, every=1, approximate=None):
        check_number_or_schedule("gamma", gamma, least=0)
        if approximate is not None:
            check_number("approximate", approximate, above=0)
        super().__init__(self.kind, gamma, every)
        self.approximate = approximate

    def measure(self, play: Play) -> Slope:
        if self.approximate is not None:
            slopes = _difference_quotients(play, self.side, self.approximate)
            # Of a linear critic w·x the mean of |w·ε| is ‖w‖ √(2/π).
            return Slope(tf.reduce_mean(slopes**2) / 2, math.sqrt(math.pi / 2) * tf.reduce_mean(tf.abs(slopes)))
        squared = squared_norms(play, self.side)
        return Slope(tf.reduce_mean(squared) / 2, tf.reduce_mean(norms(squared)))


def _difference_quotients(play: Play, side: str, sigma: float) -> tf.Tensor:
    """(D(x + σε) − D(x))/σ, [B, 1]."""
    images, labels, scores = {REAL: lambda: (*play.real, play.real_scores),
                              GENERATED: lambda: (play.generated, play.latent.labels, play.generated_scores)}[side]()
    name = f"{side}_nudged_by_{sigma}"
    nudged = play.once(name, lambda: images + sigma * tf.cast(play.normal(name, images.shape[1:]), images.dtype))
    return (play.scores(name, nudged, labels, stream=side) - scores) / sigma


@objectives.register("r1")
class R1(_AtImages):
    """(γ/2) E‖∇D(x)‖² at real images (Mescheder et al. 2018, arXiv:1801.04406); beside a game, by +.

    gamma: γ, at least 0, or a schedule; 10 in the paper. every: only in rounds that this divides, times as much.
    approximate: σ, for the first-order E(D(x + σε) − D(x))²/σ² with ε ~ N(0, 1), which costs one more pass but no
    second derivative (Lin et al. 2025, arXiv:2501.08316, who leave out the division). Its noise and its error: see
    docs/training.md. With dropout or augmentations both passes have the same.
    """

    kind, side = "r1", REAL


@objectives.register("r2")
class R2(_AtImages):
    """(γ/2) E‖∇D(G(z))‖² at generated images (arXiv:1801.04406); beside a game, by +. Arguments: as r1's."""

    kind, side = "r2", GENERATED
