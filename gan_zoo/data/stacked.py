"""Stacked images: three grey images of a dataset as the red, green and blue of one, so that K classes are K³ modes.

Stacked MNIST has 1,000 of them, which a classifier of single digits can count: Metz et al. 2016 (arXiv:1611.02163),
Srivastava et al. 2017 (arXiv:1705.07761). Only the grey images are kept; what a batch stacks is drawn for it.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
import tensorflow as tf

from gan_zoo.data.image_dataset import ImageDataset
from gan_zoo.data.source import DataRequest, Made, Source, datasets, source_of
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key

_CHANNELS = ("red", "green", "blue")
_LEAST_SAMPLE = 60_000  # images of the fixed sample; metrics of 1,000 modes take 26,000 of it on either side
_MOST_CLASSES = 10  # of a channel: more make more triples than any number of images tells apart


@datasets.register("stacked")
def stacked(request: DataRequest, of) -> Source:
    """Three random grey images of a dataset as R, G and B: 1,000 modes of stacked("mnist") (arXiv:1611.02163).

    of: the dataset, as --dataset names it, in quotes. --channels=1 makes the images of a colour dataset grey first.
    """
    single = source_of(request._replace(channels=1 if request.channels == 1 else None), of, "stacked")
    if single.image_shape[-1] != 1:
        raise UserError(f"stacked: {of} has images in colour, and only grey ones can be stacked: make them grey with "
                        "--channels=1, or name other images")
    names = _triples(single.class_names)
    return Source(f"stacked({single.name})", ("stacked", single.identity), single.most, (*single.image_shape[:2], 3),
                  names, single.batches, single.splits, Made(single, StackedImages))


def _triples(names: tuple[str, ...]) -> tuple[str, ...]:
    """Of "0" to "9" "000" to "999"; longer names with a dash between; () if there are too many or none."""
    if not 0 < len(names) <= _MOST_CLASSES:
        return ()
    between = "" if max(map(len, names)) == 1 else "-"
    return tuple(map(between.join, product(names, repeat=3)))


class StackedImages:
    """Triples of grey images, as many an epoch as there are of these; a Dataset.

    In an epoch each grey image comes once in each channel; the three orders are independent of each other.
    single: the grey images. images: a fixed sample of 60,000 triples or more, of any channels; they are stacked as they
    are looked at. labels: of the sample, 100 r + 10 g + b of 10 classes; None without labels and for more classes.
    """

    has_pixels = True
    label_note = ""

    def __init__(self, single: ImageDataset):
        self.single = single
        self.name = f"stacked({single.name})"
        self.description = f"{self.name}, triples drawn for every batch of: {single.description}"
        labelled = single.labels is not None and np.min(single.labels) >= 0  # −1: no class
        self.class_names = _triples(single.class_names) if labelled else ()
        rows = np.random.default_rng(0).integers(single.count, size=(max(_LEAST_SAMPLE, single.count), 3))
        self.images = Stack(single, rows.astype(np.int32))
        self.labels = self._codes(np.moveaxis(np.asarray(single.labels)[rows], -1, 0)) if self.class_names else None

    @property
    def resident(self) -> bool:
        """Whether the grey images are in memory."""
        return self.single.resident

    @property
    def count(self) -> int:
        """Images an epoch."""
        return self.single.count

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, 3)."""
        return *self.single.image_shape[:2], 3

    @property
    def fingerprint(self) -> str:
        """That of the grey images, as of stacked ones."""
        return f"stacked-{self.single.fingerprint}"

    @property
    def contents(self) -> str:
        """That of the grey images."""
        return self.single.contents

    def reader(self, key: Key, batch_size: int, first_batch: int = 0, labels: bool = False) -> Callable:
        """fetch(batch_index) → uint8 [B, H, W, 3], and with `labels` (those, int32 [B]), for use in a tf.function.

        As of ImageDataset, a reader for each channel. UserError if B > N, ValueError for labels that there are not.
        """
        if labels:
            self._check_labels()
        readers = [self.single.reader(key(name), batch_size, first_batch, labels) for name in _CHANNELS]

        def fetch(batch_index):
            parts = [read(batch_index) for read in readers]
            with tf.device("CPU:0"):
                if not labels:
                    return tf.concat(parts, axis=-1)
                images, numbers = zip(*parts, strict=True)
                return tf.concat(images, axis=-1), self._codes(numbers)

        return fetch

    def label_reader(self, key: Key, batch_size: int) -> Callable[[tf.Tensor], tf.Tensor]:
        """fetch(batch_index) → int32 [B], the labels of the batch that a reader with this key gives; any order."""
        self._check_labels()
        readers = [self.single.label_reader(key(name), batch_size) for name in _CHANNELS]
        return lambda batch_index: self._codes([read(batch_index) for read in readers])

    def _check_labels(self) -> None:
        if self.labels is None:
            raise ValueError(f"{self.name} has no labels")

    def _codes(self, numbers):
        """The classes of triples from those of the channels, three arrays or tensors."""
        red, green, blue = numbers
        count = len(self.single.class_names)
        return (red * count + green) * count + blue


class Stack:
    """Triples of grey images as if they were an array, uint8 [N, H, W, 3]; what an index selects is stacked then.

    single: the grey images. rows: those of each triple, int32 [N, 3].
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, single: ImageDataset, rows: np.ndarray):
        self._single, self._rows = single, rows
        self.shape = (len(rows), *single.image_shape[:2], 3)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index) -> np.ndarray:
        """index: of triples, whatever NumPy takes for the first axis."""
        rows = self._rows[index]
        return np.moveaxis(np.asarray(self._single.images[rows])[..., 0], rows.ndim - 1, -1)


def single(data) -> ImageDataset | None:
    """The grey images that a stacked dataset is made of; None for other data."""
    return data.single if isinstance(data, StackedImages) else None


def channels(images: np.ndarray) -> np.ndarray:
    """[N, H, W, C] → [N C, H, W, 1], all channels of an image one after the other."""
    return np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3], 1)
