"""What a run shows of its data and of its samples: grids of images, or plots of points."""

import numpy as np
import tensorflow as tf

from gan_zoo import images, plots
from gan_zoo.data import Dataset

_FEWEST_POINTS = 2048  # fewer make a ragged histogram


class Grids:
    """Images side by side. count: images in a grid. value_range: of the generator."""

    def __init__(self, data: Dataset, value_range: tuple[float, float], count: int):
        self.count, self._data, self._value_range = count, data, value_range

    def real(self) -> np.ndarray:
        """Images evenly spread over the data: uint8 [h, w, 1 or 3]."""
        spread = np.linspace(0, self._data.count - 1, min(self.count, self._data.count)).astype(int)
        return images.grid(np.asarray(self._data.images[spread]))

    def generated(self, values: np.ndarray) -> np.ndarray:
        """Generated images [N, H, W, C] in the value range → uint8 [h, w, 1 or 3]."""
        return images.grid(images.to_uint8(tf.constant(values), self._value_range).numpy())


class Plots:
    """Generated points over the real ones. count: points that a plot needs, `count` or more."""

    def __init__(self, data: Dataset, count: int):
        self.count, self._real = max(count, _FEWEST_POINTS), data.images

    def real(self) -> np.ndarray:
        """The fixed sample of the data: uint8 [h, w, 3]."""
        return plots.points(real=self._real)

    def generated(self, values: np.ndarray) -> np.ndarray:
        """Generated points [N, 1, 1, D] → uint8 [h, w, 3]."""
        return plots.points(real=self._real, generated=values)


def pictures(data: Dataset, value_range: tuple[float, float] | None, count: int) -> Grids | Plots:
    """The pictures of a game; a GAN without a value range makes points."""
    return Plots(data, count) if value_range is None else Grids(data, value_range, count)
