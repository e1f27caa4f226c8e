"""What every kind of data offers to the game that is played on it."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import tensorflow as tf

from gan_zoo.randomness import Key


class Dataset(Protocol):
    """Examples of one shape in an endless order, a function of a key: an ImageDataset, PointDataset or StackedImages.

    name, description: for people; the description is one line. count: examples an epoch. image_shape:
    (H, W, C); a point of R^D is an image of one pixel with D channels, (1, 1, D). has_pixels: whether
    examples are uint8 pixels, which have a value range; if not, they are float32 and mean what they say.
    images: [N, H, W, C], all of them or a fixed sample, or what is indexed like an array of them. labels: int32 [N],
    or None. class_names: by label. resident: whether they are in memory. label_note: what to tell where a game makes no
    use of the labels, or can't, "" for nothing. fingerprint: tells other data from these, by some of them. contents:
    by all of them, "" if that would take long.
    """

    name: str
    description: str
    has_pixels: bool
    images: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    resident: bool
    label_note: str

    @property
    def count(self) -> int: ...

    @property
    def image_shape(self) -> tuple[int, int, int]: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def contents(self) -> str: ...

    def reader(self, key: Key, batch_size: int, first_batch: int = 0, labels: bool = False) -> Callable:
        """fetch(batch_index) → images, or with `labels` (images, labels), for use in a tf.function.

        images: [B, H, W, C], uint8 or float32. labels: int32 [B]; ValueError if they are wanted and there are none.
        The batch is a function of (key, batch_size, batch_index); indices follow each other from `first_batch`.
        """
        ...

    def label_reader(self, key: Key, batch_size: int) -> Callable[[tf.Tensor], tf.Tensor]:
        """fetch(batch_index) → int32 [B], the labels of the batch that a reader with this key gives; any order.

        For those who need no images, such as a generator's own moves. ValueError if there are no labels.
        """
        ...
