"""Faults put into what a healthy generator makes, from a step on, so that their kind and their moment are known."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

_LIKE = 0.1  # probability of a class, from which on an image looks like it


Classify = Callable[[np.ndarray], np.ndarray]  # images → probabilities of the classes, [n, K]


class Made(NamedTuple):
    """What a check may look at. images: those of its noise. more: as many or more of other noise."""

    images: np.ndarray
    more: np.ndarray
    classify: Classify


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
    """A generator that makes no image that looks like one of `dropped` of the classes, and more of the others.

    One whose images all look like these is left as it is.
    """
    def apply(made: Made) -> np.ndarray:
        probabilities = made.classify(made.images)
        lost = np.random.default_rng([seed, dropped]).permutation(probabilities.shape[1])[:dropped]
        images, gone = made.images.copy(), probabilities[:, lost].max(axis=1) >= _LIKE
        others = made.more[made.classify(made.more)[:, lost].max(axis=1) < _LIKE]
        if not len(others):
            return images
        images[gone] = np.resize(others, [gone.sum(), *images.shape[1:]])  # as many as there are, again if need be
        return images

    return Fault(step, apply)
