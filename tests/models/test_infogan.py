"""InfoGAN's networks on MNIST, counted by hand from the paper's table; recognizers of other models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import models, randomness
from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization

MNIST = (28, 28, 1)


@pytest.fixture(scope="module")
def gan():
    return models.build("infogan", MNIST, 74, 12)


def _kernels(network, kind) -> list[tuple]:
    return [layer.kernel.shape for layer in network.layers if type(layer) is kind]


def test_the_papers_networks(gan):
    assert _kernels(gan.generator, keras.layers.Dense) == [(74, 1024), (1024, 7 * 7 * 128)]
    assert _kernels(gan.generator, keras.layers.Conv2DTranspose) == [(4, 4, 64, 128), (4, 4, 1, 64)]
    assert _kernels(gan.discriminator, keras.layers.Conv2D) == [(4, 4, 1, 64), (4, 4, 64, 128)]
    assert _kernels(gan.discriminator, keras.layers.Dense) == [(7 * 7 * 128, 1024), (1024, 1)]
    assert _kernels(gan.recognizer, keras.layers.Dense) == [(7 * 7 * 128, 1024), (1024, 128), (128, 12)]
    counts = [sum(isinstance(layer, BatchNormalization) for layer in network.layers)
              for network in (gan.generator, gan.discriminator, gan.recognizer)]
    assert counts == [3, 2, 3]
    assert gan.value_range == (0, 1)


def test_the_trunk_is_shared_and_the_heads_are_not(gan):
    common = {id(layer) for layer in gan.discriminator.layers} & {id(layer) for layer in gan.recognizer.layers}
    kinds = [type(layer) for layer in gan.discriminator.layers if id(layer) in common]
    assert kinds.count(keras.layers.Conv2D) == 2
    assert kinds.count(keras.layers.Dense) == 1
    assert len(gan.discriminator.layers) - len(common) == 2  # FC 1 and the score


def test_the_judge_is_both(gan):
    images = tf.random.stateless_uniform([3, *MNIST], [1, 2])
    said = gan.judge(images, training=False)
    assert set(said) == {"score", "parameters"}
    np.testing.assert_allclose(said["score"], gan.discriminator(images, training=False), rtol=1e-6)
    np.testing.assert_allclose(said["parameters"], gan.recognizer(images, training=False), rtol=1e-6)


def test_the_first_weights(gan):
    for network in (gan.generator, gan.recognizer):
        for variable in network.trainable_variables:
            if variable.path.endswith("kernel") and variable.value.shape.num_elements() > 5000:
                np.testing.assert_allclose([np.mean(variable), np.std(variable)], [0, 0.02], atol=2e-3)


def test_the_leaky_slope(gan):
    slopes = {float(layer.negative_slope) for layer in gan.recognizer.layers
              if isinstance(layer, keras.layers.LeakyReLU)}
    assert slopes == {0.01}


def test_instance_noise_is_on_all_that_the_judges_see_in_training():
    gan = models.build("infogan(width=0.1, instance_noise=0.5)", MNIST, 74, 12)
    images = tf.random.stateless_uniform([64, *MNIST], [1, 2])
    for network in (gan.discriminator, gan.recognizer, gan.judge):
        noisy = keras.Model(network.input, network.get_layer("instance_noise").output)
        with randomness.forward_pass(randomness.Key(1), 0):
            noise = noisy(images, training=True) - images
        np.testing.assert_allclose(np.std(noise), 0.5, rtol=0.02)
        np.testing.assert_array_equal(noisy(images, training=False), images)
        convolution = network.get_layer("conv_1")
        assert convolution.input is network.get_layer("instance_noise").output


def test_half_as_wide():
    gan = models.build("infogan(width=0.5)", (32, 16, 3), 74, 12)
    assert _kernels(gan.generator, keras.layers.Dense) == [(74, 512), (512, 8 * 4 * 64)]
    assert _kernels(gan.discriminator, keras.layers.Conv2D) == [(4, 4, 3, 32), (4, 4, 32, 64)]
    assert _kernels(gan.recognizer, keras.layers.Dense)[1:] == [(512, 64), (64, 12)]
    assert gan.generator.output_shape == (None, 32, 16, 3)


def test_without_codes_there_is_no_recognizer():
    gan = models.build("infogan(width=0.1)", MNIST, 74)
    assert gan.recognizer is None
    assert gan.judge is None


@pytest.mark.parametrize(("spec", "shape", "message"), [
    ("infogan", (27, 27, 1), "sides are multiples of 4, not 27 × 27: set --image_size=28"),
    ("infogan", (1, 1, 2), r"for points use --model='mlp\(output=\"linear\"\)'"),
    ("infogan(width=0)", MNIST, "width must be a number above 0"),
    ("infogan(init=-1)", MNIST, "init must be a number above 0"),
    ("infogan(instance_noise=1.5)", MNIST, "instance_noise must be a number at least 0 and at most 1"),
    ("infogan(slope=2)", MNIST, "slope must be a number"),
    ("infogan(code_parameters=3)", MNIST, "has no argument 'code_parameters'"),
    ("gaussian_1d", (1, 1, 1), "gaussian_1d has no recognizer for the codes of the latent: models with one are d"),
])
def test_mistakes(spec, shape, message):
    with pytest.raises(UserError, match=message):
        models.build(spec, shape, 74, 12)


@pytest.mark.parametrize("spec", ["mlp", "dcgan(width=4)", "maxout(units=[8])", "fgan(discriminator_widths=[8])"])
def test_codes_leave_the_other_networks_as_they_are(spec):
    """The same initial weights with and without a recognizer."""
    found = []
    for parameters in (0, 12):
        keras.utils.set_random_seed(1)
        gan = models.build(spec, MNIST, 74, parameters)
        found.append(gan.generator.get_weights() + gan.discriminator.get_weights())
    for plain, with_codes in zip(*found, strict=True):
        np.testing.assert_array_equal(plain, with_codes)
    assert gan.recognizer.output_shape == (None, 12)
