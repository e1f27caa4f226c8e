"""Grouped convolutions and the learned map against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import GroupedConvolution, LearnedBasis

RANDOM = np.random.default_rng(0)


def _convolved(x, kernel, groups) -> np.ndarray:
    """Valid, stride 1, output by output: filter f sees the channels of group f // (filters / groups)."""
    height, width, own, filters = kernel.shape
    outputs = np.zeros((len(x), x.shape[1] - height + 1, x.shape[2] - width + 1, filters))
    for f in range(filters):
        first = f // (filters // groups) * own
        for i in range(outputs.shape[1]):
            for j in range(outputs.shape[2]):
                seen = x[:, i:i + height, j:j + width, first:first + own]
                outputs[:, i, j, f] = (seen * kernel[..., f]).sum(axis=(1, 2, 3))
    return outputs


@pytest.mark.parametrize(("channels", "filters", "groups"), [(6, 6, 2), (4, 8, 4), (5, 5, 5), (4, 6, 1)])
def test_each_group_has_its_own_channels(channels, filters, groups):
    layer = GroupedConvolution(filters, (3, 2), groups=groups)
    x = RANDOM.normal(size=(2, 5, 4, channels)).astype(np.float32)
    layer.build(x.shape)
    kernel, bias = layer.kernel.numpy(), RANDOM.normal(size=filters)
    layer.bias.assign(bias)
    assert kernel.shape == (3, 2, channels // groups, filters)
    np.testing.assert_allclose(layer(x), _convolved(x, kernel, groups) + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("groups", [3, 6])
@pytest.mark.parametrize("policy", ["float32", "float64", "mixed_bfloat16", "mixed_float16"])
def test_it_can_be_differentiated_twice(policy, groups):
    """Σ y² = ‖Kx‖² has the gradient 2KᵀKx, of which Σ is differentiated by x again: 2KᵀK1."""
    keras.config.set_dtype_policy(policy)
    layer = GroupedConvolution(6, 3, groups=groups, padding="same", use_bias=False)
    x = tf.constant(RANDOM.normal(size=(1, 4, 4, 6)), layer.compute_dtype)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            squares = tf.reduce_sum(layer(x)**2)
        total = tf.reduce_sum(inner.gradient(squares, x))
    twice = outer.gradient(total, x)
    ones = tf.ones_like(x)
    with tf.GradientTape() as tape:
        tape.watch(ones)
        squares = tf.reduce_sum(layer(ones)**2)
    np.testing.assert_allclose(tf.cast(twice, tf.float64), tf.cast(tape.gradient(squares, ones), tf.float64),
                               rtol=1e-4 if policy in ("float32", "float64") else 0.1, atol=0.05 * ("mixed" in policy))


def test_a_learned_map():
    layer = LearnedBasis((2, 3))
    x = RANDOM.normal(size=(4, 5)).astype(np.float32)
    outputs = layer(x)
    (basis,) = layer.get_weights()
    assert basis.shape == (2, 3, 5)
    np.testing.assert_allclose(outputs, np.einsum("bc,hwc->bhwc", x, basis), rtol=1e-6)
    keras.utils.set_random_seed(0)
    large = LearnedBasis((32, 32))
    large.build((None, 64))
    assert large.basis.numpy().std() == pytest.approx(1, abs=0.01)
