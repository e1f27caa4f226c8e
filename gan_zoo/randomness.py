"""Stateless random numbers, keyed by (seed, stream, step) and by the example's place in the global batch.

Nothing here keeps a state: a resumed run, and a batch that is split over replicas, see the same numbers.
Philox (Salmon et al. 2011, doi:10.1145/2063384.2063405) maps a 64-bit key and a 128-bit counter to four
32-bit words; the key is a hash of seed and stream, the counter holds the step and the block of the example.
"""

import contextlib
import hashlib
import math
import threading
from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

_PHILOX = 1  # the value of `alg` in TensorFlow's raw ops
_BLOCK = 4  # 32-bit words that one Philox counter gives


class Key(NamedTuple):
    """A point in the tree of random streams: `Key(seed)("noise")("generator")` names one stream.

    seed: any Python integer. path: the names below it.
    """

    seed: int
    path: tuple[str, ...] = ()

    def __call__(self, name) -> "Key":
        return Key(self.seed, (*self.path, str(name)))

    @property
    def bits(self) -> int:
        """A 64-bit hash of seed and path."""
        text = "/".join([str(self.seed), *self.path])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

    def pair(self, step) -> tf.Tensor:
        """An int32 [2] seed for tf.random.stateless_* and TensorFlow Probability at `step`."""
        return tf.stack([tf.constant(self.bits % (2**31), tf.int32), tf.cast(step, tf.int32)])

    def words(self, step, count: int) -> tf.Tensor:
        """`count` random uint32 at `step`."""
        return tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=[count], key=[tf.constant(self.bits, tf.uint64)], counter=_counter(0, step), alg=_PHILOX,
            dtype=tf.uint32)

    def uniform_rows(self, step, first_row, rows, width: int) -> tf.Tensor:
        """Rows first_row … first_row + rows of an endless [∞, width] array of U[0, 1), float32."""
        return self._rows(tf.raw_ops.StatelessRandomUniformV2, step, first_row, rows, width)

    def normal_rows(self, step, first_row, rows, width: int) -> tf.Tensor:
        """The same rows of an array of N(0, 1), float32."""
        return self._rows(tf.raw_ops.StatelessRandomNormalV2, step, first_row, rows, width)

    def short_rows(self, step, first_row, rows, width: int) -> tf.Tensor:
        """The same rows of an array of integers, uniform below 2¹⁶, uint16, at half the price of uniform_rows."""
        draw = tf.raw_ops.StatelessRandomUniformFullIntV2
        words = self._rows(draw, step, first_row, rows, -(-width // 2), tf.uint32)
        return tf.reshape(tf.bitcast(words, tf.uint16), tf.stack([rows, 2 * words.shape[1]]))[:, :width]

    def _rows(self, draw, step, first_row, rows, width: int, dtype=tf.float32) -> tf.Tensor:
        """Rows of what `draw` makes of the counters from the first row's block on: a slice costs its own size only.

        Normal numbers come from the op and not from a function of uniform ones, whose last bit would depend on
        where in the tensor an entry stands.
        """
        blocks = -(-width // _BLOCK)
        first_block = tf.cast(first_row, tf.uint64) * tf.constant(blocks, tf.uint64)
        values = draw(shape=tf.stack([rows, blocks * _BLOCK]), key=[tf.constant(self.bits, tf.uint64)],
                      counter=_counter(first_block, step), alg=_PHILOX, dtype=dtype)
        return values[:, :width]


class Rows(NamedTuple):
    """Random numbers (game.Random) for the rows of a replica's batch, which begin at `first` of the global one."""

    key: Key
    step: tf.Tensor | int
    first: tf.Tensor | int
    rows: tf.Tensor | int

    def uniform(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """U[0, 1), float32 [B, *shape]."""
        return self._rows(self.key(name).uniform_rows, shape)

    def normal(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """N(0, 1), float32 [B, *shape]."""
        return self._rows(self.key(name).normal_rows, shape)

    def _rows(self, draw, shape: Sequence[int]) -> tf.Tensor:
        return tf.reshape(draw(self.step, self.first, self.rows, math.prod(shape)), [self.rows, *shape])


def _counter(block, step) -> tf.Tensor:
    return tf.stack([tf.cast(block, tf.uint64), tf.cast(step, tf.uint64)])


class _Passes(threading.local):
    """The forward passes that are open in this thread; replicas are traced in threads that take turns."""

    def __init__(self):
        self.open: list[_ForwardPass] = []


_passes = _Passes()


class _ForwardPass:
    """The randomness of one forward pass: each stochastic layer takes the next stream of it."""

    def __init__(self, key: Key, step, first_row):
        self.key, self.step, self.first_row, self.draws = key, step, first_row, 0


@contextlib.contextmanager
def forward_pass(key: Key, step, first_row=0):
    """Within it stochastic layers draw statelessly, layer by layer, for the examples from `first_row` on.

    key: the stream of this pass. step: scalar integer. first_row: where this replica's rows begin in the
    global batch.
    """
    _passes.open.append(_ForwardPass(key, step, first_row))
    try:
        yield _passes.open[-1]
    finally:
        _passes.open.pop()


def in_forward_pass() -> bool:
    return bool(_passes.open)


def layer_shorts(like: tf.Tensor) -> tf.Tensor:
    """Uniform below 2¹⁶, uint16, shaped as `like` [B, …], from the next stream of the innermost forward pass."""
    return _layer_rows(Key.short_rows, like)


def layer_normal(like: tf.Tensor) -> tf.Tensor:
    """N(0, 1) in float32, otherwise as layer_shorts."""
    return _layer_rows(Key.normal_rows, like)


def _layer_rows(draw, like: tf.Tensor) -> tf.Tensor:
    now = _passes.open[-1]
    now.draws += 1
    shape = tf.shape(like)
    values = draw(now.key(now.draws), now.step, now.first_row, shape[0], math.prod(like.shape[1:]))
    return tf.reshape(values, shape)
