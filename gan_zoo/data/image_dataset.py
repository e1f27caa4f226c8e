"""A set of images and the endless, stateless order in which a run sees them.

The order is a stream of positions p = 0, 1, 2, …; p // N is the epoch, and the image at p is the (p mod N)-th
of a permutation that depends on (key, epoch) alone. So every image comes once an epoch, a batch may straddle
two epochs, and a resumed run sees the very batches that it would have seen.
"""

import functools
import hashlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError, check_count
from gan_zoo.randomness import Key

_ROUNDS = 4  # of the block cipher that permutes
_PREFETCHED_BATCHES = 4
_FINGERPRINTED = 64  # images


class ImageDataset:
    """N images, in memory or memory-mapped from a file.

    images: uint8 [N, H, W, C], a np.memmap when they are streamed. labels: int32 [N], or None.
    class_names: by label; () without labels. description: one line for a person. label_note: what to tell where a
    game makes no use of the labels, or can't.
    """

    has_pixels = True

    def __init__(self, name: str, images: np.ndarray, labels: np.ndarray | None = None,
                 class_names: tuple[str, ...] = (), description: str = "", label_note: str = ""):
        self.name = name
        self.images = images
        self.labels = labels
        self.class_names = class_names
        self.description = description or name
        self.label_note = label_note
        self.resident = not isinstance(images, np.memmap)
        self._pixels: tf.Tensor | None = None

    @property
    def count(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return tuple(self.images.shape[1:])

    @property
    def fingerprint(self) -> str:
        """A hash of the shape and of images evenly spread over the set: tells other data from these."""
        spread = np.linspace(0, self.count - 1, _FINGERPRINTED).astype(int)
        digest = hashlib.blake2b(repr(self.images.shape).encode(), digest_size=8)
        digest.update(np.ascontiguousarray(self.images[spread]).data)
        return digest.hexdigest()

    @functools.cached_property
    def contents(self) -> str:
        """A hash of all images; "" if they are streamed, of which one look would take too long."""
        if not self.resident:
            return ""
        return hashlib.blake2b(np.ascontiguousarray(self.images).data, digest_size=8).hexdigest()

    def indices(self, key: Key, first_position, batch_size: int) -> tf.Tensor:
        """Which images are at positions first_position … first_position + batch_size: int32 [B].

        first_position: scalar integer, may be a tensor. batch_size: at most N, so that at most two epochs meet.
        """
        self._check_batch_size(batch_size)
        count = tf.constant(self.count, tf.int64)
        positions = tf.cast(first_position, tf.int64) + tf.range(batch_size, dtype=tf.int64)
        epochs = positions // count
        first = epochs[0]
        seeds = tf.where((epochs == first)[:, tf.newaxis], key.words(first, 3), key.words(first + 1, 3))
        shuffled = tf.raw_ops.RandomIndexShuffle(index=positions % count, seed=seeds, max_index=count - 1,
                                                 rounds=_ROUNDS)
        return tf.cast(shuffled, tf.int32)

    def reader(self, key: Key, batch_size: int, first_batch: int = 0, labels: bool = False) -> Callable:
        """fetch(batch_index) → uint8 [B, H, W, C], and with `labels` (those, int32 [B]), for use in a tf.function.

        It is to be called for consecutive batch indices from `first_batch` on. UserError if B > N, ValueError if
        `labels` are wanted that there are not.
        """
        self._check_batch_size(batch_size)
        if labels:
            self._check_labels()
        if self.resident:
            return self._resident_reader(key, batch_size, labels)
        return self._streamed_reader(key, batch_size, first_batch, labels)

    def label_reader(self, key: Key, batch_size: int) -> Callable[[tf.Tensor], tf.Tensor]:
        """fetch(batch_index) → int32 [B], the labels of the batch that a reader with this key gives; any order.

        ValueError without labels, UserError if B > N.
        """
        self._check_labels()
        self._check_batch_size(batch_size)
        labels = self._labels_in_tensor()

        def fetch(batch_index):
            with tf.device("CPU:0"):
                return tf.gather(labels, self._batch(key, batch_index, batch_size))

        return fetch

    def _batch(self, key: Key, batch_index, batch_size: int) -> tf.Tensor:
        """Which images are in a batch: int32 [B]."""
        return self.indices(key, tf.cast(batch_index, tf.int64) * batch_size, batch_size)

    def _check_labels(self) -> None:
        if self.labels is None:
            raise ValueError(f"{self.name} has no labels")

    def _check_batch_size(self, batch_size: int) -> None:
        check_count("--batch_size", batch_size)
        if batch_size > self.count:
            raise UserError(f"--batch_size={batch_size} is larger than the {self.count} images of {self.name}")

    def _resident_reader(self, key: Key, batch_size: int, labels: bool) -> Callable:
        pixels = self._in_tensor()
        numbers = self._labels_in_tensor() if labels else None

        def fetch(batch_index):
            with tf.device("CPU:0"):  # elsewhere every call would copy all pixels to the accelerator
                chosen = self._batch(key, batch_index, batch_size)
                images = tf.gather(pixels, chosen)
                return images if numbers is None else (images, tf.gather(numbers, chosen))

        return fetch

    def _in_tensor(self) -> tf.Tensor:
        """All pixels as a tensor, whose memory `images` then shares."""
        if self._pixels is None:
            with tf.device("CPU:0"):
                self._pixels = tf.constant(self.images)
            self.images = np.asarray(memoryview(self._pixels))
        return self._pixels

    def _labels_in_tensor(self) -> tf.Tensor:
        with tf.init_scope(), tf.device("CPU:0"):
            return tf.constant(self.labels)

    def _streamed_reader(self, key: Key, batch_size: int, first_batch: int, labels: bool) -> Callable:
        numbers = self._labels_in_tensor() if labels else None

        def batch(index):
            chosen = self._batch(key, index, batch_size)
            images = tf.numpy_function(lambda i: np.asarray(self.images[i]), [chosen], tf.uint8, stateful=False)
            images = tf.ensure_shape(images, (batch_size, *self.image_shape))
            return index, images if numbers is None else (images, tf.gather(numbers, chosen))

        batches = tf.data.Dataset.counter(first_batch, dtype=tf.int64).map(batch)
        stream = iter(batches.prefetch(_PREFETCHED_BATCHES))

        def fetch(batch_index):
            with tf.device("CPU:0"):
                index, examples = next(stream)
                wanted = tf.cast(batch_index, tf.int64)
                in_turn = tf.debugging.assert_equal(index, wanted, "batches are to be fetched one after the other")
                with tf.control_dependencies([in_turn] if in_turn is not None else []):
                    return tf.nest.map_structure(tf.identity, examples)

        return fetch


def described(title: str, images: np.ndarray, labels: np.ndarray | None) -> str:
    """The line that tells a person what a dataset holds and where it lies."""
    height, width, channels = images.shape[1:]
    where = f"streamed from {images.filename}" if isinstance(images, np.memmap) else "in memory"
    classes = "no labels" if labels is None else f"{len(np.unique(labels))} classes"
    return (f"{title}: {len(images):,} images of {height}x{width}x{channels}, {classes}, "
            f"{images.nbytes / 2**20:,.1f} MiB {where}")
