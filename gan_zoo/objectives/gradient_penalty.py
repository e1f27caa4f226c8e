"""Penalties on the slope of the critic between or around the data: WGAN-GP, DRAGAN, zero-centred."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from gan_zoo.errors import check_choice
from gan_zoo.objectives.base import objectives
from gan_zoo.objectives.penalties import Penalty, Slope, norms, squared_norms
from gan_zoo.play import Play
from gan_zoo.schedules import check_number_or_schedule


class _Kind(NamedTuple):
    """name: of the pass. images: those whose slope is looked at. target: what it shall be. prepare: Penalty.prepare."""

    name: str
    images: Callable[[Play], tf.Tensor]
    target: float
    prepare: Callable[[Play], object] = lambda play: None


def _spread(play: Play) -> tf.Tensor:
    """The standard deviation of all numbers of the global batch of real images, a scalar."""
    return play.once("spread", lambda: _deviation(play))


def _deviation(play: Play) -> tf.Tensor:
    images = play.real.images
    mean = play.mean(tf.reduce_mean(images))
    return tf.sqrt(play.mean(tf.reduce_mean((images - mean) ** 2)))


def _around(play: Play) -> tf.Tensor:
    """x + α · ½ std(x) · U[0, 1), α ~ U[0, 1) for each image, as in the DRAGAN authors' code."""
    images = play.real.images
    noise = play.uniform("dragan_share", [1, 1, 1]) * play.uniform("dragan", images.shape[1:])
    return images + 0.5 * _spread(play) * tf.cast(noise, images.dtype)


_KINDS = {"wgan_gp": _Kind("mixed", Play.mixed, 1), "dragan": _Kind("around", _around, 1, _spread),
          "zero_centred": _Kind("mixed", Play.mixed, 0)}


@objectives.register("gradient_penalty")
class GradientPenalty(Penalty):
    """weight · E(‖∇D(x̂)‖ − 1)² of WGAN-GP (arXiv:1704.00028), and its kin by `kind`; beside a game, by +.

    kind: "wgan_gp": x̂ between real and generated images (Gulrajani et al. 2017). "dragan": around real ones, x̂ = x +
    α ½ std u, u and α from U[0, 1) (Kodali et al. 2017, arXiv:1705.07215, and its authors' code, with weight 10).
    "zero_centred": E‖∇D(x̂)‖², between (Thanh-Tung et al. 2019, arXiv:1902.03984). weight: at least 0, or a schedule.
    every: only in rounds that this divides, times as much. x̂ has the class of its real image.
    """

    def __init__(self, weight=10.0, kind="wgan_gp", every=1):
        check_number_or_schedule("weight", weight, least=0)
        super().__init__(check_choice("kind", kind, _KINDS), weight, every)
        self.kind = _KINDS[kind]

    def prepare(self, play: Play) -> None:
        self.kind.prepare(play)

    def measure(self, play: Play) -> Slope:
        name, images, *_ = self.kind
        play.scores(name, play.once(name, lambda: images(play)), play.real.labels)
        squared = squared_norms(play, name)
        lengths = norms(squared)
        off = (lengths - self.kind.target) ** 2 if self.kind.target else squared
        return Slope(tf.reduce_mean(off), tf.reduce_mean(lengths))
