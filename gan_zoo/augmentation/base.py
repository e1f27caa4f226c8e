"""What an augmentation is, and how a sum of them is built from its spec."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import Random
from gan_zoo.registry import Registry, parse


class Augmentation(Protocol):
    """A random change of images, differentiable with respect to them."""

    def __call__(self, images: tf.Tensor, value_range: tuple[float, float], random: Random) -> tf.Tensor:
        """Images [B, H, W, C] of any float type, with pixels from value_range = (low, high) → the same shape and type.

        Every image draws its own numbers. The result may leave the value range.
        """


augmentations = Registry("augmentation")


def build(spec: str) -> Augmentation:
    """An augmentation from a sum of calls, such as "flip + translate(ratio=0.1)", applied in this order."""
    return _Sum(tuple(augmentations.build(call) for call in parse(spec)))


def within(argument: str, spec) -> Augmentation:
    """An augmentation that another spec has as an argument; a UserError names that."""
    if not isinstance(spec, str):
        raise UserError(f"{argument} must be a text as in {argument}=\"flip + translate\", got {spec!r}")
    try:
        return build(spec)
    except UserError as error:
        raise UserError(f"{argument}={spec}: {error}") from None


class _Sum(NamedTuple):
    parts: tuple[Augmentation, ...]

    def __call__(self, images, value_range, random):
        for place, part in enumerate(self.parts, 1):
            images = part(images, value_range, _OfTerm(random, place))
        return images


class _OfTerm(NamedTuple):
    """The random numbers of one term, so that equal terms draw different ones."""

    random: Random
    place: int

    def uniform(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        return self.random.uniform(f"{self.place}/{name}", shape)

    def normal(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        return self.random.normal(f"{self.place}/{name}", shape)


def per_image(numbers: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """[B] → [B, 1, 1, 1] of the images' type."""
    return tf.cast(numbers, images.dtype)[:, None, None, None]
