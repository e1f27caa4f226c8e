"""What a run shows of its data and of its samples: grids of images, or plots of points."""

import numpy as np
import tensorflow as tf

from gan_zoo import pixels
from gan_zoo.data import Dataset
from gan_zoo.drawing import class_grids, images, lettering, plots
from gan_zoo.game import LatentSample
from gan_zoo.latents import Label, Latent
from gan_zoo.randomness import Key

_FEWEST_POINTS = 2048  # fewer make a ragged histogram
_MOST_CLASSES = 100  # in a grid, unless more images are asked for


class _Pictures:
    """count: examples in a picture of samples."""

    def __init__(self, count: int):
        self.count = count

    def latents(self, latent: Latent, key: Key) -> LatentSample:
        """What is decoded all along."""
        return latent.sample(self.count, key.pair(0))


class Grids(_Pictures):
    """Images side by side. count: images in a grid. value_range: of the generator."""

    def __init__(self, data: Dataset, value_range: tuple[float, float], count: int):
        super().__init__(count)
        self._data, self._value_range = data, value_range

    def real(self) -> np.ndarray:
        """Images evenly spread over the data: uint8 [h, w, 1 or 3]."""
        return images.grid(np.asarray(self._data.images[_spread(self._data.count, self.count)]))

    def generated(self, values: np.ndarray) -> np.ndarray:
        """Generated images [N, H, W, C] in the value range → uint8 [h, w, 1 or 3]."""
        return self._grid(pixels.to_uint8(tf.constant(values), self._value_range).numpy())

    def _grid(self, shown: np.ndarray) -> np.ndarray:
        return images.grid(shown)


class ClassGrids(Grids):
    """A class a row, by its name; what is generated has the same noise all down a column. About `count` images.

    Of more than 100 classes (or `count`, if that is more) as many are shown, evenly chosen, and that is said.
    """

    def __init__(self, data: Dataset, value_range: tuple[float, float], count: int, label: Label):
        super().__init__(data, value_range, count)
        chosen = _spread(len(label.classes), max(_MOST_CLASSES, count))
        self._classes = [label.classes[index] for index in chosen]
        self._names, self._of = class_grids.names_of(self._classes, label.names), len(label.classes)
        self._columns = max(1, round(count / len(self._classes)))

    def latents(self, latent: Latent, key: Key) -> LatentSample:
        """The same noise for every class, class by class."""
        noise = latent.sample(self._columns, key.pair(0)).noise
        return LatentSample(tf.tile(noise, [len(self._classes), 1]),
                            tf.repeat(tf.constant(self._classes), self._columns))

    def real(self) -> np.ndarray:
        """Images evenly spread over each class, black where it has too few: uint8 [h, w, 1 or 3]."""
        shown = np.zeros([len(self._classes), self._columns, *self._data.image_shape], np.uint8)
        for row, number in zip(shown, self._classes, strict=True):
            of_class = np.flatnonzero(self._data.labels == number)
            chosen = of_class[_spread(len(of_class), self._columns)]
            row[:len(chosen)] = self._data.images[chosen]
        return self._grid(shown.reshape(-1, *self._data.image_shape))

    def _grid(self, shown: np.ndarray) -> np.ndarray:
        picture = class_grids.class_grid(shown, self._names)
        if len(self._classes) == self._of:
            return picture
        return lettering.titled(picture, f"{len(self._classes)} of {self._of:,} classes, evenly chosen")


def _spread(count: int, wanted: int) -> np.ndarray:
    """`wanted` indices, or all if there are fewer, evenly spread over `count`."""
    return np.linspace(0, count - 1, min(wanted, count)).astype(int)


class Plots(_Pictures):
    """Generated points over the real ones. count: points that a plot needs, `count` or more."""

    def __init__(self, data: Dataset, count: int):
        super().__init__(max(count, _FEWEST_POINTS))
        self._real = data.images

    def real(self) -> np.ndarray:
        """The fixed sample of the data: uint8 [h, w, 3]."""
        return plots.points(real=self._real)

    def generated(self, values: np.ndarray) -> np.ndarray:
        """Generated points [N, 1, 1, D] → uint8 [h, w, 3]."""
        return plots.points(real=self._real, generated=values)


def pictures(data: Dataset, value_range: tuple[float, float] | None, count: int,
             label: Label | None = None) -> Grids | Plots:
    """The pictures of a game, which is conditional if there is a label; a GAN without a value range makes points."""
    if value_range is None:
        return Plots(data, count)
    return ClassGrids(data, value_range, count, label) if label else Grids(data, value_range, count)
