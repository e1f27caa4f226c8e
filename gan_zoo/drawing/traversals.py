"""What codes do: images whose codes go through their values, all else held."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo import pixels
from gan_zoo.drawing import images
from gan_zoo.latents import Latent
from gan_zoo.latents.codes import Code

_COLUMNS = 10
_SMALL = 56  # pixels a side, to which the images of an animation are enlarged at most
_FRAMES = 24  # of a sweep, to and fro


class Traversal(NamedTuple):
    """name: of the code. points: latent points [N, Z], row by row. columns: of the grid that shows them."""

    name: str
    points: tf.Tensor
    columns: int


class Traversals:
    """A grid for every code of a latent, and animated sweeps of the continuous ones.

    noise: latent points [10 or more, Z], which give what is not gone through. Where there is a label, its classes are
    the rows of what goes across.
    """

    def __init__(self, latent: Latent, noise: tf.Tensor):
        self._latent, self._noise = latent, noise[:_COLUMNS]
        self._rows: Code | None = next((code for code in (latent.label, *latent.codes) if code and code.discrete), None)

    def grids(self) -> list[Traversal]:
        """Of a discrete code: its values down, noises across. Of a continuous one: its sweep across; down the values
        of the first discrete code, of one noise, or else noises."""
        return [self._discrete(code) if code.discrete else self._continuous(code) for code in self._latent.codes]

    def sweeps(self) -> Iterator[tuple[str, list[Traversal]]]:
        """(name, frames) of every continuous code: the first discrete code down, if any, noises across."""
        for code in self._latent.codes:
            if not code.discrete:
                there = code.sweep(_FRAMES // 2 + 1)
                yield code.name, [self._frame(code, value) for value in there + there[-2:0:-1]]

    def _discrete(self, code: Code) -> Traversal:
        return self._of(code, self._noise)

    def _continuous(self, code: Code) -> Traversal:
        values = code.sweep(_COLUMNS)
        if self._rows:
            points = tf.repeat(self._noise[:1], len(values), axis=0)
            return self._of(self._rows, points, code, values)
        points = tf.repeat(self._noise, len(values), axis=0)
        swept = np.tile(values, len(self._noise))
        return Traversal(code.name, self._set(points, {code: swept}), len(values))

    def _frame(self, code: Code, value: float) -> Traversal:
        if self._rows:
            return self._of(self._rows, self._noise, code, [value] * len(self._noise))
        return Traversal(code.name, self._set(self._noise, {code: [value] * len(self._noise)}), len(self._noise))

    def _of(self, down: Code, points: tf.Tensor, across: Code | None = None, values=()) -> Traversal:
        """`points` across for every value of the code `down`; the code `across` takes `values` along each row."""
        rows = down.sweep(_COLUMNS)
        chosen = {down: np.repeat(rows, len(points))}
        if across:
            chosen[across] = np.tile(values, len(rows))
        return Traversal((across or down).name, self._set(tf.tile(points, [len(rows), 1]), chosen), len(points))

    def _set(self, points: tf.Tensor, values: dict[Code, list]) -> tf.Tensor:
        numbers = {code.name: tf.constant(np.asarray(chosen), tf.int32 if code.discrete else points.dtype)
                   for code, chosen in values.items()}
        return self._latent.with_codes(points, numbers)


def picture(traversal: Traversal, sample: Callable[[tf.Tensor], np.ndarray], value_range, small=False) -> np.ndarray:
    """The grid of a traversal, uint8 [h, w, C], small for a frame of an animation.

    sample: points → images [N, H, W, C] in `value_range`.
    """
    made = pixels.to_uint8(tf.constant(sample(traversal.points)), value_range).numpy()
    return images.grid(made, traversal.columns, max(1, _SMALL // made.shape[1]) if small else None)
