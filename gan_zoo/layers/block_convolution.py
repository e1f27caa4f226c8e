"""Convolutions that training computes in blocks of 2 × 2 pixels, where that takes less time.

The pixels of a block are four channels of one convolution with a larger kernel, of which each entry is a sum of the
given kernel's: the same function of the same weights, but for rounding. Elsewhere than in training the plain operations
run, so that an export has none but those.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.layers.bilinear import mixed

_LANES = 16  # float32 numbers in a register of AVX-512: a convolution to fewer channels takes as long as to so many
_PLAIN = {"strides": (1, 1), "dilation_rate": (1, 1), "padding": "valid", "groups": 1, "data_format": "channels_last"}


class _BlockConvolution(keras.layers.Conv2D):
    """What both have in common; filters, kernel_size, …: as of keras.layers.Conv2D, valid, with strides of 1."""

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        for name, value in _PLAIN.items():
            if getattr(self, name) != value:
                raise ValueError(f"{type(self).__name__} takes no other {name} than {value}")

    def finished(self, outputs: tf.Tensor) -> tf.Tensor:
        """What follows the products."""
        return self.activation(outputs + self.bias if self.use_bias else outputs)


@keras.saving.register_keras_serializable("gan_zoo")
class UpsampledConvolution(_BlockConvolution):
    """A valid convolution of an upsampled map, which training computes from the map before upsampling.

    Takes both, [B, H, W, C] and BilinearUpsampling's [B, H', W', C], and gives [B, H' − K + 1, W' − K' + 1, filters].
    Of twice the size, K × K pixels are mixed from (⌊K / 2⌋ + 2)² before upsampling, in one of four ways, so that for
    K = 5 16 products do what else 25 do, and nothing is upsampled.
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.input_spec = None  # Keras's is of one input

    def build(self, input_shape):
        super().build(input_shape[1])
        self.input_spec = None

    def compute_output_shape(self, input_shape):
        # Keras's build asks with the one shape that it was given.
        upsampled = input_shape if isinstance(input_shape[-1], int) else input_shape[1]
        return super().compute_output_shape(upsampled)

    def call(self, inputs, training=False):
        before, upsampled = inputs
        if not (training and self.saves([each.shape for each in inputs])):
            return super().call(upsampled)
        # Half pixels beyond the edge are the edge's: with a row and a column more at each side all blocks are alike.
        edges = (np.pad(np.eye(size), ((1, 1), (0, 0)), mode="edge") for size in before.shape[1:3])
        blocks = _in_blocks(mixed(before, *edges), self.kernel, [_upsampled(size) for size in self.kernel_size], 1)
        return self.finished(_without_border(blocks))

    def saves(self, shapes) -> bool:
        """Whether blocks take fewer products, for inputs of these shapes."""
        axes = list(zip(*(shape[1:3] for shape in shapes), self.kernel_size, strict=True))
        fitting = all(upsampled == 2 * size and taps % 2 for size, upsampled, taps in axes)
        blocks = math.prod((upsampled - taps + 3) * _width(taps) for _, upsampled, taps in axes)
        return fitting and blocks < math.prod((upsampled - taps + 1) * taps for _, upsampled, taps in axes)


@keras.saving.register_keras_serializable("gan_zoo")
class NarrowConvolution(_BlockConvolution):
    """A valid convolution to few channels, as to an image's: [B, H, W, C] → [B, H − K + 1, W − K' + 1, filters].

    It takes a processor as long to make one channel as to make 16, and a block makes four of one. (Blocks of 4 × 4 are
    a little faster in float32, but slower in bfloat16.)
    """

    def call(self, inputs, training=False):
        if not (training and self.saves(inputs.shape)):
            return super().call(inputs)
        return self.finished(_in_blocks(inputs, self.kernel, [_shifted(size) for size in self.kernel_size], 2))

    def saves(self, shape) -> bool:
        """Whether four pixels take as long as one."""
        sizes = self.compute_output_shape(shape)[1:3]
        return 4 * self.filters <= _LANES and not any(size % 2 for size in sizes)


def _in_blocks(inputs: tf.Tensor, kernel: tf.Tensor, taps: list[np.ndarray], stride: int) -> tf.Tensor:
    """All blocks, side by side: [B, H, W, C] and the kernel [K, K', C, F] → [B, 2 · blocks, 2 · blocks', F].

    taps: by which number of the kernel a pixel of a block multiplies one of its window, [2, window, K]; of rows, then
    of columns.
    """
    *sizes, channels, filters = kernel.shape
    window = [each.shape[1] for each in taps]
    mixing = np.einsum("sap,tbq->abstpq", *taps).reshape([-1, math.prod(sizes)])
    sums = tf.matmul(tf.constant(mixing, kernel.dtype), tf.reshape(kernel, [math.prod(sizes), channels * filters]))
    sums = tf.transpose(tf.reshape(sums, [*window, 4, channels, filters]), [0, 1, 3, 2, 4])
    blocks = tf.nn.conv2d(inputs, tf.reshape(sums, [*window, channels, 4 * filters]), stride, "VALID")
    _, height, width, _ = blocks.shape
    rows = tf.transpose(tf.reshape(blocks, [-1, height, width, 2, 2 * filters]), [0, 1, 3, 2, 4])
    return tf.reshape(rows, [-1, 2 * height, 2 * width, filters])


def _shifted(size: int) -> np.ndarray:
    """Of a convolution: the second pixel of a block begins one pixel further."""
    return np.stack([np.eye(size, size + 1, shift).T for shift in (0, 1)])


def _width(size: int) -> int:
    """Pixels from which `size` of twice the resolution are mixed, beginning at any."""
    return size // 2 + 2


def _upsampled(size: int) -> np.ndarray:
    """Of a convolution after upsampling: the blocks are of upsampled pixels 2m − 1 and 2m, the windows begin at m − 1.

    Pixel j lies in pixel ⌊j / 2⌋ of the input and is mixed from it and from the neighbour on its side, by 3/4 and 1/4.
    """
    taps = np.zeros([2, _width(size), size])
    for pixel, tap in np.ndindex(2, size):
        upsampled = pixel + tap - 1
        nearest = upsampled // 2
        taps[pixel, nearest + 1, tap] += 0.75
        taps[pixel, nearest + (2 if upsampled % 2 else 0), tap] += 0.25
    return taps


@tf.custom_gradient
def _without_border(images: tf.Tensor):
    """[B, H, W, C] → [B, H − 2, W − 2, C]; with TensorFlow's own gradient of a slice five times as dear on a CPU."""

    def gradient(upstream):
        rows, columns = tf.zeros_like(images[:, :1, 1:-1]), tf.zeros_like(images[:, :, :1])
        return tf.concat([columns, tf.concat([rows, upstream, rows], 1), columns], 2)

    return images[:, 1:-1, 1:-1], gradient
