"""Points of R^D that are drawn afresh for every batch from a known distribution."""

import hashlib
from collections.abc import Callable

import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.errors import check_count
from gan_zoo.quiet import quiet
from gan_zoo.randomness import Key

_SAMPLE_SIZE = 10_000  # points of the sample that is drawn in plots


class PointDataset:
    """An endless stream of points of R^D, each in the shape of an image of one pixel: float32 [1, 1, D].

    distribution: of one point: a tfp distribution of float32 with event shape [] (D = 1) or [D]. identity:
    everything that determines it. count: points that are called an epoch. name, description: for people.
    images: float32 [10000, 1, 1, D], the same sample always, for plots. has_modes: whether the components of a mixture
    are its modes, which can be counted (`modes.modes`), and no pieces of a curve.
    """

    has_pixels = False
    resident = True
    labels = None
    class_names = ()
    label_note = ""

    def __init__(self, name: str, distribution: tfp.distributions.Distribution, identity: tuple, count: int,
                 description: str = "", has_modes: bool = True):
        self.name = name
        self.has_modes = has_modes
        self.distribution = distribution
        self.identity = identity
        self.count = check_count("count", count)
        self.description = (f"{description or name}: points of {self.image_shape[-1]} dimension"
                            f"{'s' if self.image_shape[-1] > 1 else ''}, drawn for every batch, {count:,} an epoch")
        with quiet():  # without AVX-512 the first draw of a mixture makes oneDNN complain, once a process
            self.images = self._draw(Key(0)("pictures"), 0, _SAMPLE_SIZE).numpy()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(1, 1, D)."""
        return 1, 1, self.distribution.event_shape.num_elements()

    @property
    def fingerprint(self) -> str:
        """A hash of what determines the distribution."""
        return hashlib.blake2b(repr((self.image_shape, self.identity)).encode(), digest_size=8).hexdigest()

    @property
    def contents(self) -> str:
        """Nothing that the fingerprint has not."""
        return ""

    def log_prob(self, points) -> tf.Tensor:
        """The log density in nats, float32 [N], of points [N, 1, 1, D] or [N, D]."""
        return self.distribution.log_prob(tf.reshape(tf.cast(points, tf.float32), [-1, *self.distribution.event_shape]))

    def reader(self, key: Key, batch_size: int, first_batch: int = 0, labels: bool = False) -> Callable:
        """fetch(batch_index) → float32 [B, 1, 1, D], a function of (key, batch_index), for use in a tf.function.

        Batches may be fetched in any order; `first_batch` changes nothing. ValueError if `labels` are wanted.
        """
        check_count("--batch_size", batch_size)
        if labels:
            raise ValueError(f"{self.name} has no labels")
        return lambda batch_index: self._draw(key, batch_index, batch_size)

    def label_reader(self, key: Key, batch_size: int) -> Callable[[tf.Tensor], tf.Tensor]:
        """ValueError: points have no labels."""
        raise ValueError(f"{self.name} has no labels")

    def _draw(self, key: Key, index, size: int) -> tf.Tensor:
        with tf.device("CPU:0"):
            points = self.distribution.sample(size, seed=key.pair(index))
            return tf.reshape(points, [size, *self.image_shape])
