"""Least squares GAN (Mao et al. 2017, arXiv:1611.04076)."""

from dataclasses import dataclass

import tensorflow as tf

from gan_zoo.errors import UserError, check_number
from gan_zoo.objectives.base import ScoreObjective, objectives


@objectives.register("least_squares")
@dataclass(frozen=True)
class LeastSquares(ScoreObjective):
    """min_D ½E[(D(x) − b)²] + ½E[(D(G(z)) − a)²], min_G ½E[(D(G(z)) − c)²] (arXiv:1611.04076, equation 2).

    a, b: the targets for generated and for real images; c: what the generator wants D to believe. b = 0.9
    is one-sided label smoothing. scale: the factor before the squares, ½ in the paper.
    """

    a: float = 0.0
    b: float = 1.0
    c: float = 1.0
    scale: float = 0.5

    def __post_init__(self):
        for name in ("a", "b", "c"):
            check_number(name, getattr(self, name))
        check_number("scale", self.scale, above=0)
        if self.b <= self.a:
            raise UserError(f"least_squares: the real target b={self.b} must be above the generated target a={self.a}")

    @property
    def threshold(self) -> float:  # type: ignore[override]  # follows from a and b
        return (self.a + self.b) / 2

    def discriminator(self, real, generated):
        return self.scale * (tf.square(real - self.b) + tf.square(generated - self.a))

    def generator(self, generated):
        return self.scale * tf.square(generated - self.c)

    def probability(self, scores):
        """The optimal score is a + (b − a) p/(p + q), so that this is p/(p + q), clipped to [0, 1]."""
        return tf.clip_by_value((scores - self.a) / (self.b - self.a), 0.0, 1.0)
