"""Networks with spectral normalization: what is wrapped, saved and exported."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import layers
from gan_zoo.errors import UserError
from gan_zoo.layers import spectrally_normalized
from tests import helpers


def _iterate(network) -> None:
    """One power iteration of every normalized layer."""
    for layer in helpers.layers(network):
        if hasattr(layer, "iterate"):
            layer.iterate()


def _network(shared=False) -> keras.Model:
    """A discriminator with a label, a nested body, batch norm, maxout, dropout, and two outputs."""
    image, label = keras.Input([8, 8, 2], name="images"), keras.Input([3], name="labels")
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="conv_1")(image)
    x = layers.BatchNormalization(name="norm")(x)
    inside = keras.Input([4, 4, 4])
    body = keras.Model(inside, keras.layers.Flatten()(keras.layers.Conv2D(6, 3, name="conv_2")(inside)), name="body")
    x = layers.Dropout(0.2, name="dropout")(body(x))
    features = layers.Maxout(2, name="maxout")(keras.layers.Dense(10, name="dense_1")(x))
    head = keras.layers.Dense(1, name="head")
    score = head(features)
    if shared:
        score = keras.layers.Add(name="sum")([score, head(-features)])
    told = keras.layers.Dot(-1, name="dot")([keras.layers.Dense(5, use_bias=False, name="projection")(label), features])
    logits = keras.layers.Dense(3, name="classifier")(features)
    return keras.Model([label, image], {"score": score + told, "logits": logits}, name="discriminator")


KERNELS = ("conv_1", "body/conv_2", "dense_1", "head", "projection", "classifier")


def _inputs():
    random = np.random.default_rng(0)
    return [random.normal(size=size).astype(np.float32) for size in ((3, 3), (3, 8, 8, 2))]


def _layer(network, path):
    for name in path.split("/"):
        network = network.get_layer(name)
    return network


@pytest.mark.parametrize("shared", [False, True])
def test_a_network_is_normalized(shared):
    """Its layers with kernels are wrapped; the others, and all weights, are those of the network itself."""
    network = _network(shared)
    before = [weight.numpy() for weight in network.weights]
    normalized = spectrally_normalized(network)
    assert normalized.name == network.name
    assert [tensor.name for tensor in normalized.inputs] == ["labels", "images"]
    assert normalized.output_shape == network.output_shape
    assert [layer.name for layer in normalized.layers] == [layer.name for layer in network.layers]
    assert {id(w) for w in normalized.trainable_weights} == {id(w) for w in network.trainable_weights}
    assert len(normalized.weights) == len(network.weights) + 2 * len(KERNELS)
    for weight, then in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, then)
    for name in ("norm", "dropout", "maxout"):
        assert normalized.get_layer(name) is network.get_layer(name)
    for path in KERNELS:
        assert _layer(normalized, path).layer is _layer(network, path)


@pytest.mark.parametrize("shared", [False, True])
def test_a_normalized_network_computes_with_divided_kernels(shared):
    network, inputs = _network(shared), _inputs()
    normalized = spectrally_normalized(network)
    got = normalized(inputs)
    for path in KERNELS:
        layer = _layer(normalized, path)
        layer.layer.kernel.assign(layer.layer.kernel / layer.sigma())
    for name, values in network(inputs).items():
        np.testing.assert_allclose(got[name], values, atol=1e-5)


def test_the_iterate_of_a_network_reaches_every_layer():
    normalized = spectrally_normalized(_network())
    iterate = tf.function(lambda: _iterate(normalized))
    for _ in range(300):
        iterate()
    for path in KERNELS:
        layer = _layer(normalized, path)
        kernel = layer.layer.kernel.numpy()
        largest = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]
        np.testing.assert_allclose(layer.sigma(), largest, rtol=1e-4)


def test_a_network_with_another_kernel_is_refused():
    inputs = keras.Input([4, 4, 2])
    network = keras.Model(inputs, keras.layers.Conv2DTranspose(3, 2, name="up")(inputs))
    with pytest.raises(UserError, match="--spectral_norm is for Dense and Conv layers: up is a Conv2DTranspose"):
        spectrally_normalized(network)


def _moved() -> keras.Model:
    """A normalized network whose u and v are not those of its start."""
    normalized = spectrally_normalized(_network())
    for _ in range(3):
        _iterate(normalized)
    return normalized


def test_keras_saves_it(tmp_path):
    normalized, inputs = _moved(), _inputs()
    normalized.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name, values in normalized(inputs).items():
        np.testing.assert_allclose(loaded(inputs)[name], values, atol=1e-6)
    layer, before = _layer(loaded, "body/conv_2"), _layer(normalized, "body/conv_2")
    assert layer.layer.get_config() == before.layer.get_config()
    np.testing.assert_array_equal(layer.u, before.u)


def test_a_checkpoint_holds_the_vectors(tmp_path):
    one, two = _moved(), spectrally_normalized(_network())
    path = tf.train.Checkpoint(network=one).save(tmp_path / "ckpt")
    tf.train.Checkpoint(network=two).restore(path).assert_existing_objects_matched()
    for got, wanted in zip(two.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_it_is_exported(tmp_path):
    normalized, inputs = _moved(), _inputs()
    module = tf.Module()
    module.network = normalized
    module.call = tf.function(lambda labels, images: normalized([labels, images]),
                              input_signature=[tf.TensorSpec([None, *x.shape[1:]]) for x in inputs])
    tf.saved_model.save(module, str(tmp_path / "export"))
    loaded = tf.saved_model.load(str(tmp_path / "export"))
    outputs = loaded.call(*map(tf.constant, inputs))
    for name, values in normalized(inputs).items():
        np.testing.assert_allclose(outputs[name], values, atol=1e-6)
