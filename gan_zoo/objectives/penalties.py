"""What penalties on the discriminator's slope share: a weight, the rounds in which they count, and what they show."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from gan_zoo.errors import check_count
from gan_zoo.game import GAN
from gan_zoo.objectives.base import Term
from gan_zoo.play import Play
from gan_zoo.schedules import Schedule


class Slope(NamedTuple):
    """What a penalty has measured, scalars. penalty: without its weight. gradient_norm: mean ‖∇D‖ where it looked."""

    penalty: tf.Tensor
    gradient_norm: tf.Tensor


class Penalty(Term, ABC):
    """weight · penalty, for the discriminator, in the rounds 0, k, 2k, …, and there k times as much.

    That is lazy regularization (Karras et al. 2020, arXiv:1912.04958, section 3.1); the rounds between cost nothing,
    and show the values of the last one. All moves of a round are alike. With packing the gradient is that of a pack's
    score by all images of the pack. It goes through --augment and --instance_noise to the images as they are.
    """

    def __init__(self, name: str, weight: float | Schedule, every: int):
        """name: what it is called where it is shown. weight: a number or a schedule, checked. every: k."""
        self.name, self.weight, self.every = name, weight, check_count("every", every)
        self.bounds_slope = (weight.highest if isinstance(weight, Schedule) else weight) > 0
        self.memory = dict.fromkeys(self._shown(), 0.0) if every > 1 else {}

    @abstractmethod
    def measure(self, play: Play) -> Slope:
        """Asks `play` alone; is not called where replicas could meet."""

    def prepare(self, play: Play) -> None:
        """Asks for what replicas find together, once a play, for `measure` to find it there."""

    def check(self, gan: GAN) -> None:
        gan.check_slopes()

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        loss, *shown = self._found(play)
        for name, value in zip(self.memory, shown, strict=False):
            play.remember(name, value)
        return loss

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """The penalty with its weight, as it stands in the loss but for k, and the mean norm of the gradients."""
        return dict(zip(self._shown(), self._found(play)[1:], strict=True))

    def _shown(self) -> tuple[str, str]:
        return f"{self.name}_penalty", f"{self.name}_gradient_norm"

    def _found(self, play: Play) -> Sequence[tf.Tensor]:
        """What goes into the loss, and what is shown of it."""
        return play.once(self, lambda: self._find(play))

    def _find(self, play: Play) -> Sequence[tf.Tensor]:
        self.prepare(play)
        if self.every == 1:
            return self._weighted(play)
        otherwise = [tf.cast(value, keras.config.floatx()) for value in (0.0, *map(play.memory, self.memory))]
        return play.seldom(self.every, self._weighted, otherwise)

    def _weighted(self, play: Play) -> Sequence[tf.Tensor]:
        found = self.measure(play)
        penalty = play.at(self.weight) * found.penalty
        return [self.every * penalty, penalty, found.gradient_norm]


def squared_norms(play: Play, name: str) -> tf.Tensor:
    """‖∇D‖² at the images of a pass, [B]; with packing at each pack, [B / packing]."""
    gradient = tf.cast(play.gradient(name), keras.config.floatx())  # half precision would overflow in the sum
    size = play.gan.packing * math.prod(gradient.shape[1:])
    return tf.reduce_sum(tf.reshape(gradient, [-1, size]) ** 2, axis=1)


def norms(squared: tf.Tensor) -> tf.Tensor:
    """√ with the derivative 0 at 0, where a norm has none and √ an infinite one."""
    positive = squared > 0
    return tf.where(positive, tf.sqrt(tf.where(positive, squared, 1)), 0)
