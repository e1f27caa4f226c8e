"""The minibatch standard deviation against NumPy, and what it says of batches that groups don't divide."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.layers import MinibatchStddev


def _expected(x, group) -> np.ndarray:
    """A feature [B, …, 1], by the paper's words: the deviation over the group, then the mean over all features."""
    feature = np.zeros((*x.shape[:-1], 1))
    for start in range(0, len(x), group):
        rows = x[start:start + group].astype(np.float64)
        feature[start:start + group] = np.sqrt(rows.var(axis=0) + 1e-8).mean()
    return feature


@pytest.mark.parametrize("shape", [(8, 3, 2, 5), (12, 7)])
@pytest.mark.parametrize("group", [2, 4])
def test_one_more_feature(shape, group):
    x = np.random.default_rng(0).normal(3, 2, shape).astype(np.float32)
    outputs = MinibatchStddev(group)(x, training=True).numpy()
    np.testing.assert_array_equal(outputs[..., :-1], x)
    np.testing.assert_allclose(outputs[..., -1:], _expected(x, group), rtol=1e-5)


def test_by_hand():
    """Of two rows the deviation is half the distance: (|1 − 3| / 2 + |2 − 8| / 2) / 2 = 2, then 0.0001 of two alike."""
    x = np.array([[1, 2], [3, 8], [5, 5], [5, 5]], np.float32)
    np.testing.assert_allclose(MinibatchStddev(2)(x)[:, -1], [2, 2, 1e-4, 1e-4], rtol=1e-5)


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_outside_of_training_the_last_group_has_what_is_left(rows):
    x = np.random.default_rng(1).normal(size=(rows, 2, 2, 3)).astype(np.float32)
    expected = _expected(x, 4)
    layer = MinibatchStddev(4)
    np.testing.assert_allclose(layer(x)[..., -1:], expected, rtol=1e-4)
    unknown = tf.function(layer, input_signature=[tf.TensorSpec([None, 2, 2, 3])])
    np.testing.assert_allclose(unknown(x)[..., -1:], expected, rtol=1e-4)


def test_replicas_have_the_groups_of_the_whole_batch():
    """The rows of a replica alone give what they give in the batch."""
    x, layer = np.random.default_rng(2).normal(size=(16, 5)).astype(np.float32), MinibatchStddev(4)
    whole = layer(x, training=True)
    for count in (2, 4):
        parts = [layer(part, training=True) for part in np.split(x, count)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_where_all_are_alike_gradients_are_finite():
    """The first is zero, and so is the second, which penalties need."""
    with tf.GradientTape() as outer:
        x = tf.ones([4, 3])
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            deviation = tf.reduce_sum(MinibatchStddev(4)(x, training=True)[:, -1])
        gradient = inner.gradient(deviation, x)
        squared = tf.reduce_sum(gradient**2)
    np.testing.assert_array_equal(gradient, np.zeros([4, 3]))
    np.testing.assert_array_equal(outer.gradient(squared, x), np.zeros([4, 3]))


def test_half_precision_computes_in_single():
    """254² and 256² are one number in bfloat16, and so would have no difference."""
    x = tf.constant([[254] * 3, [256] * 3], tf.bfloat16)
    outputs = MinibatchStddev(2, dtype="bfloat16")(x)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_array_equal(tf.cast(outputs[:, -1], tf.float32), [1, 1])


def test_float64():
    keras.config.set_dtype_policy("float64")
    x = np.random.default_rng(3).normal(size=(4, 3))
    np.testing.assert_allclose(MinibatchStddev(2)(x)[:, -1:], _expected(x, 2), rtol=1e-14)


def test_a_batch_that_groups_do_not_divide_is_refused_in_training():
    with pytest.raises(UserError) as error:
        MinibatchStddev(4)(tf.zeros([6, 3]), training=True)
    assert str(error.value) == ("minibatch_stddev=4: groups of 4 don't divide the 6 rows that are scored together: "
                                "change it, or --batch_size")


@pytest.mark.parametrize("size", [1, 0, 2.0, True])
def test_bad_sizes(size):
    with pytest.raises(UserError, match=f"minibatch_stddev must be a whole number of at least 2, got {size}"):
        MinibatchStddev(size)
