"""Maxout against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.layers import Maxout

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(7, 12), (2, 3, 12), (2, 3, 4, 12)])
@pytest.mark.parametrize("pieces", [1, 2, 3, 12])
def test_the_largest_piece(shape, pieces):
    inputs = RANDOM.normal(size=shape).astype(np.float32)
    units = 12 // pieces
    expected = np.stack([inputs[..., j * units:(j + 1) * units] for j in range(pieces)]).max(axis=0)
    layer = Maxout(pieces)
    np.testing.assert_array_equal(layer(inputs), expected)
    assert layer.compute_output_shape(shape) == expected.shape
    assert not layer.weights


def test_the_gradient_goes_to_the_largest_piece():
    inputs = RANDOM.normal(size=(5, 12)).astype(np.float32)
    weights = RANDOM.normal(size=(5, 4)).astype(np.float32)
    with tf.GradientTape() as tape:
        watched = tf.constant(inputs)
        tape.watch(watched)
        loss = tf.reduce_sum(weights * Maxout(3)(watched))
    pieces = inputs.reshape(5, 3, 4)
    expected = weights[:, None] * (pieces == pieces.max(axis=1, keepdims=True))
    np.testing.assert_array_equal(tape.gradient(loss, watched), expected.reshape(5, 12))


def test_the_batch_size_may_be_unknown():
    @tf.function(input_signature=[tf.TensorSpec([None, 12])])
    def run(inputs):
        outputs = Maxout(4)(inputs)
        assert outputs.shape == [None, 3]
        return outputs

    assert run(tf.zeros([5, 12])).shape == (5, 3)


def test_bad_arguments():
    with pytest.raises(ValueError, match="Maxout: 12 features can't be split into pieces=5"):
        Maxout(5)(tf.zeros([1, 12]))
    with pytest.raises(UserError, match="pieces must be a whole number of at least 1, got 0"):
        Maxout(0)
