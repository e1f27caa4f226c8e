"""Faults put into what a healthy generator makes, from a step on, so that their kind and their moment are known."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

_MOST_GROUPS = 1000


class Made(NamedTuple):
    """What a check may look at. images: those of its noise. more: as many or more of other noise. group: images →
    the class, mode or cluster of each."""

    images: np.ndarray
    more: np.ndarray
    group: Callable[[np.ndarray], np.ndarray]


class Fault(NamedTuple):
    """What a faulty generator would have made in place of that, from a step on."""

    step: int
    apply: Callable[[Made], np.ndarray]


def few(count: int, step: int, seed: int) -> Fault:
    """A generator of `count` different images: each noise gets one of them, all as likely."""
    def apply(made: Made) -> np.ndarray:
        drawn = np.random.default_rng([seed, count]).integers(count, size=len(made.images))
        _, first, which = np.unique(drawn, return_index=True, return_inverse=True)
        return made.images[first[which]]

    return Fault(step, apply)


def without(dropped: int, step: int, seed: int) -> Fault:
    """A generator that makes no image of `dropped` of the classes, and more of the others."""
    order = np.random.default_rng([seed, dropped]).permutation(_MOST_GROUPS)

    def apply(made: Made) -> np.ndarray:
        found = made.group(made.images)
        lost = sorted(np.unique(found), key=lambda group: order[group])[:dropped]
        images, gone = made.images.copy(), np.isin(found, lost)
        others = made.more[~np.isin(made.group(made.more), lost)]
        images[gone] = np.resize(others, [gone.sum(), *images.shape[1:]])  # as many as there are, again if need be
        return images

    return Fault(step, apply)
