"""The nouns of an adversarial game: the networks, one play of it, what it costs, and who moves."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import keras
import tensorflow as tf

from gan_zoo import randomness
from gan_zoo.randomness import Key


class GAN(NamedTuple):
    """The networks.

    generator: noise [B, Z] → images [B, H, W, C] in `value_range`.
    discriminator: images [B, H, W, C] → raw score [B, 1], a logit where the objective has probabilities.
    recognizer: images → the parameters of every code's posterior side by side [B, P] (gan_zoo.codes), or None.
    It may share layers with the discriminator; its other variables move with the discriminator's player.
    judge: images → (score, parameters), both networks in one pass of what they share; None: there is no recognizer,
    or it shares nothing.
    value_range: (lowest, highest) pixel value that generator and data share. None in a game on points, which
    are no pixels: images [B, 1, 1, D] whose values both networks see as they are (the trainer sees to it).
    """

    generator: keras.Model
    discriminator: keras.Model
    recognizer: keras.Model | None = None
    judge: keras.Model | None = None
    value_range: tuple[float, float] | None = (-1.0, 1.0)


class LatentSample(NamedTuple):
    """A batch of latent points: `flat` [B, Z] enters the generator; `codes` holds the values [B] that have names."""

    flat: tf.Tensor
    codes: dict[str, tf.Tensor]


class Play:
    """One play: real images against generated ones, each network run at most once, and only when asked.

    real: images [B, H, W, C] in the GAN's value range. latent: LatentSample of B' points. key and step key
    the randomness of stochastic layers; rank is the replica's place, so that its row i is row
    rank · B + i of the global batch. Scores are float32 (or wider) and of shape [B, 1].
    """

    def __init__(self, gan: GAN, real: tf.Tensor, latent: LatentSample, key: Key, step=0, rank=0):
        self.gan, self.real, self.latent = gan, real, latent
        self._key, self._step, self._rank = key, step, rank
        # Not functools.cached_property: up to Python 3.11 its lock is held while it computes, and replicas,
        # which are threads that wait for each other, would wait for ever.
        self._results: dict[str, tf.Tensor | list[tf.Tensor]] = {}

    def run(self, network: keras.Model, inputs: tf.Tensor, name: str):
        """The network in training mode, once for each `name`, which is also the random stream of the pass."""
        if name not in self._results:
            first_row = self._rank * tf.shape(inputs)[0]
            with randomness.forward_pass(self._key(name), self._step, first_row):
                self._results[name] = network(inputs, training=True)
        return self._results[name]

    @property
    def fake(self) -> tf.Tensor:
        return self.run(self.gan.generator, self.latent.flat, "generator")

    @property
    def real_scores(self) -> tf.Tensor:
        return tf.cast(self.run(self.gan.discriminator, self.real, "real"), keras.config.floatx())

    @property
    def fake_scores(self) -> tf.Tensor:
        if self.gan.judge is not None:
            scores, _ = self.run(self.gan.judge, self.fake, "fake")
        else:
            scores = self.run(self.gan.discriminator, self.fake, "fake")
        return tf.cast(scores, keras.config.floatx())

    @property
    def fake_parameters(self) -> tf.Tensor:
        """What the recognizer says of the generated images, [B, P]; float32 or wider."""
        if self.gan.judge is not None:
            _, parameters = self.run(self.gan.judge, self.fake, "fake")
        else:
            parameters = self.run(self.gan.recognizer, self.fake, "recognized")
        return tf.cast(parameters, keras.config.floatx())


class Objective(Protocol):
    """What each player minimises.

    One method a player, because players that move in turn pay for their own loss only. All return
    scalars that are means over the replica's examples, so that their mean over replicas is the batch's.

    threshold: a score of at least this much calls an image real; None: the middle of the two mean scores.
    headline: the diagnostics that belong on the progress line, and what they are called there.
    reads_codes: whether it looks at the latent's codes, and so needs some and a recognizer.
    """

    threshold: float | None
    headline: dict[str, str]
    reads_codes: bool

    def discriminator_loss(self, play: Play) -> tf.Tensor: ...

    def generator_loss(self, play: Play) -> tf.Tensor: ...

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """Named scalars to watch, beside the losses."""
        ...

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        """What scores [B, 1] say, by name, [B, 1] each: "probability" that the image is real, in [0, 1], and others."""
        ...


class Clip(NamedTuple):
    """Bounds on a player's gradients; None does not clip. At most one is set.

    value: each component to ±value. norm: each tensor's L2 norm. global_norm: the L2 norm of all together.
    """

    value: float | None = None
    norm: float | None = None
    global_norm: float | None = None


class Player(NamedTuple):
    """Who moves: `variables` under `optimizer`, gradients clipped by `clip`, weights to ±`weight_clip`.

    updates_per_round: moves a round, at least 1. unbounded: variables among them that `weight_clip` leaves alone.
    Every variable of a game belongs to exactly one player.
    """

    name: str
    variables: Sequence[keras.Variable]
    optimizer: keras.optimizers.Optimizer
    clip: Clip = Clip()
    weight_clip: float | None = None
    updates_per_round: int = 1
    unbounded: Sequence[keras.Variable] = ()
