"""The registry of objectives, their sums, and the bases of games on scores and of terms beside a game."""

from abc import ABC, abstractmethod

import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import Objective, Play
from gan_zoo.latents.codes import Code, Label
from gan_zoo.registry import Registry, parse

# A builder gets the latent's codes and its label (or None) from the program, if it takes them, the rest from the spec.
objectives = Registry("objective", context=("codes", "label"))


class ScoreObjective(ABC):
    """An objective that is a mean over examples of functions of the raw scores.

    A subclass gives `discriminator(real, fake)` and `generator(fake)`: scores [B, 1] → losses [B, 1].
    """

    threshold: float | None = 0.0
    headline: dict[str, str] = {}
    reads_codes = False
    reads_labels = False

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


class Term:
    """The base of what is no game, but may be added to one; it does not say what a score means."""

    threshold: float | None = None
    headline: dict[str, str] = {}
    reads_codes = False
    reads_labels = False

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {}


class Sum:
    """The sum of several objectives; the first game among them says what a score means (threshold and estimates).

    Of two terms that report a diagnostic of one name, the first is heard.
    """

    def __init__(self, terms: list[Objective]):
        game = next(term for term in terms if not isinstance(term, Term))
        self.terms = terms
        self.threshold = game.threshold
        self.estimates = game.estimates
        self.reads_codes = any(term.reads_codes for term in terms)
        self.reads_labels = any(term.reads_labels for term in terms)
        self.headline = {name: label for term in reversed(terms) for name, label in term.headline.items()}

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.discriminator_loss(play) for term in self.terms])

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.generator_loss(play) for term in self.terms])

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {name: value for term in reversed(self.terms) for name, value in term.diagnostics(play).items()}


def build(spec: str, codes: tuple[Code, ...] = (), label: Label | None = None) -> Objective:
    """An objective from its spec, one registered call or a sum of them, for a latent with these codes and label."""
    calls = parse(spec)
    terms = [objectives.build(call, codes=tuple(codes), label=label) for call in calls]
    if all(isinstance(term, Term) for term in terms):
        raise UserError(f"{calls[0].name} is a term beside a game: write non_saturating + {spec}")
    return terms[0] if len(terms) == 1 else Sum(terms)
