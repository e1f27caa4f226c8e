"""A convolutional network that was never trained: it sees textures, needs no labels, and is the same everywhere."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError, check_count
from gan_zoo.features.base import Features, Parts, digest, features, in_parts

_WIDTHS = (16, 16, 32)  # channels of the layers; each gives 4 features a channel, 256 in all
_LARGEST_SIDE = 64  # pixels; larger images are averaged down
_GRID = 2**14
_CHUNK = 2**19  # values of the images that are embedded at a time


@features.register("random")
@dataclass(frozen=True)
class RandomNetwork:
    """256 means over the quarters of the image of three random orthogonal 3x3 layers with ReLU; nothing is learned.

    Random features rank generators much as trained ones do (Naeem et al. 2020, arXiv:2002.09797), and notice blur
    and noise, to which a classifier is blind. seed: of the weights.
    """

    seed: int = 0

    def __post_init__(self):
        check_count("random: seed", self.seed, least=0)

    def fit(self, parts: Parts) -> Features:
        """Looks at the shape of images only."""
        data = parts("train")
        if not data.has_pixels:
            raise UserError(f"random: {data.name} has points, not images: take features='raw'")
        kernels = weights(data.image_shape[-1], self.seed)
        name = f"random(seed={self.seed})" if self.seed else "random"
        together = max(1, _CHUNK // math.prod(data.image_shape))
        return Features(name, in_parts(_embedding(kernels, data.image_shape), together), digest(kernels))


def weights(channels: int, seed: int = 0) -> list[np.ndarray]:
    """The kernels float32 [3, 3, C, D] of the layers for images of so many channels, the same for ever."""
    sizes = (channels, *_WIDTHS)
    return [_orthogonal(f"{seed} {layer} {given} {wide}", 9 * given, wide).reshape(3, 3, given, wide)
            for layer, (given, wide) in enumerate(zip(sizes, _WIDTHS, strict=False))]


def _orthogonal(name: str, rows: int, columns: int) -> np.ndarray:
    """√2 times rows or columns that are orthonormal, whichever are fewer (arXiv:1312.6120).

    RandomState's streams never change, unlike those of NumPy's newer generators; what LAPACK leaves open is rounded.
    """
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    basis, upper = np.linalg.qr(np.random.RandomState(seed).normal(size=(max(rows, columns), min(rows, columns))))
    basis = basis * np.sign(np.diag(upper)) * 2**0.5
    return (np.rint((basis if rows >= columns else basis.T) * _GRID) / _GRID).astype(np.float32)


def _embedding(kernels: list[np.ndarray], image_shape: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    down = [-(-side // _LARGEST_SIDE) for side in image_shape[:2]]

    @tf.function(input_signature=[tf.TensorSpec([None, *image_shape], tf.uint8)])
    def embed(images):
        values = tf.nn.avg_pool2d(tf.cast(images, tf.float32) / 127.5 - 1, down, down, "VALID")
        means = []
        for layer, kernel in enumerate(kernels):
            values = tf.nn.avg_pool2d(values, 2, 2, "SAME") if layer else values
            values = tf.nn.relu(tf.nn.conv2d(values, kernel, 1, "SAME"))
            means += [tf.reduce_mean(quarter, axis=(1, 2)) for quarter in _quarters(values)]
        return tf.concat(means, axis=1)

    return lambda images: embed(tf.constant(images)).numpy()


def _quarters(values: tf.Tensor) -> list[tf.Tensor]:
    """Of [B, h, w, D]; a middle row or column belongs to both sides."""
    (upper, lower), (left, right) = ((slice(-(-side // 2)), slice(side // 2, None)) for side in values.shape[1:3])
    return [values[:, rows, columns] for rows in (upper, lower) for columns in (left, right)]
