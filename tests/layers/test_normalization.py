"""Batch normalization against Keras's own, which normalizes by the moments' plain formula."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import BatchNormalization

SHAPES = [(6, 5, 4, 3), (16, 1, 2, 7), (2, 4, 1, 1), (12, 5)]
VARIANTS = [{}, {"momentum": 0.8, "epsilon": 1e-5}, {"center": False}, {"scale": False},
            {"center": False, "scale": False}]


def _pair(shape, **kwargs):
    """Our layer and Keras's, with the same random weights."""
    random = np.random.default_rng(1)
    ours, plain = BatchNormalization(**kwargs), keras.layers.BatchNormalization(**kwargs)
    for layer in (ours, plain):
        layer.build(shape)
    weights = [random.uniform(0.5, 2, size=w.shape) for w in plain.weights]
    ours.set_weights(weights)
    plain.set_weights(weights)
    return ours, plain


def _inputs(shape, count=4):
    random = np.random.default_rng(2)
    return [(random.normal(size=shape) * 2 + 1.5).astype(np.float32) for _ in range(count)]


def _step(layer, inputs, weights, training=True):
    """Outputs, and the gradients by the inputs and the layer's variables."""
    with tf.GradientTape() as tape:
        watched = tf.constant(inputs)
        tape.watch(watched)
        outputs = layer(watched, training=training)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) * weights)
    return [outputs, *tape.gradient(loss, [watched, *(v.value for v in layer.trainable_variables)])]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_training_equals_keras(shape, variant):
    ours, plain = _pair(shape, **variant)
    for inputs in _inputs(shape):
        weights = np.random.default_rng(3).normal(size=shape).astype(np.float32)
        for got, expected in zip(_step(ours, inputs, weights), _step(plain, inputs, weights), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        for got, expected in zip(ours.get_weights(), plain.get_weights(), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_moments_are_those_of_the_batch(shape):
    """Against NumPy in float64: y = γ (x − μ) / √(σ² + ε) + β, and μ, σ² enter the moving statistics."""
    layer, _ = _pair(shape)
    (inputs,) = _inputs(shape, 1)
    gamma, beta, moving_mean, moving_variance = layer.get_weights()
    axes = tuple(range(len(shape) - 1))
    mean, variance = inputs.astype(np.float64).mean(axes), inputs.astype(np.float64).var(axes)
    outputs = layer(inputs, training=True)
    np.testing.assert_allclose(outputs, gamma * (inputs - mean) / np.sqrt(variance + 1e-3) + beta, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, 0.99 * moving_mean + 0.01 * mean, rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, 0.99 * moving_variance + 0.01 * variance, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_inference_equals_keras_and_changes_nothing(shape):
    ours, plain = _pair(shape)
    (inputs,) = _inputs(shape, 1)
    before = ours.get_weights()
    np.testing.assert_allclose(ours(inputs, training=False), plain(inputs, training=False), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ours(inputs), plain(inputs), rtol=1e-6, atol=1e-6)
    for got, expected in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_a_frozen_layer_is_in_inference_mode():
    ours, plain = _pair(SHAPES[0])
    ours.trainable = plain.trainable = False
    (inputs,) = _inputs(SHAPES[0], 1)
    before = ours.get_weights()
    np.testing.assert_allclose(ours(inputs, training=True), plain(inputs, training=True), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(ours.get_weights(), before)


def test_another_axis_equals_keras():
    ours, plain = _pair((4, 3, 5, 6), axis=1)
    (inputs,) = _inputs((4, 3, 5, 6), 1)
    for got, expected in zip(_step(ours, inputs, 1.0), _step(plain, inputs, 1.0), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precisions_are_close(policy):
    keras.config.set_dtype_policy(policy)
    shape = (16, 5, 5, 4)
    ours, _ = _pair(shape)
    keras.config.set_dtype_policy("float32")
    _, plain = _pair(shape)
    (inputs,) = _inputs(shape, 1)
    outputs = ours(inputs, training=True)
    assert outputs.dtype.name == policy.removeprefix("mixed_")
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), plain(inputs, training=True), atol=0.05)
    for got, expected in zip(ours.get_weights(), plain.get_weights(), strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, rtol=1e-2)


@pytest.mark.parametrize(("shape", "kwargs", "training", "fused"), [
    ((4, 5, 5, 3), {}, True, True), ((4, 5, 5, 3), {}, False, False), ((4, 3), {}, True, False),
    ((4, 5, 5, 3), {"axis": 1}, True, False), ((4, 5, 5, 3), {"scale": False, "center": False}, True, True)])
def test_images_take_the_fused_kernel(shape, kwargs, training, fused):
    layer, _ = _pair(shape, **kwargs)
    graph = tf.function(lambda inputs: layer(inputs, training=training)).get_concrete_function(
        tf.TensorSpec(shape)).graph
    assert any(operation.type.startswith("FusedBatchNorm") for operation in graph.get_operations()) == fused
