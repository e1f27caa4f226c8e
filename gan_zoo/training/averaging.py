"""The moving average of the generator's weights (Yazıcı et al. 2019, arXiv:1806.04498)."""

from dataclasses import dataclass
from typing import Protocol

import keras
import tensorflow as tf

from gan_zoo.errors import UserError, check_number
from gan_zoo.registry import Registry, one_call

averages = Registry("average")


class Averaging(Protocol):
    """How much of the average a round keeps."""

    def kept(self, step: tf.Tensor, images_per_round: int) -> tf.Tensor:
        """d in [0, 1) at round `step`, a float scalar as `step` is."""
        ...


@averages.register("decay")
@dataclass(frozen=True)
class Decay:
    """d a round, as in --generator_average=0.999; early on min(d, (1 + t) / (10 + t)), which forgets the start."""

    decay: float

    def __post_init__(self):
        check_number("decay", self.decay, above=0, below=1)

    def kept(self, step, images_per_round):
        return tf.minimum(tf.cast(self.decay, step.dtype), (1 + step) / (10 + step))


@averages.register("half_life")
@dataclass(frozen=True)
class HalfLife:
    """Half is forgotten after so many real images, or after the share `ramp` of those seen so far if that is less.

    d = ½^(images a round / half-life); the half-life grows from 0 (Karras et al. 2020, arXiv:2006.06676, whose public
    code has ramp 0.05). ramp: above 0, or None: the half-life is the same throughout.
    """

    images: float
    ramp: float | None = 0.05

    def __post_init__(self):
        check_number("images", self.images, above=0)
        if self.ramp is not None:
            check_number("ramp", self.ramp, above=0)

    def kept(self, step, images_per_round):
        half_life = tf.cast(self.images, step.dtype)
        if self.ramp is not None:
            half_life = tf.minimum(half_life, tf.cast(self.ramp * images_per_round, step.dtype) * step)
        return tf.where(half_life > 0, 0.5 ** (images_per_round / tf.maximum(half_life, 1e-6)), 0)


def build_average(text: str) -> Averaging | None:
    """What --generator_average says, a decay or a call; None for 0. UserError, naming the flag."""
    flag = f"--generator_average={text}"
    try:
        decay = float(text)
    except ValueError:
        decay = None
    try:
        if decay is None:
            return averages.build(one_call(text))
        return Decay(decay) if decay else None
    except UserError as error:
        raise UserError(f"{flag}: {error}") from None


class GeneratorAverage:
    """A second generator that follows the trained one: w̄ ← d·w̄ + (1 − d)·w, batch norm statistics too.

    images_per_round: real images that a round shows to the discriminator. Made inside the strategy's scope.
    """

    def __init__(self, generator: keras.Model, averaging: Averaging, images_per_round: int):
        self.source = generator
        self.network = keras.models.clone_model(generator)
        self.network.set_weights(generator.get_weights())
        self._averaging, self._images_per_round = averaging, images_per_round

    def update(self, step: tf.Tensor) -> None:
        """Follows the generator by one round; called on every replica after the generator has moved."""
        for average, variable in zip(self.network.weights, self.source.weights, strict=True):
            if not average.dtype.startswith(("float", "bfloat")):
                continue
            kept = self._averaging.kept(tf.cast(step, average.dtype), self._images_per_round)
            average.assign(kept * average + (1 - kept) * tf.cast(variable.value, average.dtype))
