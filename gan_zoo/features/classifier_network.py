"""A small convolutional classifier and its training, as functions of arrays.

Nothing here is a Keras layer, a variable or a random op: all weights are one vector that the training step takes and
gives back, and all random numbers are NumPy's, of a seed. So a training in the middle of a run leaves the run's
seeds, names of layers and precision alone, and has the same result wherever it takes place.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

FEATURES = 64
RECIPE = 1  # raise it when network or training change, so that older files are not taken for new ones

_LARGEST_SIDE = 64  # pixels; larger images are averaged down
_WIDTHS = (32, 64, 64, 128)  # channels of the layers
_SIDE_AT_THE_END, _FEWEST_LAYERS = 4, 2
_STRIDED_FROM = 17  # pixels: layers of larger inputs have a stride, those of smaller ones a pooling
_LEAK = 0.1  # with ReLU itself many units, in the deeper networks all, end up 0 for every image

_BATCH = 128
_EPOCHS, _FEWEST_SEEN, _MOST_SEEN = 5, 120_000, 300_000  # passes over the data, within bounds in images
_PEAK_RATE, _LAST_RATE, _WARM_UP = 3e-3, 1e-5, 0.15
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.99, 1e-8
_CHUNK = 2**19  # values of the images that are embedded at a time


class _Layer(NamedTuple):
    """kernel: its shape. stride: of the convolution. pooling: of the maximum after it."""

    kernel: tuple[int, int, int, int]
    stride: int
    pooling: int


class Network:
    """Images [B, H, W, C] of one shape, uint8 → FEATURES → probabilities of K classes; the weights are an argument.

    Convolutions halve the sides, of larger images by a stride, to about 4 pixels; then a layer of FEATURES, all with
    leaky ReLU, and the layer of the classes.
    """

    def __init__(self, image_shape: tuple[int, ...], classes: int):
        height, width, channels = image_shape
        self.image_shape, self.classes = tuple(image_shape), classes
        self._down = [-(-side // _LARGEST_SIDE) for side in (height, width)]
        sides = [side // down for side, down in zip((height, width), self._down, strict=True)]
        self.layers: list[_Layer] = []
        while max(sides) > _SIDE_AT_THE_END or len(self.layers) < _FEWEST_LAYERS:
            strided = max(sides) >= _STRIDED_FROM
            size = 5 if strided and not self.layers else 3
            wide = _WIDTHS[len(self.layers)]
            self.layers.append(_Layer((size, size, channels, wide), *((2, 1) if strided else (1, 2))))
            sides, channels = [-(-side // 2) for side in sides], wide
        flat = sides[0] * sides[1] * channels
        kernels = [layer.kernel for layer in self.layers] + [(flat, FEATURES), (FEATURES, classes)]
        self.shapes = [shape for kernel in kernels for shape in (kernel, kernel[-1:])]

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(map(math.prod, self.shapes))

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        """Weights float32 [size]: normal by He et al. (arXiv:1502.01852), biases 0."""
        parts = [rng.normal(size=shape) * (2 / math.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else np.zeros(shape)
                 for shape in self.shapes]
        return np.concatenate([part.ravel() for part in parts]).astype(np.float32)

    def features(self, weights: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """Float32 [B, FEATURES]."""
        *convolutions, kernel, bias, _, _ = self._split(weights)
        values = tf.cast(images, tf.float32) / 255
        values = tf.nn.avg_pool2d(values, self._down, self._down, "VALID")
        for layer, kernel_, bias_ in zip(self.layers, convolutions[::2], convolutions[1::2], strict=True):
            values = tf.nn.conv2d(values, kernel_, layer.stride, "SAME")
            if layer.pooling > 1:
                values = tf.nn.max_pool2d(values, layer.pooling, layer.pooling, "SAME")
            values = tf.nn.leaky_relu(tf.nn.bias_add(values, bias_), _LEAK)
        return tf.nn.leaky_relu(tf.reshape(values, [-1, kernel.shape[0]]) @ kernel + bias, _LEAK)

    def logits(self, weights: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        """Float32 [B, K] of features."""
        *_, kernel, bias = self._split(weights)
        return features @ kernel + bias

    def _split(self, weights: tf.Tensor) -> list[tf.Tensor]:
        parts = tf.split(weights, [math.prod(shape) for shape in self.shapes])
        return [tf.reshape(part, shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def embedding(self, weights: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """Uint8 images → float32 [N, FEATURES], some at a time."""
        held = tf.constant(weights)

        @tf.function(input_signature=[tf.TensorSpec([None, *self.image_shape], tf.uint8)])
        def part(images):
            return self.features(held, images)

        together = max(1, _CHUNK // math.prod(self.image_shape))

        def embed(images: np.ndarray) -> np.ndarray:
            parts = [part(tf.constant(images[start:start + together])).numpy()
                     for start in range(0, len(images), together)]
            return np.concatenate([np.empty([0, FEATURES], np.float32), *parts])

        return embed

    def probabilities(self, weights: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Float32 [N, K] of features float32 [N, FEATURES]."""
        return tf.nn.softmax(self.logits(tf.constant(weights), tf.constant(features))).numpy()


def steps(images: int) -> int:
    """How many steps the training on so many images takes."""
    return min(max(_EPOCHS * images, _FEWEST_SEEN), _MOST_SEEN) // _BATCH


def trained(network: Network, images: np.ndarray, labels: np.ndarray, seed: int,
            watch: Callable[[int], None] = lambda step: None) -> np.ndarray:
    """Weights float32 [size] that classify the images, uint8 [N, H, W, C], as labels, int32 [N], say.

    Adam (arXiv:1412.6980) with a rate that rises and falls once (arXiv:1708.07120), on images that are moved by up to
    a fourteenth of their side. watch: told of each step that was made.
    """
    rng = np.random.default_rng([seed, RECIPE])
    state = [tf.constant(network.initial(rng)), tf.zeros([network.size]), tf.zeros([network.size])]
    step = _step(network)
    count = steps(len(images))
    for index, rows in zip(range(count), _batches(len(images), rng), strict=False):
        moved = shifted(np.asarray(images[np.sort(rows)]), rng)
        state = step(*state, tf.constant(moved), tf.constant(labels[np.sort(rows)], tf.int32),
                     tf.constant(_rate(index / count), tf.float32), tf.constant(index + 1, tf.float32))
        watch(index + 1)
    return state[0].numpy()


def _step(network: Network) -> Callable:
    """(weights, mean gradient, mean square, images, labels, rate, step from 1 on) → the next three."""
    @tf.function
    def step(weights, mean, square, images, labels, rate, number):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            logits = network.logits(weights, network.features(weights, images))
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        gradient = tape.gradient(loss, weights)
        mean = _BETA_1 * mean + (1 - _BETA_1) * gradient
        square = _BETA_2 * square + (1 - _BETA_2) * gradient * gradient
        scale = tf.sqrt(square / (1 - _BETA_2**number)) + _EPSILON
        return weights - rate / (1 - _BETA_1**number) * mean / scale, mean, square

    return step


def _rate(part: float) -> float:
    """The rate after a part of the training, from 0 to 1."""
    if part < _WARM_UP:
        return _LAST_RATE + _PEAK_RATE * part / _WARM_UP
    return _LAST_RATE + _PEAK_RATE * (1 + math.cos(math.pi * (part - _WARM_UP) / (1 - _WARM_UP))) / 2


def _batches(count: int, rng: np.random.Generator):
    """Rows int64 [_BATCH] without end, each once before it comes again."""
    order = np.empty(0, np.int64)
    while True:
        while len(order) < _BATCH:
            order = np.concatenate([order, rng.permutation(count)])
        yield order[:_BATCH]
        order = order[_BATCH:]


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images [B, H, W, C], each moved by up to a fourteenth of its side; the edge goes on into what is uncovered."""
    count, height, width, _ = images.shape
    most = [max(1, side // 14) for side in (height, width)]
    padded = np.pad(images, ((0, 0), *((by, by) for by in most), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    down, across = (rng.integers(0, 2 * by + 1, count) for by in most)
    return np.ascontiguousarray(windows[np.arange(count), down, across].transpose(0, 2, 3, 1))
