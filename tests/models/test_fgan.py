"""The networks of f-GAN, layer by layer as the paper's section 3.1 has them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo.errors import UserError
from tests.helpers import layers, networks

MNIST = (28, 28, 1)


def _kinds(network) -> list[str]:
    return [type(layer).__name__ for layer in layers(network)]


def _dense(network) -> list[keras.layers.Dense]:
    return [layer for layer in layers(network) if isinstance(layer, keras.layers.Dense)]


@pytest.fixture(scope="module")
def gan():
    keras.utils.set_random_seed(0)
    return networks("fgan", MNIST, 100)


def test_generator(gan):
    """Linear 1200, BN, ReLU, Linear 1200, BN, ReLU, Linear 784, sigmoid; no BN after the last layer."""
    assert _kinds(gan.generator) == ["Dense", "BatchNormalization", "ReLU", "Dense", "BatchNormalization", "ReLU",
                                     "Dense", "Reshape", "Activation"]
    assert [layer.kernel.shape for layer in _dense(gan.generator)] == [(100, 1200), (1200, 1200), (1200, 784)]
    assert [layer.use_bias for layer in _dense(gan.generator)] == [False, False, True]  # BN has its own
    assert gan.generator.layers[-1].activation.__name__ == "sigmoid"
    trainable = 120_000 + 2 * 1200 + 1_440_000 + 2 * 1200 + (940_800 + 784)
    assert sum(np.prod(v.shape) for v in gan.generator.trainable_variables) == trainable
    assert gan.generator.count_params() == trainable + 2 * 1200 + 2 * 1200
    assert gan.generator.output_shape == (None, *MNIST)


def test_discriminator(gan):
    """Linear 240, ELU, Linear 240, ELU, Linear 1; the score is raw, g_f belongs to the objective."""
    assert _kinds(gan.discriminator) == ["Flatten", "Dense", "Dense", "Dense", "Activation"]
    assert [layer.activation.__name__ for layer in _dense(gan.discriminator)] == ["elu", "elu", "linear"]
    assert layers(gan.discriminator)[-1].activation.__name__ == "linear"
    assert gan.discriminator.count_params() == (784 * 240 + 240) + (240 * 240 + 240) + (240 + 1)
    assert gan.discriminator.output_shape == (None, 1)


def test_pixels_are_in_the_value_range(gan):
    assert gan.value_range == (0, 1)
    images = gan.generator(1e3 * np.random.default_rng(0).normal(size=(8, 100)), training=False).numpy()
    assert 0 <= images.min() < 0.01
    assert 0.99 < images.max() <= 1


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_initial_weights(gan, network):
    """U(−0.05, 0.05), biases 0."""
    for layer in _dense(getattr(gan, network)):
        kernel = layer.kernel.numpy()
        assert np.abs(kernel).max() <= 0.05
        assert stats.kstest(kernel.ravel(), stats.uniform(-0.05, 0.1).cdf).pvalue > 1e-3
        assert layer.bias is None or not layer.bias.numpy().any()


def test_the_networks_against_numpy():
    gan = networks("fgan(generator_widths=[3], discriminator_widths=[4, 2])", (2, 2, 1), 5)
    random = np.random.default_rng(0)
    for network in (gan.generator, gan.discriminator):
        network.set_weights([random.uniform(0.2, 1.5, w.shape) * random.choice([1, 1, -1], w.shape)
                             if "variance" not in w.path else random.uniform(0.5, 1.5, w.shape)
                             for w in network.weights])
    noise = random.normal(size=(6, 5))
    kernel, gamma, beta, mean, variance, last, bias = map(np.float64, gan.generator.get_weights())
    norm = gan.generator.get_layer("norm_1")
    hidden = np.maximum(0, (noise @ kernel - mean) / np.sqrt(variance + norm.epsilon) * gamma + beta)
    images = gan.generator(noise, training=False)
    np.testing.assert_allclose(images, (1 / (1 + np.exp(-(hidden @ last + bias)))).reshape(6, 2, 2, 1), atol=1e-5)
    x = images.numpy().reshape(6, 4)
    weights = gan.discriminator.get_weights()
    for index in (0, 2):
        x = x @ weights[index] + weights[index + 1]
        x = np.where(x > 0, x, np.expm1(x))
    np.testing.assert_allclose(gan.discriminator(images), x @ weights[4] + weights[5], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("output", "value_range"), [("tanh", (-1, 1)), ("linear", (-1, 1)), ("sigmoid", (0, 1))])
def test_sizes_are_arguments(output, value_range):
    gan = networks(f"fgan(generator_widths=(8, 9, 10), discriminator_widths=[6], init=0.4, output={output!r})",
                       (4, 3, 3), 7)
    assert [layer.units for layer in _dense(gan.generator)] == [8, 9, 10, 36]
    assert _kinds(gan.generator).count("BatchNormalization") == 3
    assert [layer.units for layer in _dense(gan.discriminator)] == [6, 1]
    assert gan.generator.layers[-1].activation.__name__ == output
    assert gan.value_range == value_range
    assert 0.2 < np.abs(_dense(gan.generator)[1].kernel.numpy()).max() <= 0.4
    assert gan.generator(tf.zeros([2, 7])).shape == (2, 4, 3, 3)


@pytest.mark.parametrize(("spec", "message"), [
    ("fgan(generator_widths=1200)", "generator_widths must be a list of widths, got 1200"),
    ("fgan(generator_widths=[])", r"generator_widths must be a list of widths, got \[\]"),
    ("fgan(generator_widths=[1200, 0])", "a width of generator_widths must be a whole number of at least 1, got 0"),
    ("fgan(discriminator_widths='240')", "discriminator_widths must be a list of widths, got '240'"),
    ("fgan(discriminator_widths=[240, 2.5])", "a width of discriminator_widths must be a whole number of at least 1"),
    ("fgan(discriminator_widths=[None])", "a width of discriminator_widths must be a whole number of at least 1"),
    ("fgan(init=0)", "init must be a number above 0, got 0"),
    ("fgan(init=-0.05)", "init must be a number above 0, got -0.05"),
    ("fgan(init='x')", "init must be a number above 0, got 'x'"),
    ("fgan(output='softmax')", "unknown output 'softmax'"),
    ("fgan(widths=[3])", "fgan has no argument 'widths': did you mean"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message) as error:
        networks(spec, MNIST, 100)
    assert "\n" not in str(error.value)
