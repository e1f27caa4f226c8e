"""Bilinear upsampling against Keras and TensorFlow, and against the checkerboards that it is there to avoid."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import BilinearUpsampling
from gan_zoo.layers.bilinear import interpolation_matrix

RANDOM = np.random.default_rng(0)


def _value_and_gradient(function, inputs, weights):
    with tf.GradientTape() as tape:
        watched = tf.constant(inputs)
        tape.watch(watched)
        outputs = function(watched)
        loss = tf.reduce_sum(outputs * weights)
    return outputs.numpy(), tape.gradient(loss, watched).numpy()


def _assert_same(function, reference, shape, target):
    inputs = RANDOM.normal(size=shape).astype(np.float32)
    weights = RANDOM.normal(size=(shape[0], *target, shape[-1])).astype(np.float32)
    outputs, gradient = _value_and_gradient(function, inputs, weights)
    expected, expected_gradient = _value_and_gradient(reference, inputs, weights)
    np.testing.assert_allclose(outputs, expected, atol=2e-6)
    np.testing.assert_allclose(gradient, expected_gradient, atol=5e-6)


@pytest.mark.parametrize("shape", [(2, 10, 10, 3), (1, 18, 18, 1), (3, 1, 5, 2), (2, 7, 4, 1), (1, 1, 1, 2)])
def test_twice_the_size_is_keras_upsampling(shape):
    reference = keras.layers.UpSampling2D(interpolation="bilinear")
    _assert_same(BilinearUpsampling(), reference, shape, (2 * shape[1], 2 * shape[2]))


@pytest.mark.parametrize("target", [(20, 20), (21, 17), (9, 13), (4, 3), (11, 40), (1, 1)])
def test_any_size_is_a_resize_with_half_pixel_centres(target):
    _assert_same(BilinearUpsampling(target), lambda inputs: tf.image.resize(inputs, target), (2, 9, 7, 3), target)


@pytest.mark.parametrize(("size", "target"), [(2, 4), (5, 10), (10, 21), (7, 3), (1, 9), (6, 6)])
def test_matrix(size, target):
    """Rows are weights that sum to 1; a linear ramp stays one, except at the clamped edges."""
    matrix = interpolation_matrix(size, target)
    assert matrix.shape == (target, size)
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    centres = np.clip((np.arange(target) + 0.5) * size / target - 0.5, 0, size - 1)
    np.testing.assert_allclose(matrix @ np.arange(size), centres, atol=1e-12)


def test_the_matrix_of_two_to_four():
    np.testing.assert_array_equal(interpolation_matrix(2, 4), [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])


def test_bfloat16_is_close():
    inputs = RANDOM.uniform(-1, 1, size=(2, 10, 10, 4)).astype(np.float32)
    outputs = BilinearUpsampling(dtype="bfloat16")(tf.cast(inputs, tf.bfloat16))
    assert outputs.dtype == tf.bfloat16
    expected = keras.layers.UpSampling2D(interpolation="bilinear")(inputs)
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, atol=3 * 2**-8)


def test_float64():
    keras.config.set_dtype_policy("float64")
    inputs = RANDOM.normal(size=(1, 6, 6, 2))
    matrix = interpolation_matrix(6, 12)
    np.testing.assert_allclose(BilinearUpsampling()(inputs), np.einsum("ti,uj,bijc->btuc", matrix, matrix, inputs),
                               atol=1e-14)


def test_no_checkerboard():
    """Odena et al.: a constant stays constant under any convolution; a strided transposed one makes a pattern."""
    ones = tf.ones([1, 6, 6, 2])
    np.testing.assert_allclose(BilinearUpsampling()(ones), 1, atol=1e-6)
    np.testing.assert_allclose(BilinearUpsampling((13, 17))(ones), 1, atol=1e-6)
    keras.utils.set_random_seed(0)
    resized = keras.layers.Conv2D(1, 3)(BilinearUpsampling()(ones)).numpy()
    assert np.ptp(resized) < 1e-5
    transposed = keras.layers.Conv2DTranspose(1, 3, strides=2)(ones).numpy()[:, 3:-3, 3:-3]
    assert np.ptp(transposed) > 0.1


def test_every_input_pixel_weighs_the_same_away_from_the_edges():
    """The gradient of the outputs' sum is 4 for each pixel when both sides double: no grid in the gradients either."""
    _, gradient = _value_and_gradient(BilinearUpsampling(), np.ones([1, 6, 6, 1], np.float32), 1.0)
    np.testing.assert_allclose(gradient, 4, atol=1e-5)


def test_shapes():
    assert BilinearUpsampling().compute_output_shape((None, 5, 6, 3)) == (None, 10, 12, 3)
    assert BilinearUpsampling((7, 9)).compute_output_shape((None, 5, 6, 3)) == (None, 7, 9, 3)
    inputs = keras.Input([5, 6, 3])
    assert BilinearUpsampling([7, 9])(inputs).shape == (None, 7, 9, 3)
    assert not BilinearUpsampling().weights
