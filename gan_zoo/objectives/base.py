"""The registry of objectives, their sums, and the base of those that look at scores alone."""

from abc import ABC, abstractmethod

import tensorflow as tf

from gan_zoo.game import Objective, Play
from gan_zoo.registry import Registry, parse

objectives = Registry("objective")


class ScoreObjective(ABC):
    """An objective that is a mean over examples of functions of the raw scores.

    A subclass gives `discriminator(real, fake)` and `generator(fake)`: scores [B, 1] → losses [B, 1].
    """

    threshold: float | None = 0.0
    headline: dict[str, str] = {}

    @abstractmethod
    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor: ...

    @abstractmethod
    def generator(self, fake: tf.Tensor) -> tf.Tensor: ...

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.reduce_mean(self.discriminator(play.real_scores, play.fake_scores))

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.reduce_mean(self.generator(play.fake_scores))

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {}

    def probability(self, scores: tf.Tensor) -> tf.Tensor:
        """Scores [B, 1] → the probability in [0, 1] that the image is real."""
        return tf.sigmoid(scores)

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probability": self.probability(scores)}


class Sum:
    """The sum of several objectives; the first says what a score means (threshold and estimates).

    Of two terms that report a diagnostic of one name, the first is heard.
    """

    def __init__(self, terms: list[Objective]):
        self.terms = terms
        self.threshold = terms[0].threshold
        self.estimates = terms[0].estimates
        self.headline = {name: label for term in reversed(terms) for name, label in term.headline.items()}

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.discriminator_loss(play) for term in self.terms])

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.generator_loss(play) for term in self.terms])

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {name: value for term in reversed(self.terms) for name, value in term.diagnostics(play).items()}


def build(spec: str) -> Objective:
    """An objective from its spec: one registered call, or a sum of them."""
    terms = [objectives.build(call) for call in parse(spec)]
    return terms[0] if len(terms) == 1 else Sum(terms)
