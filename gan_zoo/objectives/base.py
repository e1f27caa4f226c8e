"""The registry of objectives, their sums, and the bases of games on scores and of terms beside a game."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import keras
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.latents.codes import Code
from gan_zoo.play import Objective, Play
from gan_zoo.registry import Registry, parse
from gan_zoo.schedules import schedules

# A builder gets from the program, if it takes them, the latent's codes, and whether images have a class; the rest from
# the spec, in which a number may be a schedule if the builder says so (schedules.check_number_or_schedule).
objectives = Registry("objective", context=("codes", "conditional"), nested=schedules)


class Plain:
    """What most objectives are: they look at images and scores alone, on any networks (see play.Objective)."""

    threshold: float | None = None
    headline: Mapping[str, str] = {}
    limits: Mapping[str, float] = {}
    reads_codes = False
    reads_labels = False
    pairs = False
    needs_bound = False
    bounds_slope = False
    memory: Mapping[str, float] = {}

    def check(self, gan: GAN) -> None:
        pass

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {}


class Game(Plain):
    """The base of a game: it says what a score means, by default a logit."""

    threshold: float | None = 0.0

    def probability(self, scores: tf.Tensor) -> tf.Tensor:
        """Scores [B, 1] → the probability in [0, 1] that the image is real."""
        return tf.sigmoid(scores)

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probability": self.probability(scores)}


class ScoreObjective(Game, ABC):
    """An objective that is a mean over examples of functions of the raw scores.

    A subclass gives `discriminator(real, generated)` and `generator(generated)`: scores [B, 1] → losses [B, 1].
    """

    @abstractmethod
    def discriminator(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor: ...

    @abstractmethod
    def generator(self, generated: tf.Tensor) -> tf.Tensor: ...

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.reduce_mean(self.discriminator(play.real_scores, play.generated_scores))

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.reduce_mean(self.generator(play.generated_scores))


class Term(Plain):
    """The base of what is no game, but may be added to one: it costs nothing, unless a subclass says so.

    It does not say what a score means.
    """

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.zeros([], keras.config.floatx())

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.zeros([], keras.config.floatx())

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
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
        self.pairs = any(term.pairs for term in terms)
        self.needs_bound = any(term.needs_bound for term in terms)
        self.bounds_slope = any(term.bounds_slope for term in terms)
        self.headline = {name: label for term in reversed(terms) for name, label in term.headline.items()}
        self.limits = {name: most for term in reversed(terms) for name, most in term.limits.items()}
        self.memory = _together([term.memory for term in terms])

    def check(self, gan: GAN) -> None:
        for term in self.terms:
            term.check(gan)

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.discriminator_loss(play) for term in self.terms])

    def generator_loss(self, play: Play) -> tf.Tensor:
        return tf.add_n([term.generator_loss(play) for term in self.terms])

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        return {name: value for term in reversed(self.terms) for name, value in term.diagnostics(play).items()}


def _together(memories: list[Mapping[str, float]]) -> dict[str, float]:
    """What several terms keep; UserError if two mean other numbers by one name."""
    names = [name for memory in memories for name in memory]
    if len(set(names)) < len(names):
        raise UserError(f"two terms keep a number of the name {max(names, key=names.count)}: make one of them")
    return {name: value for memory in memories for name, value in memory.items()}


def build(spec: str, codes: tuple[Code, ...] = (), conditional: bool = False) -> Objective:
    """An objective from its spec, one registered call or a sum of them.

    codes: of the latent. conditional: whether images have a class.
    """
    calls = parse(spec)
    terms = [objectives.build(call, codes=tuple(codes), conditional=conditional) for call in calls]
    if all(isinstance(term, Term) for term in terms):
        raise UserError(f"{calls[0].name} is a term beside a game: write non_saturating + {spec}")
    return terms[0] if len(terms) == 1 else Sum(terms)
