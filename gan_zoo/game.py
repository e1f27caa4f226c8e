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
    discriminator: images [B, H, W, C] → raw score [B, 1], a logit where the objective has probabilities; if it is
    told the class, [images, one-hot labels [B, num_classes]] → score.
    recognizer: images → the parameters of every code's posterior side by side [B, P] (gan_zoo.codes), or None.
    classifier: images → logits of the classes [B, K], or None.
    Both may share layers with the discriminator; their other variables move with the discriminator's player.
    judge: the discriminator's inputs → {"score", "parameters", "logits"}, as far as there are such networks, in one
    pass of what they share; None: there is only the discriminator, or they share nothing.
    num_classes: how many the discriminator is told of, 0 if it sees images only.
    value_range: (lowest, highest) pixel value that generator and data share. None in a game on points, which
    are no pixels: images [B, 1, 1, D] whose values both networks see as they are (the trainer sees to it).
    """

    generator: keras.Model
    discriminator: keras.Model
    recognizer: keras.Model | None = None
    classifier: keras.Model | None = None
    judge: keras.Model | None = None
    num_classes: int = 0
    value_range: tuple[float, float] | None = (-1.0, 1.0)

    @property
    def heads(self) -> dict[str, keras.Model]:
        """The networks that judge images, by what they say of them."""
        named = {"score": self.discriminator, "parameters": self.recognizer, "logits": self.classifier}
        return {name: network for name, network in named.items() if network is not None}

    def judged(self, images: tf.Tensor, labels: tf.Tensor | None):
        """What the discriminator, or the judge, is called with: labels are int32 [B]."""
        if not self.num_classes:
            return images
        return [images, tf.one_hot(labels, self.num_classes, dtype=keras.config.floatx())]


class Examples(NamedTuple):
    """A batch of real examples: `images` [B, H, W, C], and in a conditional game their classes, int32 [B]."""

    images: tf.Tensor
    labels: tf.Tensor | None = None


class LatentSample(NamedTuple):
    """A batch of latent points.

    flat: [B, Z], enters the generator. codes: the values [B] that have names. labels: the classes that the images
    shall have, int32 [B], which are in `flat` too; None if they have none.
    """

    flat: tf.Tensor
    codes: dict[str, tf.Tensor]
    labels: tf.Tensor | None = None


class Play:
    """One play: real images against generated ones, each network run at most once, and only when asked.

    real: Examples in the GAN's value range. latent: LatentSample of B' points. key and step key
    the randomness of stochastic layers; rank is the replica's place, so that its row i is row
    rank · B + i of the global batch. Scores are float32 (or wider) and of shape [B, 1].
    """

    def __init__(self, gan: GAN, real: Examples, latent: LatentSample, key: Key, step=0, rank=0):
        self.gan, self.real, self.latent = gan, real, latent
        self._key, self._step, self._rank = key, step, rank
        # Not functools.cached_property: up to Python 3.11 its lock is held while it computes, and replicas,
        # which are threads that wait for each other, would wait for ever.
        self._results: dict[str, tf.Tensor | list[tf.Tensor]] = {}

    def run(self, network: keras.Model, inputs, name: str):
        """The network in training mode, once for each `name`, which is also the random stream of the pass."""
        if name not in self._results:
            first_row = self._rank * tf.shape(tf.nest.flatten(inputs)[0])[0]
            with randomness.forward_pass(self._key(name), self._step, first_row):
                self._results[name] = network(inputs, training=True)
        return self._results[name]

    @property
    def fake(self) -> tf.Tensor:
        return self.run(self.gan.generator, self.latent.flat, "generator")

    @property
    def real_scores(self) -> tf.Tensor:
        return self._said("score", "real")

    @property
    def fake_scores(self) -> tf.Tensor:
        return self._said("score", "fake")

    @property
    def fake_parameters(self) -> tf.Tensor:
        """What the recognizer says of the generated images, [B, P]; float32 or wider."""
        return self._said("parameters", "fake")

    @property
    def real_logits(self) -> tf.Tensor:
        """What the classifier says of the real images, [B, K]; float32 or wider."""
        return self._said("logits", "real")

    @property
    def fake_logits(self) -> tf.Tensor:
        """What the classifier says of the generated images, [B, K]; float32 or wider."""
        return self._said("logits", "fake")

    def _said(self, head: str, side: str) -> tf.Tensor:
        """The judge sees real images where there is a classifier, which needs them; the recognizer does without."""
        images, labels = self.real if side == "real" else (self.fake, self.latent.labels)
        judge, alone = self.gan.judge, self.gan.heads[head]
        if judge is not None and (side == "fake" or self.gan.classifier is not None):
            said = self.run(judge, self.gan.judged(images, labels), side)[head]
        elif head == "score":
            said = self.run(alone, self.gan.judged(images, labels), side)
        else:
            said = self.run(alone, images, f"{side}_{head}")
        return tf.cast(said, keras.config.floatx())


class Objective(Protocol):
    """What each player minimises.

    One method a player, because players that move in turn pay for their own loss only. All return
    scalars that are means over the replica's examples, so that their mean over replicas is the batch's.

    threshold: a score of at least this much calls an image real; None: the middle of the two mean scores.
    headline: the diagnostics that belong on the progress line, and what they are called there.
    reads_codes: whether it looks at the latent's codes, and so needs some and a recognizer.
    reads_labels: whether it looks at what a classifier says, and so needs labels and a classifier.
    """

    threshold: float | None
    headline: dict[str, str]
    reads_codes: bool
    reads_labels: bool

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
