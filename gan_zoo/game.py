"""The nouns of an adversarial game: the networks, a batch, random numbers, and who moves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import keras
import tensorflow as tf

from gan_zoo.errors import UserError


@dataclass(frozen=True, kw_only=True)
class GAN:
    """The networks. Classes are int32 [B]; a network that is told them takes [input, classes].

    generator: noise [B, Z] → images [B, H, W, C] in `value_range`.
    body: what the discriminator is but for its last layers: images [B, H, W, C · packing] → features [B, F].
    heads: what is said of features, by name: "score" → raw score [B, 1], a logit where the objective has probabilities;
    "parameters" → those of every code's posterior side by side [B, P] (latents.codes), if there are codes; "logits" →
    of the classes [B, K], if the objective wants them named. All move with the discriminator's player.
    discriminator: body and score as one network.
    value_range: (lowest, highest) pixel value that generator and data share. None in a game on points, which
    are no pixels: images [B, 1, 1, D] whose values both networks see as they are.
    packing: how many images, side by side in channels, the discriminator scores at once (PacGAN, arXiv:1712.04086).
    """

    generator: keras.Model
    body: keras.Model
    heads: Mapping[str, keras.Model]
    discriminator: keras.Model
    value_range: tuple[float, float] | None = (-1.0, 1.0)
    packing: int = 1

    @property
    def judges(self) -> tuple[keras.Model, ...]:
        """The networks of the discriminator's player, body first."""
        return (self.body, *self.heads.values())

    @property
    def conditional(self) -> bool:
        """Whether images are made by class."""
        return takes_labels(self.generator)

    @property
    def told(self) -> bool:
        """Whether the discriminator is told the class."""
        return takes_labels(self.discriminator)

    def check_slopes(self) -> None:
        """Raises UserError if there is no such thing as the slope of the score at one image.

        Under batch norm the score is a function of a whole batch: its derivative by an image is that of all scores, and
        a penalty on it is not the paper's (arXiv:1704.00028, section 4, "No critic batch normalization").
        """
        if any(isinstance(layer, keras.layers.BatchNormalization)
               for network in (self.body, self.heads["score"]) for layer in layers(network)):
            raise UserError("a penalty on the slope at single images needs a discriminator without batch norm, under "
                            "which a score depends on the whole batch: take another --model, or --spectral_norm in the "
                            "penalty's place")

    def says(self, head: str, features: tf.Tensor, labels: tf.Tensor | None = None, *, training: bool) -> tf.Tensor:
        """A head's answer in at least single precision. ValueError if there is no such head."""
        if head not in self.heads:
            raise ValueError(f"this game has no head {head!r}, only {', '.join(self.heads)}: "
                             "the objective has to say that it reads codes or labels")
        return tf.cast(call(self.heads[head], features, labels, training=training), keras.config.floatx())


def layers(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """Every layer of a network once, those within networks and layers too, for which Keras has no public name."""
    return network._flatten_layers(include_self=False)


def takes_labels(network: keras.Model) -> bool:
    """Whether a network is told the class beside its first input."""
    return len(network.inputs) > 1


def call(network: keras.Model, inputs: tf.Tensor, labels: tf.Tensor | None = None, *, training: bool) -> tf.Tensor:
    """The network on its input [B, …] and, if it is told them, the classes int32 [B]."""
    return network([inputs, labels] if takes_labels(network) else inputs, training=training)


class Examples(NamedTuple):
    """A batch of real examples: `images` [B, H, W, C], and in a conditional game their classes, int32 [B]."""

    images: tf.Tensor
    labels: tf.Tensor | None = None


class LatentSample(NamedTuple):
    """A batch of what images are generated from, in TensorFlow or NumPy.

    noise: [B, Z], enters the generator, codes encoded in it. labels: the classes that the images shall have, int32 [B],
    or None. codes: their values [B] by name, where somebody wants to know them.
    """

    noise: Any
    labels: Any = None
    codes: Mapping[str, tf.Tensor] = {}

    def parts(self, size: int) -> "Iterator[LatentSample]":
        """Noise and classes cut into batches of at most `size`."""
        for start in range(0, self.noise.shape[0], size):
            some = slice(start, start + size)
            yield LatentSample(self.noise[some], None if self.labels is None else self.labels[some])


class Random(Protocol):
    """Random numbers for the rows of a batch, by the name of a stream."""

    def uniform(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """U[0, 1), float32 [B, *shape]."""
        ...

    def normal(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """N(0, 1), float32 [B, *shape]."""
        ...


# What the discriminator sees of images [B, H, W, C]: (images, random numbers for their rows, step) → what enters it.
View = Callable[[tf.Tensor, Random, tf.Tensor], tf.Tensor]


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
