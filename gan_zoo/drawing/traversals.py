"""What codes do: images whose codes go through their values, all else held."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo import pixels
from gan_zoo.drawing import images
from gan_zoo.drawing.class_grids import class_grid, names_of
from gan_zoo.game import LatentSample
from gan_zoo.latents import Label, Latent
from gan_zoo.latents.codes import Code

_COLUMNS = 10
_SMALL = 56  # pixels a side, to which the images of an animation are enlarged at most
_FRAMES = 24  # of a sweep, to and fro


class Traversal(NamedTuple):
    """name: of the code. latent: what is shown, row by row. columns: of the grid. classes: the names of its rows, if
    these are classes."""

    name: str
    latent: LatentSample
    columns: int
    classes: tuple[str, ...] = ()


class Traversals:
    """A grid for every code of a latent, and animated sweeps of the continuous ones.

    noise: [10 or more, Z], which gives what is not gone through. Where images have a class, the classes are the rows of
    what goes across; and a discrete code is shown in the first class.
    """

    def __init__(self, latent: Latent, noise: tf.Tensor, label: Label | None = None):
        self._latent, self._noise, self._label = latent, noise[:_COLUMNS], label
        self._rows: Code | None = label or next((code for code in latent.codes if code.discrete), None)

    def grids(self) -> list[Traversal]:
        """Of a discrete code: its values down, noises across. Of a continuous one: its sweep across; down the classes,
        or the values of the first discrete code, of one noise, or else noises."""
        return [self._discrete(code) if code.discrete else self._continuous(code) for code in self._latent.codes]

    def sweeps(self) -> Iterator[tuple[str, list[Traversal]]]:
        """(name, frames) of every continuous code: the classes or the first discrete code down, noises across."""
        for code in self._latent.codes:
            if not code.discrete:
                there = code.sweep(_FRAMES // 2 + 1)
                yield code.name, [self._frame(code, value) for value in there + there[-2:0:-1]]

    def _discrete(self, code: Code) -> Traversal:
        return self._of(code, self._noise)

    def _continuous(self, code: Code) -> Traversal:
        values = code.sweep(_COLUMNS)
        if self._rows:
            return self._of(self._rows, tf.repeat(self._noise[:1], len(values), axis=0), code, values)
        swept = np.tile(values, len(self._noise))
        return self._set(code, tf.repeat(self._noise, len(values), axis=0), {code: swept}, len(values))

    def _frame(self, code: Code, value: float) -> Traversal:
        values = [value] * len(self._noise)
        if self._rows:
            return self._of(self._rows, self._noise, code, values)
        return self._set(code, self._noise, {code: values}, len(self._noise))

    def _of(self, down: Code, noise: tf.Tensor, across: Code | None = None, values=()) -> Traversal:
        """`noise` across for every value of `down`; the code `across` takes `values` along each row."""
        rows = down.sweep(_COLUMNS)
        chosen = {down: np.repeat(rows, len(noise))} | ({across: np.tile(values, len(rows))} if across else {})
        return self._set(across or down, tf.tile(noise, [len(rows), 1]), chosen, len(noise))

    def _set(self, code: Code, noise: tf.Tensor, values: dict[Code, np.ndarray | list], columns: int) -> Traversal:
        """The traversal of `code` with values set in the noise, or as the classes."""
        numbers = {each.name: tf.constant(np.asarray(chosen), tf.int32 if each.discrete else noise.dtype)
                   for each, chosen in values.items()}
        labels = None
        if self._label:
            labels = numbers.pop(self._label.name, tf.fill([noise.shape[0]], self._label.classes[0]))
        rows = self._label.sweep(_COLUMNS) if self._label and self._label in values else []
        names = tuple(names_of(rows, self._label.names)) if self._label else ()
        return Traversal(code.name, LatentSample(self._latent.with_codes(noise, numbers), labels), columns, names)


def picture(traversal: Traversal, sample: Callable[[LatentSample], np.ndarray], value_range, small=False) -> np.ndarray:
    """The grid of a traversal, uint8 [h, w, C], small for a frame of an animation.

    sample: latents → images [N, H, W, C] in `value_range`.
    """
    shown = pixels.to_uint8(tf.constant(sample(traversal.latent)), value_range).numpy()
    if traversal.classes and not small:
        return class_grid(shown, traversal.classes)
    return images.grid(shown, traversal.columns, max(1, _SMALL // shown.shape[1]) if small else None)
