"""Every layer of the zoo survives Keras's get_config, clone_model and .keras files."""

import inspect

import keras
import numpy as np
import pytest

from gan_zoo import layers

EXAMPLES = {
    "Maxout": [layers.Maxout(2, name="m")],
    "BilinearUpsampling": [layers.BilinearUpsampling(), layers.BilinearUpsampling((9, 7))],
    "BatchNormalization": [layers.BatchNormalization(),
                           layers.BatchNormalization(momentum=0.9, epsilon=1e-5, scale=False)],
    "Dropout": [layers.Dropout(0.25)],
}
CASES = [layer for examples in EXAMPLES.values() for layer in examples]
each_layer = pytest.mark.parametrize("layer", CASES, ids=lambda layer: layer.name)


def test_every_layer_has_an_example():
    assert set(EXAMPLES) == {name for name, value in vars(layers).items() if inspect.isclass(value)}
    assert set(EXAMPLES) == set(layers.__all__)


@each_layer
def test_config_round_trip(layer):
    again = type(layer).from_config(layer.get_config())
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(restored) is type(layer)
    assert restored.get_config() == layer.get_config()


def _model(layer) -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input([4, 4, 2])
    return keras.Model(inputs, type(layer).from_config(layer.get_config())(keras.layers.Conv2D(6, 3)(inputs)))


@each_layer
def test_saved_models_give_the_same(layer, tmp_path):
    model = _model(layer)
    for index, weight in enumerate(model.weights):
        weight.assign(np.random.default_rng(index).uniform(0.5, 1.5, size=weight.shape))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(9).normal(size=(3, 4, 4, 2)).astype(np.float32)
    np.testing.assert_array_equal(loaded(images), model(images))
    assert type(loaded.layers[-1]) is type(layer)
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()


@each_layer
def test_clones(layer):
    model = _model(layer)
    clone = keras.models.clone_model(model)
    assert clone.output_shape == model.output_shape
    assert clone.layers[-1].get_config() == model.layers[-1].get_config()
