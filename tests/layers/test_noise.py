"""Stateless Gaussian noise: its distribution, and that it is additive."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import randomness
from gan_zoo.layers import GaussianNoise
from gan_zoo.randomness import Key

KEY = Key(5)("round")


def _run(layer, inputs):
    with randomness.forward_pass(KEY, 0):
        return layer(inputs, training=True).numpy()


@pytest.mark.parametrize("stddev", [0.1, 0.5, 1.0])
def test_the_distribution(stddev):
    noise = _run(GaussianNoise(stddev), tf.zeros([200, 10, 10, 2]))
    assert stats.kstest(noise.ravel() / stddev, "norm").pvalue > 1e-3
    for axis in range(4):  # no example, row, column or channel is treated differently
        others = tuple(other for other in range(4) if other != axis)
        deviation = stddev / (noise.size / noise.shape[axis]) ** 0.5
        assert np.abs(noise.mean(axis=others)).max() < 5 * deviation


def test_it_is_added():
    inputs = np.random.default_rng(0).uniform(1, 2, size=(20, 6)).astype(np.float32)
    alone = _run(GaussianNoise(0.5), tf.zeros_like(inputs))
    np.testing.assert_array_equal(_run(GaussianNoise(0.5), inputs), inputs + alone)


def test_the_gradient_is_that_of_the_identity():
    inputs = tf.ones([20, 6])
    with tf.GradientTape() as tape, randomness.forward_pass(KEY, 0):
        tape.watch(inputs)
        outputs = GaussianNoise(0.5)(inputs, training=True)
    np.testing.assert_array_equal(tape.gradient(outputs, inputs), 1)


@pytest.mark.parametrize("stddev", [-0.1, 1.5])
def test_a_stddev_out_of_range(stddev):
    with pytest.raises(ValueError, match="stddev"):
        GaussianNoise(stddev)
