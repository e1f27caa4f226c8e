"""The small networks of stacked MNIST, counted by hand from the appendix of arXiv:1611.02163."""

import keras
import pytest

from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization
from tests.helpers import layers, networks

STACKED = (28, 28, 3)


def _kernels(network, kind) -> list[tuple]:
    return [layer.kernel.shape for layer in layers(network) if type(layer) is kind]


def _norms(network) -> int:
    return sum(isinstance(layer, BatchNormalization) for layer in layers(network))


def test_the_papers_networks():
    gan = networks("tiny_dcgan", STACKED, 256)
    assert _kernels(gan.generator, keras.layers.Dense) == [(256, 4 * 4 * 64)]
    assert _kernels(gan.generator, keras.layers.Conv2DTranspose) == [(3, 3, 32, 64), (3, 3, 16, 32), (3, 3, 8, 16)]
    assert _kernels(gan.generator, keras.layers.Conv2D) == [(3, 3, 8, 3)]
    assert _kernels(gan.discriminator, keras.layers.Conv2D) == [(3, 3, 3, 2), (3, 3, 2, 4), (3, 3, 4, 8)]
    assert _kernels(gan.discriminator, keras.layers.Dense) == [(4 * 4 * 8, 1)]
    assert (_norms(gan.generator), _norms(gan.discriminator)) == (4, 3)
    assert gan.value_range == (-1, 1)


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 14, 1), (28, 28, 1), (33, 40, 3), (64, 64, 3)])
def test_other_shapes(shape):
    gan = networks("tiny_dcgan(width=2, discriminator_width=1, discriminator_norm=False)", shape, 3)
    assert gan.generator.output_shape == (None, *shape)
    assert _norms(gan.discriminator) == 0
    first = next(layer for layer in layers(gan.generator) if isinstance(layer, keras.layers.Reshape))
    assert max(first.target_shape[:2]) <= 4


@pytest.mark.parametrize(("spec", "message"), [
    ("tiny_dcgan(width=0)", "width must be a whole number of at least 1, got 0"),
    ("tiny_dcgan(discriminator_width=0.5)", "discriminator_width must be a whole number of at least 1, got 0.5"),
    ("tiny_dcgan(discriminator_norm=2)", "discriminator_norm"),
    ("tiny_dcgan(slope=1)", "slope must be a number at least 0 and below 1, got 1"),
    ("tiny_dcgan(output='tahn')", "unknown output 'tahn': did you mean 'tanh'?"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, STACKED, 3)


@pytest.mark.parametrize("shape", [(7, 28, 1), (65, 65, 1), (1, 2, 1)])
def test_sizes_that_cannot_be(shape):
    with pytest.raises(UserError, match=r"^tiny_dcgan makes images of 8 to 64 pixels a side"):
        networks("tiny_dcgan", shape, 3)
