"""Layers that draw: what they draw is a function of seed, stream, step and example, and of nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import randomness
from gan_zoo.layers import Dropout
from gan_zoo.randomness import Key

KEY = Key(5)("round")


def run(layers, inputs, key=KEY, step=0, first_row=0):
    """The outputs of the layers, each on the inputs, in one forward pass in training mode."""
    with randomness.forward_pass(key, step, first_row):
        return [layer(inputs, training=True).numpy() for layer in layers]


def _assert_independent(one, two) -> None:
    """Two draws on ones: their entries, kept or dropped, have no correlation."""
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 5 / one.size**0.5


def test_the_same_key_and_step_draw_the_same():
    inputs = tf.ones([30, 7])
    np.testing.assert_array_equal(run([Dropout(0.5)], inputs), run([Dropout(0.5)], inputs))


@pytest.mark.parametrize("other", [{"key": Key(6)("round")}, {"key": KEY("generated")}, {"step": 1}, {"first_row": 30}],
                         ids=["seed", "stream", "step", "rows"])
def test_another_key_step_or_row_draws_others(other):
    inputs = tf.ones([30, 40])
    _assert_independent(run([Dropout(0.5)], inputs)[0], run([Dropout(0.5)], inputs, **other)[0])


def test_layers_of_one_pass_draw_independently():
    one, two, three = run([Dropout(0.5), Dropout(0.5), Dropout(0.5)], tf.ones([30, 40]))
    for first, second in ((one, two), (one, three), (two, three)):
        _assert_independent(first, second)


@pytest.mark.parametrize("shape", [(7,), (3, 3, 5)])
def test_replicas_draw_what_one_replica_draws(shape):
    """The global batch of 12 on one replica, or its slices of 4 and of 6."""
    inputs = np.random.default_rng(0).normal(size=(12, *shape)).astype(np.float32)
    layers = [Dropout(0.5), Dropout(0.3), Dropout(0.5)]
    whole = run(layers, inputs)
    for size in (4, 6):
        slices = [run(layers, inputs[row:row + size], first_row=row) for row in range(0, 12, size)]
        for index in range(3):
            np.testing.assert_array_equal(np.concatenate([part[index] for part in slices]), whole[index])


def test_graph_equals_eager():
    layer, inputs = Dropout(0.5), tf.ones([8, 5])

    @tf.function
    def play(step, first_row):
        with randomness.forward_pass(KEY, step, first_row):
            return layer(inputs, training=True)

    for step in (0, 3):
        np.testing.assert_array_equal(play(tf.constant(step), tf.constant(2)),
                                      run([layer], inputs, step=step, first_row=2)[0])


@pytest.mark.parametrize("training", [False, None])
def test_inference_is_the_identity(training):
    inputs = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    with randomness.forward_pass(KEY, 0):
        np.testing.assert_array_equal(Dropout(0.5)(inputs, training=training), inputs)


def test_nothing_is_the_identity():
    np.testing.assert_array_equal(run([Dropout(0.0)], tf.ones([5, 4]))[0], 1)


def test_outside_a_forward_pass_it_is_that_of_keras():
    keras.utils.set_random_seed(0)
    ours = Dropout(0.5, seed=3)(tf.ones([100, 100]), training=True)
    np.testing.assert_array_equal(ours, keras.layers.Dropout(0.5, seed=3)(tf.ones([100, 100]), training=True))
    np.testing.assert_array_equal(Dropout(0.5)(tf.ones([3, 3]), training=False), 1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtypes(dtype):
    with randomness.forward_pass(KEY, 0):
        outputs = Dropout(0.5, dtype=dtype)(tf.ones([100, 10], dtype), training=True)
    assert outputs.dtype == dtype
    expected = run([Dropout(0.5)], tf.ones([100, 10]))[0]
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, rtol=0, atol=0.016)
