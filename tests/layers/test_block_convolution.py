"""Convolutions in blocks: the same function and gradients as the plain operations, and only where they save."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import BilinearUpsampling, NarrowConvolution, UpsampledConvolution

RANDOM = np.random.default_rng(0)


def _narrow(shape, *arguments, **keywords):
    """(the layer, built; the shape of a batch for it; inputs → what it takes)."""
    return _built(NarrowConvolution(*arguments, **keywords), shape), shape, lambda inputs: inputs


def _upsampled(shape, target, *arguments, **keywords):
    upsampling = BilinearUpsampling(target)
    layer = UpsampledConvolution(*arguments, **keywords)
    return _built(layer, [shape, upsampling.compute_output_shape(shape)]), shape, lambda x: [x, upsampling(x)]


def _built(layer, shape):
    layer.build(shape)
    if layer.use_bias:
        layer.bias.assign(RANDOM.normal(size=layer.bias.shape))
    return layer


IN_BLOCKS = [
    lambda: _upsampled((2, 9, 7, 2), (18, 14), 3, 5),
    lambda: _upsampled((1, 9, 12, 3), (18, 24), 2, 7, use_bias=False, activation="tanh"),
    lambda: _upsampled((2, 6, 12, 1), (12, 24), 1, (5, 9)),
    lambda: _narrow((2, 12, 8, 3), 1, 5),
    lambda: _narrow((2, 12, 9, 2), 3, (3, 4), use_bias=False),
    lambda: _narrow((1, 2, 6, 1), 4, 1, activation="tanh"),
]
# Too small a kernel, an even one, sizes that are not doubled; sides that are odd, too many channels.
PLAIN = [
    lambda: _upsampled((2, 9, 7, 2), (18, 14), 3, 3),
    lambda: _upsampled((2, 9, 7, 2), (18, 14), 3, 6),
    lambda: _upsampled((2, 9, 7, 2), (18, 13), 3, 5),
    lambda: _upsampled((2, 9, 7, 2), (9, 14), 3, 5),
    lambda: _narrow((2, 12, 8, 3), 1, 4),
    lambda: _narrow((2, 12, 8, 3), 5, 5),
]
each_in_blocks = pytest.mark.parametrize("make", IN_BLOCKS)


def _saves(layer, taken) -> bool:
    return layer.saves([each.shape for each in taken] if isinstance(taken, list) else taken.shape)


def _plain(layer, taken):
    """The layer's function, of TensorFlow's own operations."""
    inputs = taken[-1] if isinstance(taken, list) else taken
    outputs = tf.nn.conv2d(inputs, tf.cast(layer.kernel, inputs.dtype), 1, "VALID")
    return layer.activation(outputs + layer.bias if layer.use_bias else outputs)


def _with_gradients(function, inputs, weights):
    """Outputs y, ∂Σy³ by inputs and weights, and by both of the squared norm of the first of these."""
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            outputs = function(inputs)
            total = tf.reduce_sum(outputs**3)
        gradient = inner.gradient(total, inputs)
        squares = tf.reduce_sum(gradient**2)
    return [outputs, gradient, *outer.gradient(total, weights), *outer.gradient(squares, [inputs, *weights[:1]])]


@each_in_blocks
def test_values_and_gradients_of_both_orders_are_the_plain_ones(make):
    keras.config.set_dtype_policy("float64")
    layer, shape, taken = make()
    inputs = tf.constant(RANDOM.normal(size=shape))
    assert _saves(layer, taken(inputs))
    got = _with_gradients(lambda x: layer(taken(x), training=True), inputs, layer.trainable_variables)
    expected = _with_gradients(lambda x: _plain(layer, taken(x)), inputs, layer.trainable_variables)
    for ours, theirs in zip(got, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * np.abs(theirs).max())


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@each_in_blocks
def test_lower_precision_is_close(make, policy):
    keras.config.set_dtype_policy(policy)
    layer, shape, taken = make()
    inputs = taken(tf.cast(RANDOM.normal(size=shape), layer.compute_dtype))
    outputs, expected = layer(inputs, training=True), layer(inputs)
    assert outputs.dtype == expected.dtype == layer.compute_dtype
    outputs, expected = tf.cast(outputs, tf.float32), tf.cast(expected, tf.float32)
    tolerance = (2e-6 if policy == "float32" else 2**-6) * np.abs(expected).max()
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=tolerance)


@each_in_blocks
def test_graphs_and_xla(make):
    keras.config.set_dtype_policy("float64")
    layer, shape, taken = make()
    inputs = tf.constant(RANDOM.normal(size=shape))
    for compiled in (False, True):
        played = tf.function(lambda x: layer(taken(x), training=True), jit_compile=compiled)
        np.testing.assert_allclose(played(inputs), _plain(layer, taken(inputs)), atol=1e-12)


def _operations(layer, shape, taken, training) -> list[str]:
    graph = tf.function(lambda x: layer(taken(x), training=training)).get_concrete_function(tf.TensorSpec(shape)).graph
    return [each.type for each in graph.get_operations()]


@pytest.mark.parametrize("make", [*PLAIN, *IN_BLOCKS])
def test_the_operations_are_plain_outside_training_and_where_nothing_is_saved(make):
    layer, shape, taken = make()
    in_blocks = make in IN_BLOCKS
    for training in (False, True):
        operations = _operations(layer, [None, *shape[1:]], taken, training)
        assert operations.count("Conv2D") == 1
        assert ("Transpose" in operations) == (training and in_blocks)
    inputs = taken(tf.constant(RANDOM.normal(size=shape), tf.float32))
    np.testing.assert_array_equal(layer(inputs), _plain(layer, inputs))
    assert _saves(layer, inputs) == in_blocks
    if not in_blocks:
        np.testing.assert_array_equal(layer(inputs, training=True), layer(inputs))


def test_the_kernel_is_that_of_a_plain_convolution():
    """So that its first values and checkpoints are the same."""
    start = {"name": "conv", "kernel_initializer": keras.initializers.GlorotUniform(4)}
    expected = _built(keras.layers.Conv2D(3, 5, **start), (2, 18, 14, 2))
    layer = _upsampled((2, 9, 7, 2), (18, 14), 3, 5, **start)[0]
    np.testing.assert_array_equal(layer.kernel, expected.kernel)
    assert [each.path for each in layer.weights] == [each.path for each in expected.weights]


@pytest.mark.parametrize("wrong", [{"padding": "same"}, {"strides": 2}, {"dilation_rate": 2}, {"groups": 2}])
def test_what_blocks_have_no_rule_for_is_refused(wrong):
    with pytest.raises(ValueError, match=f"no other {next(iter(wrong))} than"):
        NarrowConvolution(2, 3, **wrong)
