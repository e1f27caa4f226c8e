"""The DCGAN: the tutorial's exact sizes at 28 × 28, and the same arithmetic at every other size."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import data
from gan_zoo.errors import UserError
from gan_zoo.game import call
from gan_zoo.layers import BatchNormalization, BilinearUpsampling, Dropout
from gan_zoo.metrics.checkerboard import nyquist_excess
from gan_zoo.models.dcgan import map_sizes
from gan_zoo.pixels import from_network
from tests.data_request import request
from tests.helpers import layers, networks

MNIST = (28, 28, 1)


def _of(network, kind) -> list:
    return [layer for layer in layers(network) if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def gan():
    return networks("dcgan", MNIST, 100)


def test_the_generators_sizes(gan):
    """12 → conv 3 (10) → ×2 (20) → conv 3 (18) → ×2 (36) → conv 5 (32) → conv 5 (28)."""
    sizes = [layer.output.shape[1:] for layer in gan.generator.layers
             if isinstance(layer, (keras.layers.Reshape, keras.layers.Conv2D, BilinearUpsampling))]
    assert sizes == [(12, 12, 100), (10, 10, 128), (20, 20, 128), (18, 18, 64), (36, 36, 64), (32, 32, 32),
                     (28, 28, 1)]
    assert [layer.kernel_size[0] for layer in _of(gan.generator, keras.layers.Conv2D)] == [3, 3, 5, 5]
    assert {layer.padding for layer in _of(gan.generator, keras.layers.Conv2D)} == {"valid"}
    assert not _of(gan.generator, keras.layers.Conv2DTranspose)


def test_the_generators_parameters(gan):
    """No biases before batch normalization, which has four numbers a feature, two of them trained."""
    dense, norms = 100 * 12 * 12 * 100, 12 * 12 * 100 + 128 + 64 + 32
    convolutions = 3 * 3 * 100 * 128 + 3 * 3 * 128 * 64 + 5 * 5 * 64 * 32 + (5 * 5 * 32 * 1 + 1)
    assert gan.generator.count_params() == dense + convolutions + 4 * norms
    assert sum(np.prod(v.shape) for v in gan.generator.trainable_variables) == dense + convolutions + 2 * norms
    assert len(_of(gan.generator, BatchNormalization)) == 4
    assert gan.generator.layers[-2].name == "conv_out"  # nothing but the activation follows it


def test_the_discriminators_sizes_and_parameters(gan):
    """28 → 3×3 stride 2 (14) → 5×5 stride 2 (7) → 1, with biases, without batch normalization."""
    convolutions = _of(gan.discriminator, keras.layers.Conv2D)
    assert [layer.output.shape[1:] for layer in convolutions] == [(14, 14, 64), (7, 7, 128)]
    assert [layer.kernel_size for layer in convolutions] == [(3, 3), (5, 5)]
    assert gan.discriminator.count_params() == (3 * 3 * 1 * 64 + 64) + (5 * 5 * 64 * 128 + 128) + (7 * 7 * 128 + 1)
    assert not _of(gan.discriminator, BatchNormalization)
    assert [layer.rate for layer in _of(gan.discriminator, Dropout)] == [0.3, 0.3]
    assert gan.discriminator.output_shape == (None, 1)


def test_slopes(gan):
    """Keras's 0.3, after each of the four normalized layers and the two convolutions."""
    for network, count in ((gan.generator, 4), (gan.discriminator, 2)):
        np.testing.assert_allclose([layer.negative_slope for layer in _of(network, keras.layers.LeakyReLU)],
                                   [0.3] * count)


@pytest.mark.parametrize(("output", "low", "high", "value_range"), [
    ("tanh", -1, 1, (-1, 1)), ("sigmoid", 0, 1, (0, 1)), ("linear", -np.inf, np.inf, (-1, 1))])
def test_outputs(output, low, high, value_range):
    keras.utils.set_random_seed(0)  # of some weights all images are of one sign
    gan = networks(f"dcgan(width=2, base_channels=4, output='{output}')", (8, 8, 1), 5)
    images = gan.generator(1e6 * tf.random.stateless_normal([64, 5], [0, 1])).numpy()
    assert gan.value_range == value_range
    assert images.min() >= low
    assert images.max() <= high
    assert np.ptp(images) > (0.9 * (high - low) if output != "linear" else 2)


def _generated_side(maps: list[int]) -> int:
    """The generator's arithmetic forwards, along one side: (W − K) + 1 a valid convolution."""
    side = maps[0]
    for following in maps[1:]:
        assert side - 2 >= 1
        side = following  # upsampled to it after a 3×3 convolution
    return side - 4 - 4


@pytest.mark.parametrize("size", range(8, 129))
def test_every_size_has_its_maps(size):
    maps = [height for height, width in map_sizes((size, size, 1)) if height == width]
    assert len(maps) == len(map_sizes((size, size, 1))) >= 3
    assert _generated_side(maps) == size
    for before, after in itertools.pairwise(maps):
        assert after in (2 * (before - 2), 2 * (before - 2) - 1)  # doubled, or one less for an odd side
    assert maps[0] <= 14


def test_the_tutorials_maps():
    assert map_sizes(MNIST) == [(12, 12), (20, 20), (36, 36)]


def test_sides_are_planned_together():
    """As many doublings as the longer side needs; both come out exactly."""
    for shape in [(8, 128, 3), (31, 17, 1), (64, 33, 2), (128, 9, 1)]:
        maps = map_sizes(shape)
        for side in (0, 1):
            assert _generated_side([sides[side] for sides in maps]) == shape[side]
        assert max(maps[0]) <= 14


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 9, 3), (17, 17, 1), (31, 31, 2), (32, 32, 3), (64, 64, 3),
                                   (128, 128, 1), (12, 20, 3), (40, 8, 1)], ids=str)
def test_other_shapes(shape):
    gan = networks("dcgan(width=2, base_channels=4)", shape, 6)
    images = gan.generator(tf.zeros([2, 6]))
    assert images.shape == (2, *shape)
    assert gan.discriminator(images).shape == (2, 1)
    doublings = len(map_sizes(shape)) - 1
    upsampled = [layer.output.shape[1:3] for layer in _of(gan.generator, BilinearUpsampling)]
    assert upsampled == map_sizes(shape)[1:]
    assert [layer.filters for layer in _of(gan.generator, keras.layers.Conv2D)] == [
        *(2 * 2**k for k in range(doublings, 0, -1)), 2, shape[-1]]
    assert [layer.filters for layer in _of(gan.discriminator, keras.layers.Conv2D)] == [
        2 * 2**k for k in range(1, doublings + 1)]


def test_width_is_limited():
    gan = networks("dcgan(width=400, base_channels=1)", (8, 8, 1), 2)
    assert [layer.filters for layer in _of(gan.generator, keras.layers.Conv2D)] == [512, 512, 400, 1]
    assert [layer.filters for layer in _of(gan.discriminator, keras.layers.Conv2D)] == [512, 512]


def test_without_dropout():
    assert not _of(networks("dcgan(width=2, base_channels=4, dropout=0)", (8, 8, 1), 3).discriminator, Dropout)


def test_minibatch_stddev_is_before_the_last_convolution():
    body = networks("dcgan(width=2, base_channels=4, minibatch_stddev=3)", (8, 8, 1), 3).body
    assert body.get_layer("minibatch_stddev").group_size == 3
    assert [layer.kernel.shape[2] for layer in _of(body, keras.layers.Conv2D)] == [1, 4 + 1]


def test_a_hidden_layer_before_the_score():
    body = networks("dcgan(width=2, base_channels=4, units=5)", (8, 8, 1), 3).body
    assert body.get_layer("dense_hidden").kernel.shape == (2 * 2 * 8, 5)
    assert isinstance(body.layers[-1], keras.layers.LeakyReLU)
    assert body.layers[-1].negative_slope == 0.3


def test_batch_norm_in_the_discriminator_but_for_its_first_layer():
    body = networks("dcgan(width=2, base_channels=4, units=5, discriminator_norm=True)", (8, 8, 1), 3).body
    assert [layer.name for layer in _of(body, BatchNormalization)] == ["conv_2_norm", "dense_hidden_norm"]
    assert not _of(networks("dcgan(width=2, base_channels=4)", (8, 8, 1), 3).body, BatchNormalization)


def test_half_precision_stays_inside():
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = networks("dcgan(width=2, base_channels=4)", (8, 8, 1), 3)
    images = gan.generator(tf.zeros([2, 3]))
    assert images.dtype == tf.float32
    assert gan.discriminator(images).dtype == tf.float32
    assert gan.generator.get_layer("conv_1").compute_dtype == "bfloat16"


@pytest.mark.parametrize(("spec", "message"), [
    ("dcgan(width=0)", "width must be a whole number of at least 1, got 0"),
    ("dcgan(width=2.5)", "width must be a whole number of at least 1, got 2.5"),
    ("dcgan(discriminator_norm=1.5)", "discriminator_norm"),
    ("dcgan(units=0)", "units must be a whole number of at least 1, got 0"),
    ("dcgan(base_channels=-1)", "base_channels must be a whole number of at least 1, got -1"),
    ("dcgan(slope=1)", "slope must be a number at least 0 and below 1, got 1"),
    ("dcgan(dropout=1)", "dropout must be a number at least 0 and below 1, got 1"),
    ("dcgan(output='tahn')", "unknown output 'tahn': did you mean 'tanh'?"),
    ("dcgan(output='relu')", "unknown output 'relu'"),
    ("dcgan(widht=32)", "dcgan has no argument 'widht': did you mean 'width'?"),
    ("dcgan(32, width=32)", "argument 'width' is given twice"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, MNIST, 100)


@pytest.mark.parametrize("shape", [(7, 8, 1), (8, 7, 1), (129, 8, 1), (256, 256, 3)])
def test_other_sizes_are_refused(shape):
    with pytest.raises(UserError, match=f"8 to 128 pixels a side, not {shape[0]} × {shape[1]}: set --image_size"):
        networks("dcgan", shape, 100)


def test_points_are_refused_with_another_way_out():
    with pytest.raises(UserError, match=r"not 1 × 1: for points use --model='mlp\(output=\"linear\"\)'") as error:
        networks("dcgan", (1, 1, 2), 100)
    assert "image_size" not in str(error.value)


def test_before_training_there_is_no_checkerboard():
    """The power at the highest frequencies is within half a decibel of real digits', over some seeds."""
    found = []
    for seed in range(4):
        keras.utils.set_random_seed(seed)
        made = networks("dcgan", MNIST, 100)
        images = call(made.generator, tf.random.stateless_normal([200, 100], [seed, 1]), None, training=False)
        found.append(nyquist_excess(from_network(images, made.value_range).numpy())[0])
    real, _ = nyquist_excess(np.asarray(data.load(request("mnist_5k")).images[:2000]))
    assert np.mean(found) == pytest.approx(real, abs=0.5)
