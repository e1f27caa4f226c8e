"""The residual GAN: SNGAN's tables at 32 and 48 pixels, the sizes between, its complaints."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization, MinibatchStddev
from gan_zoo.layers.residual import down_block, plain_block, up_block
from gan_zoo.models.maps import halvings
from tests.helpers import layers, networks, trainer

CIFAR = (32, 32, 3)


def _conv(size: int, before: int, after: int) -> int:
    return size * size * before * after + after


def _trained(network) -> int:
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def _sums(network) -> list[tuple[int, ...]]:
    """The sizes of what blocks give."""
    return [layer.output.shape[1:] for layer in network.layers if isinstance(layer, keras.layers.Add)]


@pytest.fixture(scope="module")
def gan():
    return networks("resnet", CIFAR, 128)


def test_the_generator_of_table_3(gan):
    """Dense 4·4·256, three ResBlocks up of 256, BN, ReLU, 3×3 conv 3, tanh; without the biases that BN takes away."""
    assert _sums(gan.generator) == [(8, 8, 256), (16, 16, 256), (32, 32, 256)]
    block = 2 * _conv(3, 256, 256) + _conv(1, 256, 256) + 2 * 2 * 256
    whole = 128 * 4096 + 4096 + 3 * block + 2 * 256 + _conv(3, 256, 3)
    assert whole == 4_276_739
    assert _trained(gan.generator) == whole - 3 * 3 * 256
    assert gan.generator.layers[-1].activation is keras.activations.tanh


def test_the_discriminator_of_table_3(gan):
    """ResBlocks of 128: down, down, and two that keep the size and have nothing beside x; ReLU, sum, dense."""
    assert _sums(gan.body) == [(16, 16, 128), (8, 8, 128), (8, 8, 128), (8, 8, 128)]
    first = _conv(3, 3, 128) + _conv(3, 128, 128) + _conv(1, 3, 128)
    plain = 2 * _conv(3, 128, 128)
    assert _trained(gan.discriminator) == first + (plain + _conv(1, 128, 128)) + 2 * plain + 128 + 1 == 1_053_825
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers(gan.discriminator))


def test_features_are_sums_over_places(gan):
    images = np.random.default_rng(0).uniform(-1, 1, [2, *CIFAR]).astype(np.float32)
    last = keras.Model(gan.body.inputs, gan.body.get_layer("relu_out").output)
    np.testing.assert_allclose(gan.body(images), np.sum(last([images]), axis=(1, 2)), rtol=1e-5)


def test_initial_weights_have_the_authors_variances(gan):
    """Uniform of Glorot's variance 2 / (ins + outs), and of twice that in the 3×3 convolutions of blocks."""
    block = {name: gan.body.get_layer(name).kernel.numpy() for name in ("block_2_conv_1", "block_2_beside")}
    for name, variance in (("block_2_conv_1", 2 * 2 / (9 * 256)), ("block_2_beside", 2 / 256)):
        assert block[name].var() == pytest.approx(variance, rel=0.03)
        assert np.abs(block[name]).max() <= np.sqrt(3 * variance)


def test_the_generator_of_table_5():
    """At 48 × 48 it begins with 6 × 6; ours has as many channels at each size."""
    gan = networks("resnet(width=2)", (48, 48, 3), 8)
    assert _sums(gan.generator) == [(12, 12, 4), (24, 24, 4), (48, 48, 4)]
    assert _sums(gan.body) == [(24, 24, 2), (12, 12, 2), (6, 6, 2), (6, 6, 2), (6, 6, 2)]


@pytest.mark.parametrize(("shape", "generated", "judged"), [
    ((28, 28, 1), [7, 14, 28], [28, 14, 7, 7, 7]), ((64, 64, 3), [4, 8, 16, 32, 64], [64, 32, 16, 8, 8, 8]),
    ((31, 20, 2), [4, 8, 16, 31], [31, 16, 8, 8, 8]), ((8, 8, 1), [4, 8], [8, 4, 4, 4])], ids=str)
def test_sizes(shape, generated, judged):
    gan = networks("resnet(width=1)", shape, 2)
    assert [side for side, *_ in _sums(gan.generator)] == generated[1:]
    assert [side for side, *_ in _sums(gan.body)] == judged[1:]
    assert gan.generator.output_shape == (None, *shape)


@pytest.mark.parametrize("side", range(8, 65))
def test_every_map_is_half_of_the_next(side):
    maps = [height for height, width in halvings((side, side, 1), 7) if height == width]
    assert maps[0] == side
    assert all(2 * after - before in (0, 1) for before, after in itertools.pairwise(maps))
    assert 4 <= maps[-1] <= 7
    assert halvings((side, 8, 1), 7)[-1] == (maps[-1], -(-8 // 2 ** (len(maps) - 1)))


def test_with_classes_the_norms_have_one_scale_each_and_the_score_projects():
    gan = networks("resnet(width=2)", (8, 8, 1), 5, num_classes=3)
    norms = [layer for layer in layers(gan.generator) if isinstance(layer, ConditionalBatchNormalization)]
    assert [layer.name for layer in norms] == ["block_1_norm_1", "block_1_norm_2", "norm_out"]
    assert {(layer.norm.momentum, layer.norm.epsilon) for layer in norms} == {(0.9, 2e-5)}
    assert gan.generator.get_layer("dense").kernel.shape[0] == 5  # the noise alone
    assert gan.heads["score"].get_layer("projection").kernel.shape == (3, 2)
    assert not any(isinstance(layer, BatchNormalization) for layer in layers(gan.discriminator))


def test_minibatch_stddev_is_before_the_last_block():
    gan = networks("resnet(width=2, minibatch_stddev=3)", (8, 8, 1), 5)
    names = [layer.name for layer in gan.body.layers]
    assert names.index("block_2") < names.index("minibatch_stddev") < names.index("block_3_conv_1")
    assert gan.body.get_layer("minibatch_stddev").group_size == 3
    assert gan.body.get_layer("block_3_beside").kernel.shape == (1, 1, 3, 2)
    plain = networks("resnet(width=2)", (8, 8, 1), 5).body
    assert not any(isinstance(layer, MinibatchStddev) for layer in plain.layers)


def _convolved(x, layer) -> np.ndarray:
    """The layer's padded 3×3 or 1×1 convolution in NumPy."""
    kernel, bias = [*(weight.astype(np.float64) for weight in layer.get_weights()), 0][:2]
    size, (_, height, width, _) = len(kernel), x.shape
    padded = np.pad(x, [(0, 0), (size // 2,) * 2, (size // 2,) * 2, (0, 0)])
    return bias + sum(padded[:, i:i + height, j:j + width] @ kernel[i, j] for i in range(size) for j in range(size))


def _halved(x) -> np.ndarray:
    return x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2, -1).mean(axis=(2, 4))


def _doubled(x) -> np.ndarray:
    return x.repeat(2, axis=1).repeat(2, axis=2)


def _relu(x) -> np.ndarray:
    return np.maximum(x, 0)


def _up(x, of) -> np.ndarray:
    y = of("conv_2", _relu(3 * of("conv_1", _doubled(_relu(3 * x)))))
    return y + of("beside", _doubled(x))


def _first(x, of) -> np.ndarray:
    return _halved(of("conv_2", _relu(of("conv_1", x)))) + of("beside", _halved(x))


def _down(x, of) -> np.ndarray:
    return _halved(of("conv_2", _relu(of("conv_1", _relu(x))))) + _halved(of("beside", x))


def _plain(x, of) -> np.ndarray:
    return x + of("conv_2", _relu(of("conv_1", _relu(x))))


@pytest.mark.parametrize(("build", "filters", "expected"), [
    (lambda x: up_block(x, 5, (8, 12), lambda x, name: 3 * x, "b"), 5, _up),
    (lambda x: down_block(x, 5, "b", first=True), 5, _first), (lambda x: down_block(x, 5, "b"), 5, _down),
    (lambda x: plain_block(x, 2, "b"), 2, _plain)], ids=["up", "first", "down", "plain"])
def test_blocks_against_numpy(build, filters, expected):
    """Of norm there is a factor 3. The order of the paper's figure: beside, the authors' pool last, but for images."""
    inputs = keras.Input([4, 6, 2])
    block = keras.Model(inputs, build(inputs))
    for index, weight in enumerate(block.weights):
        weight.assign(np.random.default_rng(index).normal(size=weight.shape))
    x = np.random.default_rng(9).normal(size=(2, 4, 6, 2))
    wanted = expected(x, lambda name, y: _convolved(y, block.get_layer(f"b_{name}")))
    np.testing.assert_allclose(block(tf.constant(x, tf.float32)), wanted, rtol=1e-4, atol=1e-4)
    assert wanted.shape[-1] == filters


@pytest.mark.parametrize("shape", [(7, 8, 1), (8, 65, 1), (128, 128, 3)])
def test_other_sizes_are_refused(shape):
    for model in ("resnet", "r3gan"):
        with pytest.raises(UserError) as error:
            networks(model, shape, 5)
        assert str(error.value) == (f"{model} makes images of 8 to 64 pixels a side, not {shape[0]} × {shape[1]}: set "
                                    "--image_size")
    with pytest.raises(UserError, match=r"not 1 × 1: for points use --model='mlp\(output=\"linear\"\)'"):
        networks("resnet", (1, 1, 2), 5)


@pytest.mark.parametrize(("settings", "rows"), [
    ({"batch_size": 16}, 16), ({"batch_size": 12, "packing": 3}, 4),
    ({"batch_size": 12, "update": "alternating", "generator_batch_size": 8}, 8)], ids=str)
def test_groups_that_do_not_divide_a_batch_are_refused_before_the_first_round(settings, rows):
    with pytest.raises(UserError, match=rf"^--model=resnet\(.*\): minibatch_stddev=3: .* don't divide the {rows} rows"):
        trainer(Experiment(model="resnet(width=1, minibatch_stddev=3)", dataset="digits", image_size=8, steps=1,
                           **settings))


@pytest.mark.parametrize(("spec", "message"), [
    ("resnet(width=0)", "width must be a whole number of at least 1, got 0"),
    ("resnet(output='tahn')", "unknown output 'tahn': did you mean 'tanh'?"),
    ("resnet(minibatch_stddev=1)", "minibatch_stddev must be a whole number of at least 2, got 1"),
])
def test_bad_arguments(spec, message):
    with pytest.raises(UserError, match=message):
        networks(spec, (8, 8, 1), 5)
