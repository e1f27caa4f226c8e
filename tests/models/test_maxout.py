"""The maxout GAN: the tutorial's sizes, its initial weights, where it normalizes and drops."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization, Dropout, Maxout
from tests.helpers import layers, networks

MNIST = (28, 28, 1)


def _kinds(network) -> list[str]:
    return [type(layer).__name__ for layer in layers(network)]


@pytest.fixture(scope="module")
def gan():
    keras.utils.set_random_seed(0)
    return networks("maxout", MNIST, 100)


def test_generator(gan):
    """BN, Dense 1200 relu, BN, Dense 1200 relu, BN, Dense 784 sigmoid; no BN after the last layer."""
    assert _kinds(gan.generator) == ["BatchNormalization", "Dense", "BatchNormalization", "Dense",
                                     "BatchNormalization", "Dense", "Reshape", "Activation"]
    dense = [layer for layer in gan.generator.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.kernel.shape for layer in dense] == [(100, 1200), (1200, 1200), (1200, 784)]
    assert [layer.activation.__name__ for layer in dense] == ["relu", "relu", "linear"]
    assert gan.generator.layers[-1].activation.__name__ == "sigmoid"
    assert {layer.epsilon for layer in gan.generator.layers if isinstance(layer, BatchNormalization)} == {1e-5}
    trainable = (2 * 100 + 2 * 1200 + 2 * 1200) + (120_000 + 1200) + (1_440_000 + 1200) + (940_800 + 784)
    assert sum(np.prod(v.shape) for v in gan.generator.trainable_variables) == trainable
    assert gan.generator.count_params() == trainable + 2 * (100 + 1200 + 1200)
    assert gan.generator.output_shape == (None, *MNIST)
    assert gan.value_range == (0, 1)


def test_discriminator(gan):
    """Dense 1200, 240 units of 5 pieces, dropout ½, the same again, Dense 1; no batch normalization."""
    assert _kinds(gan.discriminator) == ["Flatten", "Dense", "Maxout", "Dropout", "Dense", "Maxout",
                                         "Dropout", "Dense", "Activation"]
    assert gan.discriminator.count_params() == (784 * 1200 + 1200) + (240 * 1200 + 1200) + (240 + 1)
    assert [layer.pieces for layer in layers(gan.discriminator) if isinstance(layer, Maxout)] == [5, 5]
    assert [layer.output.shape[-1] for layer in layers(gan.discriminator) if isinstance(layer, Maxout)] == [240, 240]
    assert [layer.rate for layer in layers(gan.discriminator) if isinstance(layer, Dropout)] == [0.5, 0.5]
    assert layers(gan.discriminator)[-1].activation.__name__ == "linear"
    assert gan.discriminator.output_shape == (None, 1)


@pytest.mark.parametrize(("network", "limit"), [("generator", 0.05), ("discriminator", 0.005)])
def test_initial_weights(gan, network, limit):
    for layer in layers(getattr(gan, network)):
        if isinstance(layer, keras.layers.Dense):
            kernel = layer.kernel.numpy()
            assert np.abs(kernel).max() <= limit
            assert stats.kstest(kernel.ravel(), stats.uniform(-limit, 2 * limit).cdf).pvalue > 1e-3
            assert not layer.bias.numpy().any()


def test_the_discriminator_against_numpy():
    gan = networks("maxout(generator_widths=[3], units=[4, 2], pieces=3, dropout=0)", (2, 2, 1), 5)
    random = np.random.default_rng(0)
    weights = [random.normal(size=w.shape).astype(np.float32) for w in gan.discriminator.get_weights()]
    gan.discriminator.set_weights(weights)
    images = random.normal(size=(6, 2, 2, 1)).astype(np.float32)
    x = images.reshape(6, 4)
    for index, units in ((0, 4), (2, 2)):
        x = (x @ weights[index] + weights[index + 1]).reshape(6, 3, units).max(axis=1)
    np.testing.assert_allclose(gan.discriminator(images), x @ weights[4] + weights[5], rtol=1e-4, atol=1e-5)


def test_sizes_are_arguments():
    gan = networks("maxout(generator_widths=[8, 9, 10], units=[6], pieces=2, dropout=0, output='tanh', "
                       "generator_init=0.2, discriminator_init=0.1)", (4, 3, 3), 7)
    assert [layer.units for layer in gan.generator.layers if isinstance(layer, keras.layers.Dense)] == [8, 9, 10, 36]
    assert _kinds(gan.generator).count("BatchNormalization") == 4
    assert _kinds(gan.discriminator) == ["Flatten", "Dense", "Maxout", "Dense", "Activation"]
    assert gan.discriminator.count_params() == (36 * 12 + 12) + (6 + 1)
    assert gan.value_range == (-1, 1)
    assert 0.05 < np.abs(gan.generator.get_layer("dense_2").kernel.numpy()).max() <= 0.2
    assert gan.generator(tf.zeros([2, 7])).shape == (2, 4, 3, 3)


def test_training_normalizes_by_the_batch_and_inference_does_not():
    gan = networks("maxout(generator_widths=[8], units=[6], pieces=2)", (2, 2, 1), 3)
    noise = 5 + tf.random.stateless_normal([20, 3], [0, 1])
    norm = next(layer for layer in gan.generator.layers if isinstance(layer, BatchNormalization))
    gan.generator(noise, training=False)
    np.testing.assert_array_equal(norm.moving_mean, 0)
    gan.generator(noise, training=True)
    np.testing.assert_allclose(norm.moving_mean, 0.01 * tf.reduce_mean(noise, 0), rtol=1e-5)


@pytest.mark.parametrize(("spec", "message"), [
    ("maxout(pieces=0)", "pieces must be a whole number of at least 1, got 0"),
    ("maxout(pieces=2.5)", "pieces must be a whole number of at least 1, got 2.5"),
    ("maxout(units=240)", "units must be a list of widths, got 240"),
    ("maxout(units=[])", r"units must be a list of widths, got \[\]"),
    ("maxout(units=[240, 0])", "a width of units must be a whole number of at least 1, got 0"),
    ("maxout(generator_widths=[1200, 'x'])", "a width of generator_widths must be a whole number of at least 1"),
    ("maxout(dropout=1.0)", "dropout must be a number at least 0 and below 1, got 1.0"),
    ("maxout(generator_init=0)", "generator_init must be a number above 0, got 0"),
    ("maxout(norm_epsilon=0)", "norm_epsilon must be a number above 0, got 0"),
    ("maxout(discriminator_init=-1)", "discriminator_init must be a number above 0, got -1"),
    ("maxout(output='softmax')", "unknown output 'softmax'"),
    ("maxout(piece=5)", "maxout has no argument 'piece': did you mean 'pieces'?"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, MNIST, 100)
