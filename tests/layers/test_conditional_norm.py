"""Conditional batch normalization and the one-hot label, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization, OneHot

SHAPES = [(6, 5, 4, 3), (12, 5)]
CLASSES = 3


def _layer(shape, seed=1, **kwargs) -> ConditionalBatchNormalization:
    layer = ConditionalBatchNormalization(**kwargs)
    layer.build([shape, (shape[0], CLASSES)])
    random = np.random.default_rng(seed)
    layer.set_weights([random.uniform(0.5, 2, w.shape) for w in layer.weights])
    return layer


def _inputs(shape, seed=2):
    """x, and as classes 0, 1, 1, 0, 1, 1, …: of the last there is no example."""
    x = np.random.default_rng(seed).normal(1.5, 2, shape).astype(np.float32)
    return x, np.minimum(np.arange(shape[0]) % 3, 1)


def _one_hot(labels) -> np.ndarray:
    return np.eye(CLASSES, dtype=np.float32)[labels]


def _expected(x, labels, gamma, beta, mean, variance, epsilon=1e-3):
    per_row = (len(x), *[1] * (x.ndim - 2), x.shape[-1])
    return ((x - mean) / np.sqrt(variance + epsilon) * gamma[labels].reshape(per_row) + beta[labels].reshape(per_row))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.8, "epsilon": 1e-2}], ids=str)
def test_training_against_numpy(shape, settings):
    """The moments are those of all classes together; they enter the moving ones."""
    layer = _layer(shape, **settings)
    x, labels = _inputs(shape)
    gamma, beta = layer.gamma.numpy(), layer.beta.numpy()
    assert gamma.shape == beta.shape == (CLASSES, shape[-1])
    moving = layer.norm.moving_mean.numpy(), layer.norm.moving_variance.numpy()
    axes = tuple(range(x.ndim - 1))
    moments = x.astype(np.float64).mean(axes), x.astype(np.float64).var(axes)
    outputs = layer([x, _one_hot(labels)], training=True)
    np.testing.assert_allclose(outputs, _expected(x, labels, gamma, beta, *moments, settings.get("epsilon", 1e-3)),
                               rtol=1e-5, atol=1e-5)
    momentum = settings.get("momentum", 0.99)
    for variable, old, new in zip((layer.norm.moving_mean, layer.norm.moving_variance), moving, moments, strict=True):
        np.testing.assert_allclose(variable, momentum * old + (1 - momentum) * new, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_inference_against_numpy_changes_nothing(shape):
    layer = _layer(shape)
    x, labels = _inputs(shape)
    before = layer.get_weights()
    outputs = layer([x, _one_hot(labels)], training=False)
    expected = _expected(x, labels, layer.gamma.numpy(), layer.beta.numpy(), layer.norm.moving_mean.numpy(),
                         layer.norm.moving_variance.numpy())
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_equal_classes_it_is_batch_normalization(shape):
    """Outputs, gradients by the inputs, and each class's share of the gradients of the scale and the offset."""
    layer, plain = _layer(shape), BatchNormalization()
    plain.build(shape)
    gamma, beta = np.random.default_rng(3).uniform(0.5, 2, [2, shape[-1]]).astype(np.float32)
    layer.gamma.assign(np.tile(gamma, [CLASSES, 1]))
    layer.beta.assign(np.tile(beta, [CLASSES, 1]))
    plain.set_weights([gamma, beta, layer.norm.moving_mean, layer.norm.moving_variance])
    x, labels = _inputs(shape)
    weights = np.random.default_rng(4).normal(size=shape)
    found = []
    for made, variables in ((layer, [layer.gamma, layer.beta]), (plain, [plain.gamma, plain.beta])):
        with tf.GradientTape() as tape:
            watched = tf.constant(x)
            tape.watch(watched)
            outputs = made([watched, _one_hot(labels)] if made is layer else watched, training=True)
            loss = tf.reduce_sum(outputs * weights)
        found.append([outputs, *tape.gradient(loss, [watched, *(v.value for v in variables)])])
    (ours, by_input, by_gamma, by_beta), expected = found
    np.testing.assert_allclose(ours, expected[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(by_input, expected[1], rtol=1e-4, atol=1e-5)
    for by_class, whole in ((by_gamma, expected[2]), (by_beta, expected[3])):
        np.testing.assert_allclose(np.sum(by_class, axis=0), whole, rtol=1e-4, atol=1e-5)
        assert not np.any(by_class[2])
        assert np.all(np.abs(by_class[:2]) > 0)


def test_it_begins_as_normalization_without_scale_and_offset():
    layer = ConditionalBatchNormalization()
    x, labels = _inputs(SHAPES[1])
    np.testing.assert_array_equal(layer([x, _one_hot(labels)], training=True),
                                  BatchNormalization(center=False, scale=False)(x, training=True))
    assert {v.path.split("/")[-1] for v in layer.trainable_variables} == {"gamma", "beta"}


def test_frozen_it_is_in_inference_mode():
    layer = _layer(SHAPES[0])
    layer.trainable = False
    x, labels = _inputs(SHAPES[0])
    inputs = [x, _one_hot(labels)]
    np.testing.assert_allclose(layer(inputs, training=True), layer(inputs, training=False), rtol=1e-6)


def test_half_precision_is_close():
    x, labels = _inputs(SHAPES[0])
    expected = _layer(SHAPES[0])([x, _one_hot(labels)], training=True)
    keras.config.set_dtype_policy("mixed_bfloat16")
    layer = _layer(SHAPES[0])
    outputs = layer([x, _one_hot(labels)], training=True)
    assert outputs.dtype == tf.bfloat16
    assert {w.dtype for w in layer.weights} == {"float32"}
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, atol=0.06)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "float64"])
def test_a_label_is_one_hot_in_the_layers_precision(policy):
    keras.config.set_dtype_policy(policy)
    labels = tf.constant([2, 0, 1, 2])
    one_hot = OneHot(CLASSES)(labels)
    assert one_hot.dtype == keras.config.dtype_policy().compute_dtype
    np.testing.assert_array_equal(tf.cast(one_hot, tf.float32), _one_hot(labels))
