"""InfoGAN's networks on MNIST, counted by hand from the paper's table; recognizers of other models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization
from tests.helpers import layers, networks

MNIST = (28, 28, 1)


@pytest.fixture(scope="module")
def gan():
    return networks("infogan", MNIST, 74, code_parameters=12)


def _kernels(network, kind) -> list[tuple]:
    return [layer.kernel.shape for layer in layers(network) if type(layer) is kind]


def test_the_papers_networks(gan):
    recognizer = gan.heads["parameters"]
    assert _kernels(gan.generator, keras.layers.Dense) == [(74, 1024), (1024, 7 * 7 * 128)]
    assert _kernels(gan.generator, keras.layers.Conv2DTranspose) == [(4, 4, 64, 128), (4, 4, 1, 64)]
    assert _kernels(gan.discriminator, keras.layers.Conv2D) == [(4, 4, 1, 64), (4, 4, 64, 128)]
    assert _kernels(gan.discriminator, keras.layers.Dense) == [(7 * 7 * 128, 1024), (1024, 1)]
    assert _kernels(recognizer, keras.layers.Dense) == [(1024, 128), (128, 12)]
    counts = [sum(isinstance(layer, BatchNormalization) for layer in layers(network))
              for network in (gan.generator, gan.discriminator, recognizer)]
    assert counts == [3, 2, 1]
    assert gan.value_range == (0, 1)


def test_the_body_is_shared_and_the_heads_are_not(gan):
    """Two convolutions and FC 1024; then FC 1 for the score, and Q's own two layers."""
    assert list(gan.heads) == ["score", "parameters"]
    assert _kernels(gan.body, keras.layers.Conv2D) == [(4, 4, 1, 64), (4, 4, 64, 128)]
    assert _kernels(gan.body, keras.layers.Dense) == [(7 * 7 * 128, 1024)]
    assert _kernels(gan.heads["score"], keras.layers.Dense) == [(1024, 1)]
    parts = [{id(v) for v in network.trainable_variables} for network in gan.judges]
    assert len(set.union(*parts)) == sum(map(len, parts)), "every variable is in one of them"
    assert {id(v) for v in gan.discriminator.trainable_variables} == parts[0] | parts[1]


def test_the_discriminator_is_body_and_score(gan):
    images = tf.random.stateless_uniform([3, *MNIST], [1, 2])
    features = gan.body(images, training=False)
    assert features.shape == (3, 1024)
    np.testing.assert_allclose(gan.says("score", features, None, training=False),
                               gan.discriminator(images, training=False), rtol=1e-6)
    assert gan.says("parameters", features, None, training=False).shape == (3, 12)


def test_the_first_weights(gan):
    for network in (gan.generator, gan.body, gan.heads["parameters"]):
        for variable in network.trainable_variables:
            if variable.path.endswith("kernel") and variable.value.shape.num_elements() > 5000:
                np.testing.assert_allclose([np.mean(variable), np.std(variable)], [0, 0.02], atol=2e-3)


def test_the_leaky_slope(gan):
    slopes = [float(layer.negative_slope) for network in gan.judges for layer in layers(network)
              if isinstance(layer, keras.layers.LeakyReLU)]
    assert slopes == [0.01] * 4


def test_half_as_wide():
    gan = networks("infogan(width=0.5)", (32, 16, 3), 74, code_parameters=12)
    assert _kernels(gan.generator, keras.layers.Dense) == [(74, 512), (512, 8 * 4 * 64)]
    assert _kernels(gan.body, keras.layers.Conv2D) == [(4, 4, 3, 32), (4, 4, 32, 64)]
    assert _kernels(gan.heads["parameters"], keras.layers.Dense) == [(512, 64), (64, 12)]
    assert gan.generator.output_shape == (None, 32, 16, 3)


def test_without_codes_there_is_no_recognizer():
    assert list(networks("infogan(width=0.1)", MNIST, 74).heads) == ["score"]


@pytest.mark.parametrize(("spec", "shape", "message"), [
    ("infogan", (27, 27, 1), "sides are multiples of 4, not 27 × 27: set --image_size=28"),
    ("infogan", (1, 1, 2), r"for points use --model='mlp\(output=\"linear\"\)'"),
    ("infogan(width=0)", MNIST, "width must be a number above 0"),
    ("infogan(init=-1)", MNIST, "init must be a number above 0"),
    ("infogan(instance_noise=0.5)", MNIST, "infogan has no argument 'instance_noise'"),
    ("infogan(slope=2)", MNIST, "slope must be a number"),
    ("infogan(code_parameters=3)", MNIST, "has no argument 'code_parameters'"),
])
def test_mistakes(spec, shape, message):
    with pytest.raises(UserError, match=message):
        networks(spec, shape, 74, code_parameters=12)


@pytest.mark.parametrize("spec", ["mlp", "dcgan(width=4)", "maxout(units=[8])", "fgan(discriminator_widths=[8])"])
def test_codes_leave_the_other_networks_as_they_are(spec):
    """The same initial weights with and without a recognizer."""
    found = []
    for parameters in (0, 12):
        keras.utils.set_random_seed(1)
        gan = networks(spec, MNIST, 74, code_parameters=parameters)
        found.append(gan.generator.get_weights() + gan.discriminator.get_weights())
    for plain, with_codes in zip(*found, strict=True):
        np.testing.assert_array_equal(plain, with_codes)
    assert gan.heads["parameters"].output_shape == (None, 12)


def test_a_recognizer_of_numbers():
    """Any model has one if there are codes, gaussian_1d too."""
    gan = networks("gaussian_1d(widths=[5])", (1, 1, 1), 1, code_parameters=2)
    assert gan.heads["parameters"].input_shape == (None, 5)
    assert gan.heads["parameters"].output_shape == (None, 2)
