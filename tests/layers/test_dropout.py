"""Stateless dropout: its rate and scale, and that the mask is a function of seed, stream, step and example."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import randomness
from gan_zoo.layers import Dropout
from gan_zoo.randomness import Key

KEY = Key(5)("round")


def _run(layers, inputs, key=KEY, step=0, first_row=0):
    """The outputs of the layers, each on the inputs, in one forward pass in training mode."""
    with randomness.forward_pass(key, step, first_row):
        return [layer(inputs, training=True).numpy() for layer in layers]


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_rate_and_scale(rate):
    inputs = np.random.default_rng(0).uniform(1, 2, size=(200, 10, 10, 2)).astype(np.float32)
    (outputs,) = _run([Dropout(rate)], inputs)
    kept = outputs != 0
    np.testing.assert_allclose(outputs[kept], inputs[kept] / (1 - rate), rtol=1e-6)
    assert stats.binomtest(int(kept.sum()), kept.size, 1 - rate).pvalue > 1e-3
    for axis in range(4):  # no example, row, column or channel is treated differently
        others = tuple(other for other in range(4) if other != axis)
        deviation = np.sqrt(rate * (1 - rate) / (kept.size / kept.shape[axis]))
        assert np.abs(kept.mean(axis=others) - (1 - rate)).max() < 5 * deviation


def test_the_expectation_is_the_input():
    (outputs,) = _run([Dropout(0.3)], tf.ones([100_000, 1]))
    assert abs(outputs.mean() - 1) < 5 * np.sqrt(0.3 / 0.7 / 100_000)


def test_the_gradient_has_the_mask_and_scale_of_the_outputs():
    inputs = tf.ones([20, 6])
    with tf.GradientTape() as tape, randomness.forward_pass(KEY, 0):
        tape.watch(inputs)
        outputs = Dropout(0.5)(inputs, training=True)
    np.testing.assert_array_equal(tape.gradient(outputs, inputs), outputs)


def test_the_same_key_and_step_drop_the_same_units():
    inputs = tf.ones([30, 7])
    np.testing.assert_array_equal(_run([Dropout(0.5)], inputs), _run([Dropout(0.5)], inputs))


@pytest.mark.parametrize("other", [{"key": Key(6)("round")}, {"key": KEY("fake")}, {"step": 1}, {"first_row": 30}],
                         ids=["seed", "stream", "step", "rows"])
def test_another_key_step_or_row_drops_others(other):
    inputs = tf.ones([30, 40])
    one, two = _run([Dropout(0.5)], inputs)[0], _run([Dropout(0.5)], inputs, **other)[0]
    assert 0.4 < np.mean(one == two) < 0.6


def test_layers_of_one_pass_drop_independently():
    one, two, three = _run([Dropout(0.5)] * 3, tf.ones([30, 40]))
    for first, second in ((one, two), (one, three), (two, three)):
        assert 0.4 < np.mean(first == second) < 0.6


@pytest.mark.parametrize("shape", [(7,), (3, 3, 5)])
def test_replicas_drop_what_one_replica_drops(shape):
    """The global batch of 12 on one replica, or its slices of 4 and of 6."""
    inputs = np.random.default_rng(0).normal(size=(12, *shape)).astype(np.float32)
    layers = [Dropout(0.5), Dropout(0.3)]
    whole = _run(layers, inputs)
    for size in (4, 6):
        slices = [_run(layers, inputs[row:row + size], first_row=row) for row in range(0, 12, size)]
        for index in range(2):
            np.testing.assert_array_equal(np.concatenate([part[index] for part in slices]), whole[index])


def test_graph_equals_eager():
    layer, inputs = Dropout(0.5), tf.ones([8, 5])

    @tf.function
    def run(step, first_row):
        with randomness.forward_pass(KEY, step, first_row):
            return layer(inputs, training=True)

    for step in (0, 3):
        np.testing.assert_array_equal(run(tf.constant(step), tf.constant(2)),
                                      _run([layer], inputs, step=step, first_row=2)[0])


@pytest.mark.parametrize("training", [False, None])
def test_inference_is_the_identity(training):
    inputs = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    with randomness.forward_pass(KEY, 0):
        np.testing.assert_array_equal(Dropout(0.5)(inputs, training=training), inputs)


def test_rate_zero_is_the_identity():
    np.testing.assert_array_equal(_run([Dropout(0.0)], tf.ones([5, 4]))[0], 1)


def test_outside_a_forward_pass_it_is_keras_dropout():
    keras.utils.set_random_seed(0)
    outputs = Dropout(0.5)(tf.ones([100, 100]), training=True).numpy()
    assert set(np.unique(outputs)) == {0, 2}
    np.testing.assert_array_equal(Dropout(0.5)(tf.ones([3, 3]), training=False), 1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes(dtype):
    with randomness.forward_pass(KEY, 0):
        outputs = Dropout(0.5, dtype=dtype)(tf.ones([100, 10], dtype), training=True)
    assert outputs.dtype == dtype
    np.testing.assert_array_equal(tf.cast(outputs, tf.float32), _run([Dropout(0.5)], tf.ones([100, 10]))[0])
