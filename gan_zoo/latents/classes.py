"""The classes of images: what the data have of them, and how a generator is asked for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.labels import listed
from gan_zoo.latents.codes import LABEL, Categorical


class Classes(NamedTuple):
    """numbers: of the classes that the data have, ascending. names: of all classes by number. counts: how many
    examples each of `numbers` has; () for as many each."""

    numbers: tuple[int, ...]
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Label(Categorical):
    """The class of an image, an integer 0 … K − 1: no code, since it is given and nothing has to recognize it.

    classes: those that the data have, in ascending order; the prior is their frequency. names: of all K, or ().
    """

    classes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    _taken: ClassVar[tuple[str, ...]] = ()

    def sample(self, count, seed: tf.Tensor) -> tf.Tensor:
        """int32 [count], as often as the data have them; seed: int32 [2]."""
        return self.prior.sample([count], seed=seed)

    def problem(self):
        return f"{self.name} must be {listed(self.classes)}"

    def valid(self, values):
        return tf.reduce_any(values[..., tf.newaxis] == tf.constant(self.classes), axis=-1)

    def sweep(self, steps):
        """The classes, or `steps` of them, evenly chosen, if there are more."""
        count = len(self.classes)
        return [self.classes[index * count // steps] for index in range(steps)] if count > steps else list(self.classes)


def label_of(classes: Classes, size: int | None = None) -> Label:
    """The label over these classes, of `size` in all (default: as many as have names)."""
    logits = np.full(size or len(classes.names), -np.inf)
    logits[list(classes.numbers)] = np.log(classes.counts or 1)
    prior = tfp.distributions.Categorical(logits=tf.constant(logits, keras.config.floatx()))
    return Label(LABEL, prior, classes.numbers, classes.names)


def present(labels: np.ndarray, names: Sequence[str]) -> Classes:
    """The classes that labels, integers [N] of at least 0, have."""
    numbers, counts = np.unique(labels, return_counts=True)
    return Classes(tuple(numbers.tolist()), tuple(names), tuple(counts.tolist()))
