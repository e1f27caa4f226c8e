"""Schedules that go from one value to another."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from gan_zoo.errors import check_count, check_number
from gan_zoo.registry import Call
from gan_zoo.schedules.base import Schedule, schedules

if TYPE_CHECKING:
    import tensorflow as tf  # what a flag says is checked without it


@schedules.register("linear")
def linear(start, end, steps=None) -> Schedule:
    """From start to end in a straight line, over `steps` rounds (None: the whole run); then end."""
    return _path("linear", start, end, steps, lambda fraction: 1 - fraction)


@schedules.register("cosine")
def cosine(start, end, steps=None) -> Schedule:
    """From start to end along half a cosine (arXiv:1608.03983), over `steps` rounds (None: the whole run); then end."""
    def left(fraction):
        import tensorflow as tf

        return (1 + tf.cos(math.pi * fraction)) / 2

    return _path("cosine", start, end, steps, left)


@schedules.register("exponential")
def exponential(start, end, steps=None) -> Schedule:
    """From start to end, both above 0, by one factor a round, over `steps` rounds (None: the whole run); then end."""
    check_number("start", start, above=0)
    check_number("end", end, above=0)

    def between(fraction):
        return end * (start / end) ** (1 - fraction)

    return _between("exponential", start, end, steps, between)


@schedules.register("warm_up")
def warm_up(value, steps) -> Schedule:
    """From 0 to value in a straight line, over `steps` rounds (arXiv:1706.02677); then value."""
    check_number("value", value)
    check_count("steps", steps)
    return Schedule(str(Call("warm_up", (value, steps))), min(value, 0), max(value, 0), False,
                    lambda step, total: value * _fraction(step, steps))


def _path(name: str, start, end, steps, left: Callable) -> Schedule:
    """From start to end. left: fraction of the steps that is done → how much of the way is left, 1 to 0."""
    check_number("start", start)
    check_number("end", end)

    def between(fraction):
        share = left(fraction)
        return start * share + end * (1 - share)

    return _between(name, start, end, steps, between)


def _between(name: str, start, end, steps, between: Callable) -> Schedule:
    """From start to end. between: fraction of the steps that is done → the value."""
    if steps is not None:
        check_count("steps", steps)
    text = str(Call(name, (start, end), {} if steps is None else {"steps": steps}))
    return Schedule(text, min(start, end), max(start, end), steps is None,
                    lambda step, total: between(_fraction(step, total if steps is None else steps)))


def _fraction(step, steps: int) -> "tf.Tensor":
    """How much of `steps` is done at `step`, in [0, 1]."""
    import tensorflow as tf

    return tf.minimum(tf.cast(step, tf.float32) / steps, 1.0)
