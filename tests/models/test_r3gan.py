"""R3GAN: the paper's networks at 32 × 32, small ones by hand, its first weights, its complaints."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.layers import Dropout
from gan_zoo.layers.resnext import resnext_block
from tests.helpers import layers, networks

SMALL = "r3gan(width=8, widest=16, group_width=4)"


def _block(channels: int, group: int) -> int:
    """1×1 to twice the channels and 3×3 in groups, with biases; 1×1 back, without."""
    middle = 2 * channels
    return channels * middle + middle + 9 * group * middle + middle + middle * channels


def _sums(network) -> list[tuple[int, ...]]:
    return [layer.output.shape[1:] for layer in network.layers if isinstance(layer, keras.layers.Add)]


def test_the_papers_networks():
    """Config E at 32 × 32: 768 channels at 4, 8, 16 and 32 pixels, 2 blocks each, groups of 16: 20.7 M each."""
    gan = networks("r3gan(width=768, widest=768, blocks=2, group_width=16)", (32, 32, 3), 64)
    sizes = [(side, side, 768) for side in (4, 4, 8, 8, 16, 16, 32, 32)]
    assert (_sums(gan.generator), _sums(gan.body)) == (sizes, sizes[::-1])
    blocks, ends = 8 * _block(768, 16), 4 * 4 * 768 + 3 * 768  # a map, and to or from RGB
    assert gan.generator.count_params() == 64 * 768 + ends + blocks
    assert gan.discriminator.count_params() == 768 + ends + blocks
    assert 20.6e6 < gan.discriminator.count_params() < 20.8e6


@pytest.fixture(scope="module")
def gan():
    return networks(SMALL, (28, 28, 1), 5)


def test_small_networks(gan):
    """28, 14 and 7 pixels: 8, 16 and, not above widest, 16 channels."""
    sizes = [(7, 7, 16), (14, 14, 16), (28, 28, 8)]
    assert (_sums(gan.generator), _sums(gan.body)) == (sizes, sizes[::-1])
    shared = 2 * _block(16, 4) + _block(8, 4) + 16 * 8 + 7 * 7 * 16 + 8  # 1×1 16 ↔ 8, the map, to or from grey
    assert gan.generator.count_params() == 5 * 16 + shared
    assert gan.discriminator.count_params() == shared + 16
    assert not any(isinstance(layer, (keras.layers.BatchNormalization, Dropout))
                   for network in (gan.generator, gan.discriminator) for layer in layers(network))


@pytest.mark.parametrize("shape", [(8, 8, 1), (17, 29, 3), (64, 40, 2)], ids=str)
def test_other_shapes(shape):
    gan = networks(SMALL, shape, 3)
    assert gan.generator.output_shape == (None, *shape)
    assert gan.body.output_shape == (None, 16)


def test_blocks_begin_as_the_identity(gan):
    """So that G is a linear map of its noise, but for tanh, and D of its images."""
    for network in (gan.generator, gan.body):
        last = [layer for layer in network.layers if layer.name.endswith("conv_3")]
        assert len(last) == 3
        assert not any(np.any(layer.kernel) for layer in last)
    linear = networks(SMALL.replace(")", ", output='linear')"), (28, 28, 1), 5)
    for network, shape in ((linear.generator, [5]), (linear.discriminator, [28, 28, 1])):
        one, other = np.random.default_rng(0).normal(size=(2, 3, *shape)).astype(np.float32)
        np.testing.assert_allclose(network(one + 2 * other), network(one) + 2 * network(other), rtol=1e-3, atol=1e-4)


def test_first_weights_have_the_papers_variance():
    """N(0, g² / fan_in) with g² = 2 / (1 + .2²) · L^(−1/2): L = 4 blocks halve it. Elsewhere N(0, 1 / fan_in)."""
    gan = networks("r3gan(width=64, widest=64, blocks=2, group_width=32, branch_gain=0.5)", (8, 8, 1), 64)
    gain = 2 / 1.04 / 2
    for name, variance in (("block_8_1_conv_1", gain / 64), ("block_8_1_conv_2", gain / (9 * 32)),
                           ("block_8_1_conv_3", 0.25 / 128), ("dense", 1 / 64)):
        assert gan.generator.get_layer(name).kernel.numpy().var() == pytest.approx(variance, rel=0.06), name
    assert gan.body.get_layer("basis").kernel.numpy().var() == pytest.approx(1 / 16, rel=0.2)


def test_a_block_against_numpy():
    inputs = keras.Input([3, 4, 4])
    block = keras.Model(inputs, resnext_block(inputs, 2, 1, "b", last_gain=1.0))
    for index, weight in enumerate(block.weights):
        weight.assign(np.random.default_rng(index).normal(size=weight.shape))
    x = np.random.default_rng(9).normal(size=(2, 3, 4, 4))
    (first, first_bias), (grouped, bias), (last,) = (block.get_layer(f"b_conv_{i}").get_weights() for i in (1, 2, 3))

    def leaky(y):
        return np.where(y > 0, y, 0.2 * y)

    y = np.pad(leaky(x @ first[0, 0] + first_bias), [(0, 0), (1, 1), (1, 1), (0, 0)])
    parts = [sum(y[:, i:i + 3, j:j + 4, 2 * g:2 * g + 2] @ grouped[i, j, :, 2 * g:2 * g + 2]
                 for i in range(3) for j in range(3)) for g in range(4)]
    expected = x + leaky(np.concatenate(parts, axis=-1) + bias) @ last[0, 0]
    np.testing.assert_allclose(block(tf.constant(x, tf.float32)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("spec", "message"), [
    ("r3gan(width=20, group_width=16)", "group_width=16 must divide the 40 channels in a block of 20: 1, 2, 4, 5, 8, "
                                        "10, 20, 40"),
    ("r3gan(width=0)", "width must be a whole number of at least 1, got 0"),
    ("r3gan(widest=8.5)", "widest must be a whole number of at least 1, got 8.5"),
    ("r3gan(blocks=0)", "blocks must be a whole number of at least 1, got 0"),
    ("r3gan(group_width=0)", "group_width must be a whole number of at least 1, got 0"),
    ("r3gan(branch_gain=-1)", "branch_gain must be a number at least 0, got -1"),
    ("r3gan(output='relu')", "unknown output 'relu'"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, (28, 28, 1), 5)


def test_a_kernel_of_zeros_has_no_spectral_norm():
    with pytest.raises(UserError, match=r"--spectral_norm can't divide block_28_1_conv_3 by its norm, 0 at the start"):
        networks(SMALL, (28, 28, 1), 5, spectral_norm=True)
    networks(SMALL.replace(")", ", branch_gain=0.1)"), (8, 8, 1), 5, spectral_norm=True)
