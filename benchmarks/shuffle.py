"""How uniform the order of the data is, and what that costs: `python -m benchmarks.shuffle`.

The zoo's order is a permutation of each epoch by tf.raw_ops.RandomIndexShuffle, a block cipher of some rounds. Of a
uniform permutation two images of one batch are in one batch again in the next epoch with probability (B − 1) / (N − 1).
Shows how many times as often that is so, over pairs of epochs, and the time of cores that the indices of a batch take.
"""

import time

import numpy as np
import tensorflow as tf

from gan_zoo import processor
from gan_zoo.data.image_dataset import _ROUNDS

_IMAGES, _BATCH, _EPOCHS, _CALLS = 60_000, 32, 12, 300


def order(epoch: int, rounds: int) -> np.ndarray:
    """The permutation of an epoch, [N]."""
    seeds = np.random.default_rng(epoch).integers(0, 2**32, 3, np.uint32)
    return tf.raw_ops.RandomIndexShuffle(index=tf.range(_IMAGES), seed=tf.constant(seeds), max_index=_IMAGES - 1,
                                         rounds=rounds).numpy()


def meetings(before: np.ndarray, after: np.ndarray) -> float:
    """How often images of a batch share one again, over how often they would by chance."""
    whole = _IMAGES // _BATCH * _BATCH
    batch_of = np.empty(_IMAGES, int)
    batch_of[after] = np.arange(_IMAGES) // _BATCH
    again = np.sort(batch_of[before[:whole]].reshape(-1, _BATCH), axis=1)
    same = sum(int((again[:, shift:] == again[:, :-shift]).sum()) for shift in range(1, _BATCH))
    pairs = len(again) * _BATCH * (_BATCH - 1) / 2
    return same / pairs / ((_BATCH - 1) / (_IMAGES - 1))


def cost(rounds: int) -> float:
    """Microseconds of cores a batch, within a graph."""
    seeds = tf.constant(np.arange(3 * _BATCH).reshape(_BATCH, 3), tf.uint32)

    @tf.function
    def batches(count):
        total = tf.zeros([], tf.int64)
        for index in tf.range(count):
            positions = index * _BATCH + tf.range(_BATCH, dtype=tf.int64)
            total += tf.reduce_sum(tf.raw_ops.RandomIndexShuffle(index=positions, seed=seeds, max_index=_IMAGES - 1,
                                                                 rounds=rounds))
        return total

    batches(tf.constant(1, tf.int64))
    start = time.process_time()
    batches(tf.constant(_CALLS, tf.int64))
    return 1e6 * (time.process_time() - start) / _CALLS


def main() -> None:
    print(f"{processor.described()}; {_IMAGES:,} images, batches of {_BATCH}, {_EPOCHS} epochs; the zoo has {_ROUNDS} "
          "rounds")
    chance = [np.random.default_rng(epoch).permutation(_IMAGES) for epoch in range(_EPOCHS)]
    print(f"NumPy's permutation: {_mean(chance)}")
    for rounds in (4, 6, 8, 12):
        found = _mean([order(epoch, rounds) for epoch in range(_EPOCHS)])
        costs = sorted(cost(rounds) for _ in range(5))
        print(f"{rounds} rounds: {found}; {costs[2]:.0f} µs a batch", flush=True)


def _mean(orders: list[np.ndarray]) -> str:
    found = [meetings(orders[one], orders[one + 1]) for one in range(len(orders) - 1)]
    return f"{np.mean(found):.2f} ± {np.std(found, ddof=1) / np.sqrt(len(found)):.2f} of chance"


if __name__ == "__main__":
    main()
