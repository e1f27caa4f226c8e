"""What one place does for every model: heads, packing, spectral normalization; its complaints."""

import keras
import numpy as np
import pytest

from gan_zoo.errors import UserError
from gan_zoo.layers import SpectralNormalization
from gan_zoo.models import Networks, models
from gan_zoo.models.base import pixels
from tests.helpers import layers, networks, registered

SHAPE = (8, 8, 3)
SMALL = ["mlp(generator=[None, 6, None], discriminator=[None, 6, 1])", "dcgan(width=2, base_channels=3)",
         "maxout(generator_widths=[6], units=[5], pieces=2)", "fgan(generator_widths=[6], discriminator_widths=[5])",
         "infogan(width=0.05)", "resnet(width=2)", "r3gan(width=2, widest=2, group_width=2, branch_gain=1)"]
each_model = pytest.mark.parametrize("spec", SMALL)
_WITH_KERNEL = (keras.layers.Dense, keras.layers.Conv2D)


def _pair(spec: str, **shape):
    """The GAN without and with spectral normalization, from the same seed."""
    found = []
    for normalized in (False, True):
        keras.utils.set_random_seed(4)
        found.append(networks(spec, SHAPE, 5, spectral_norm=normalized, **shape))
    return found


@each_model
def test_spectral_normalization_is_of_body_and_score_and_leaves_the_generator_alone(spec):
    plain, normalized = _pair(spec, code_parameters=2)
    assert [type(layer) for layer in layers(normalized.generator)] == [type(each) for each in layers(plain.generator)]
    assert not any(isinstance(layer, SpectralNormalization)
                   for network in (normalized.generator, normalized.heads["parameters"]) for layer in layers(network))
    wrapped = [layer for layer in layers(normalized.discriminator) if isinstance(layer, SpectralNormalization)]
    expected = [layer for layer in layers(plain.discriminator) if isinstance(layer, _WITH_KERNEL)]
    assert [layer.name for layer in wrapped] == [layer.name for layer in expected]
    assert not any(isinstance(layer, _WITH_KERNEL) for layer in layers(normalized.discriminator))


@each_model
def test_spectral_normalization_draws_no_other_weights(spec):
    plain, normalized = _pair(spec, code_parameters=2)
    for one, other in zip([plain.generator, *plain.judges], [normalized.generator, *normalized.judges], strict=True):
        assert len(one.trainable_variables) == len(other.trainable_variables)
        for before, after in zip(one.trainable_variables, other.trainable_variables, strict=True):
            np.testing.assert_array_equal(before, after)


def test_the_projection_is_normalized_too():
    """As in the authors' discriminators (Miyato and Koyama 2018, arXiv:1802.05637)."""
    _, normalized = _pair("dcgan(width=2, base_channels=3)", num_classes=3)
    names = {layer.name for layer in layers(normalized.heads["score"]) if isinstance(layer, SpectralNormalization)}
    assert names == {"dense", "projection"}


@each_model
def test_packed_images_are_seen_side_by_side_and_generated_one_by_one(spec):
    gan = networks(spec, SHAPE, 5, packing=4)
    assert gan.packing == 4
    assert gan.body.input_shape == gan.discriminator.input_shape == (None, 8, 8, 12)
    assert gan.generator.output_shape == (None, *SHAPE)
    assert gan.discriminator(np.zeros([2, 8, 8, 12], np.float32)).shape == (2, 1)


@each_model
def test_heads_come_in_the_order_of_their_first_weights(spec):
    gan = networks(spec, SHAPE, 5, code_parameters=2, num_classes=3, classified=True)
    assert list(gan.heads) == ["score", "parameters", "logits"]
    assert [head.output_shape for head in gan.heads.values()] == [(None, 1), (None, 2), (None, 3)]
    assert gan.judges == (gan.body, *gan.heads.values())


def test_features_that_are_not_flat_are_a_programmers_mistake():
    def unflat(image_shape, noise, images):
        generated = keras.layers.Reshape(image_shape)(keras.layers.Dense(pixels(image_shape))(noise))
        return Networks(generated, images)

    with registered(models, "unflat", unflat), pytest.raises(ValueError, match=r"unflat must be flat, \[B, F\], got"):
        networks("unflat", SHAPE, 5)


def test_a_model_with_another_kernel_in_its_body_is_refused_for_spectral_normalization():
    def local(image_shape, noise, images):
        generated = keras.layers.Reshape(image_shape)(keras.layers.Dense(pixels(image_shape))(noise))
        seen = keras.layers.DepthwiseConv2D(3, name="depthwise")(images)
        return Networks(generated, keras.layers.Flatten()(seen))

    with registered(models, "local", local), pytest.raises(UserError, match="depthwise is a DepthwiseConv2D"):
        networks("local", SHAPE, 5, spectral_norm=True)
