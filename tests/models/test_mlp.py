"""The multilayer perceptrons: lists of widths, their ends, and how weights begin."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo.errors import UserError
from gan_zoo.layers import Dropout
from tests.helpers import layers, networks

MNIST = (28, 28, 1)


def _kernels(network) -> list[np.ndarray]:
    return [layer.kernel.numpy() for layer in layers(network) if isinstance(layer, keras.layers.Dense)]


def _biases(network) -> list[np.ndarray]:
    return [layer.bias.numpy() for layer in layers(network) if isinstance(layer, keras.layers.Dense)]


def test_the_blogs_networks():
    """Generator [100, 200, 500, 784], discriminator [784, 500, 200, 1], weights and biases counted by hand."""
    gan = networks("mlp", MNIST, 100)
    assert [kernel.shape for kernel in _kernels(gan.generator)] == [(100, 200), (200, 500), (500, 784)]
    assert [kernel.shape for kernel in _kernels(gan.discriminator)] == [(784, 500), (500, 200), (200, 1)]
    assert gan.generator.count_params() == 20_000 + 200 + 100_000 + 500 + 392_000 + 784
    assert gan.discriminator.count_params() == 392_000 + 500 + 100_000 + 200 + 200 + 1
    assert gan.generator.output_shape == (None, 28, 28, 1)
    assert gan.discriminator.output_shape == (None, 1)
    assert gan.value_range == (0, 1)
    assert list(gan.heads) == ["score"]


def test_the_written_lists_are_the_same_networks():
    """As the tutorials write them, with the ends spelled out, and dropout 0.3 after each hidden layer of D."""
    gan = networks('mlp(generator=[100, 256, 512, 1024, 784], discriminator=[784, 1024, 512, 256, 1], '
                       'dropout=0.3, output="tanh")', MNIST, 100)
    assert gan.generator.count_params() == (100 * 256 + 256) + (256 * 512 + 512) + (512 * 1024 + 1024) + (
        1024 * 784 + 784)
    assert gan.discriminator.count_params() == (784 * 1024 + 1024) + (1024 * 512 + 512) + (512 * 256 + 256) + 257
    kinds = [type(layer) for layer in layers(gan.discriminator)]
    assert kinds.count(Dropout) == 3
    assert [layer.rate for layer in layers(gan.discriminator) if isinstance(layer, Dropout)] == [0.3] * 3
    assert not any(isinstance(layer, Dropout) for layer in gan.generator.layers)
    assert gan.value_range == (-1, 1)


@pytest.mark.parametrize(("generator", "discriminator", "widths"), [
    ([None, None], [None, None], [(6, 12)]), ([6, 12], [12, 1], [(6, 12)]),
    ((None, 5, None), (12, 5, None), [(6, 5), (5, 12)])])
def test_none_fills_the_ends(generator, discriminator, widths):
    gan = networks(f"mlp(generator={generator}, discriminator={discriminator})", (2, 2, 3), 6)
    assert [kernel.shape for kernel in _kernels(gan.generator)] == widths
    assert _kernels(gan.discriminator)[-1].shape[1] == 1


def test_the_forward_pass_against_numpy():
    """relu between the layers, sigmoid at the generator's end, nothing at the discriminator's."""
    gan = networks("mlp(generator=[6, 5, 4, 12], discriminator=[12, 7, 1])", (2, 2, 3), 6)
    random = np.random.default_rng(0)
    for network in (gan.generator, gan.discriminator):
        network.set_weights([random.normal(size=w.shape) for w in network.get_weights()])
    noise = random.normal(size=(8, 6)).astype(np.float32)

    def forward(network, x):
        *hidden, last = zip(_kernels(network), _biases(network), strict=True)
        for kernel, bias in hidden:
            x = np.maximum(x @ kernel + bias, 0)
        return x @ last[0] + last[1]

    images = 1 / (1 + np.exp(-forward(gan.generator, noise)))
    np.testing.assert_allclose(gan.generator(noise), images.reshape(8, 2, 2, 3), rtol=1e-4, atol=1e-6)
    scores = forward(gan.discriminator, images)
    np.testing.assert_allclose(gan.discriminator(images.reshape(8, 2, 2, 3)), scores, rtol=1e-4, atol=1e-5)


def test_leaky_relu_and_its_slope():
    gan = networks("mlp(generator=[6, 3, 4], discriminator=[4, 3, 1], hidden='leaky_relu', slope=0.01)",
                       (2, 2, 1), 6)
    slopes = [layer.negative_slope for network in (gan.generator, gan.discriminator) for layer in layers(network)
              if isinstance(layer, keras.layers.LeakyReLU)]
    np.testing.assert_allclose(slopes, [0.01, 0.01])


@pytest.mark.parametrize(("output", "low", "high"), [("sigmoid", 0, 1), ("tanh", -1, 1), ("linear", -np.inf, np.inf)])
def test_outputs(output, low, high):
    gan = networks(f"mlp(generator=[None, 20, None], discriminator=[None, 2, 1], output='{output}')", (4, 4, 1), 5)
    images = gan.generator(100 * tf.random.stateless_normal([50, 5], [0, 1])).numpy()
    assert gan.value_range == ((0, 1) if output == "sigmoid" else (-1, 1))
    assert images.min() >= low
    assert images.max() <= high
    if output == "linear":
        assert np.abs(images).max() > 1
    else:
        assert images.max() > high - 0.01
        assert images.min() < low + 0.01


def test_weights_begin_as_the_blog_says():
    """N(0, 1/√(fan_in/2)), not truncated; biases 0."""
    keras.utils.set_random_seed(0)
    gan = networks("mlp", MNIST, 100)
    for network in (gan.generator, gan.discriminator):
        for kernel in _kernels(network)[:2]:
            assert stats.kstest(kernel.ravel(), stats.norm(0, 1 / np.sqrt(kernel.shape[0] / 2)).cdf).pvalue > 1e-3
        assert not np.concatenate(_biases(network)).any()


def test_weights_begin_as_pytorchs_linear_layers():
    """U(±1/√fan_in), kernels and biases: what init_scale=1/3 means for a uniform distribution."""
    keras.utils.set_random_seed(0)
    gan = networks('mlp(init_scale=0.3333333, init_distribution="uniform", init_bias=True)', MNIST, 100)
    for kernel, bias in zip(_kernels(gan.generator), _biases(gan.generator), strict=True):
        limit = 1 / np.sqrt(kernel.shape[0])
        for values in (kernel, bias):
            assert np.abs(values).max() <= limit * (1 + 1e-6)
            assert stats.kstest(values.ravel(), stats.uniform(-limit, 2 * limit).cdf).pvalue > 1e-3


def test_networks_share_no_weights_and_differ():
    gan = networks("mlp(generator=[None, 9, 9, None], discriminator=[None, 9, 9, 1])", (3, 3, 1), 9)
    kernels = [*_kernels(gan.generator), *_kernels(gan.discriminator)]
    square = [kernel for kernel in kernels if kernel.shape == (9, 9)]
    assert len(square) == 5
    assert len({kernel.tobytes() for kernel in square}) == 5


@pytest.mark.parametrize(("spec", "message"), [
    ("mlp(generator=[784])", r"generator must be a list of at least two widths, input and output, got \[784\]"),
    ("mlp(discriminator=[])", r"discriminator must be a list of at least two widths, input and output, got \[\]"),
    ("mlp(generator=200)", "generator must be a list of at least two widths, input and output, got 200"),
    ("mlp(generator='784')", "generator must be a list of at least two widths"),
    ("mlp(generator=[64, 200, 784])", "the first width of generator is 64, but the latent's size = 100: "
                                      "write 100 or None"),
    ("mlp(generator=[100, 200, 783])", "the last width of generator is 783, but pixels = 784"),
    ("mlp(discriminator=[100, 200, 1])", "the first width of discriminator is 100, but pixels = 784"),
    ("mlp(discriminator=[784, 200, 2])", "the last width of discriminator is 2, but a score = 1"),
    ("mlp(generator=[100, 0, 784])", "a width of generator must be a whole number of at least 1, got 0"),
    ("mlp(generator=[100, None, 784])", "a width of generator must be a whole number of at least 1, got None"),
    ("mlp(discriminator=[784, 2.5, 1])", "a width of discriminator must be a whole number of at least 1, got 2.5"),
    ("mlp(dropout=1)", "dropout must be a number at least 0 and below 1, got 1"),
    ("mlp(dropout=-0.1)", "dropout must be a number at least 0 and below 1, got -0.1"),
    ("mlp(hidden='rellu')", "unknown activation 'rellu'"),
    ("mlp(hidden=3)", "unknown activation 3"),
    ("mlp(hidden={'class_name': 'function', 'config': 'system', 'module': 'os'})", "unknown activation"),
    ("mlp(hidden='leaky_relu', slope=1)", "slope must be a number at least 0 and below 1, got 1"),
    ("mlp(output='tahn')", "unknown output 'tahn': did you mean 'tanh'?"),
    ("mlp(output='relu')", "unknown output 'relu'"),
    ("mlp(init_scale=0)", "init_scale must be a number above 0, got 0"),
    ("mlp(init_distribution='normal')", "unknown init_distribution 'normal'"),
    ("mlp(width=3)", "mlp has no argument 'width'"),
    ("mlp(image_shape=[1, 1, 1])", "mlp has no argument 'image_shape'"),
    ("mlp + mlp", "one call is wanted here"),
    ("mpl", "unknown model 'mpl': did you mean 'mlp'?"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, MNIST, 100)
