"""Stateless dropout: its rate and scale."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import randomness
from gan_zoo.layers import Dropout
from gan_zoo.randomness import Key

KEY = Key(5)("round")


def _run(layer, inputs):
    with randomness.forward_pass(KEY, 0):
        return layer(inputs, training=True).numpy()


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_rate_and_scale(rate):
    inputs = np.random.default_rng(0).uniform(1, 2, size=(200, 10, 10, 2)).astype(np.float32)
    outputs = _run(Dropout(rate), inputs)
    kept = outputs != 0
    np.testing.assert_allclose(outputs[kept], inputs[kept] / (1 - rate), rtol=1e-6)
    assert stats.binomtest(int(kept.sum()), kept.size, 1 - rate).pvalue > 1e-3
    for axis in range(4):  # no example, row, column or channel is treated differently
        others = tuple(other for other in range(4) if other != axis)
        deviation = np.sqrt(rate * (1 - rate) / (kept.size / kept.shape[axis]))
        assert np.abs(kept.mean(axis=others) - (1 - rate)).max() < 5 * deviation


def test_the_expectation_is_the_input():
    outputs = _run(Dropout(0.3), tf.ones([100_000, 1]))
    assert abs(outputs.mean() - 1) < 5 * np.sqrt(0.3 / 0.7 / 100_000)


def test_the_gradient_has_the_mask_and_scale_of_the_outputs():
    inputs = tf.ones([20, 6])
    with tf.GradientTape() as tape, randomness.forward_pass(KEY, 0):
        tape.watch(inputs)
        outputs = Dropout(0.5)(inputs, training=True)
    np.testing.assert_array_equal(tape.gradient(outputs, inputs), outputs)
