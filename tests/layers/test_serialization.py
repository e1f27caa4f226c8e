"""Every layer of the zoo survives Keras's get_config, clone_model and .keras files."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import layers

# class → arguments
EXAMPLES = {
    layers.Maxout: [{"pieces": 2}],
    layers.BilinearUpsampling: [{}, {"target_size": (9, 7)}],
    layers.BatchNormalization: [{}, {"momentum": 0.9, "epsilon": 1e-5, "scale": False}],
    layers.Dropout: [{"rate": 0.25}],
    layers.OneHot: [{"num_classes": 2}],
    layers.ConditionalBatchNormalization: [{}, {"momentum": 0.9, "epsilon": 1e-5}],
    layers.MinibatchStddev: [{"group_size": 2}],
    layers.GroupedConvolution: [{"filters": 4, "kernel_size": (2, 2), "groups": 2, "padding": "same"}],
    layers.LearnedBasis: [{"size": (2, 3)}],
    layers.UpsampledConvolution: [{"filters": 3, "kernel_size": (3, 3), "use_bias": False}],
    layers.NarrowConvolution: [{"filters": 2, "kernel_size": (2, 1)}],
}
# class → what it takes, made from images; the others take images
INPUTS = {
    layers.OneHot: lambda x: keras.ops.cast(x[:, 0, 0, 0] > 0, "int32"),
    layers.ConditionalBatchNormalization: lambda x: [x, keras.layers.Dense(3)(keras.layers.Flatten()(x))],
    layers.LearnedBasis: keras.layers.Flatten(),
    layers.UpsampledConvolution: lambda x: [x, layers.BilinearUpsampling()(x)],
}
TESTED_ELSEWHERE = {layers.SpectralNormalization}  # what takes a layer and not literals
CASES = [(kind, arguments) for kind, examples in EXAMPLES.items() for arguments in examples]
each_layer = pytest.mark.parametrize(("kind", "arguments"), CASES, ids=[f"{k.__name__} {a}" for k, a in CASES])


def test_every_layer_has_an_example():
    tested = set(EXAMPLES) | TESTED_ELSEWHERE
    assert tested == {value for value in vars(layers).values() if inspect.isclass(value)}
    assert {kind.__name__ for kind in tested} == set(layers.__all__) - {"spectrally_normalized"}  # of a network


def _assert_same_layer(again, layer, arguments) -> None:
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    for name, value in arguments.items():
        assert again.get_config()[name] == value


@each_layer
def test_config_round_trip(kind, arguments):
    layer = kind(**arguments, name="somebody")
    _assert_same_layer(kind.from_config(layer.get_config()), layer, arguments)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    _assert_same_layer(keras.saving.deserialize_keras_object(config), layer, {**arguments, "name": "somebody"})


def _model(kind, arguments) -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input([4, 4, 2])
    taken = INPUTS.get(kind, lambda x: x)(keras.layers.Conv2D(6, 3)(inputs))
    return keras.Model(inputs, kind(**arguments)(taken))


@each_layer
def test_saved_models_give_the_same(kind, arguments, tmp_path):
    model = _model(kind, arguments)
    for index, weight in enumerate(model.weights):
        weight.assign(np.random.default_rng(index).uniform(0.5, 1.5, size=weight.shape))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(9).normal(size=(3, 4, 4, 2)).astype(np.float32)
    for again, before in zip(tf.nest.flatten(loaded(images)), tf.nest.flatten(model(images)), strict=True):
        np.testing.assert_array_equal(again, before)
    _assert_same_layer(loaded.layers[-1], model.layers[-1], arguments)


@each_layer
def test_clones(kind, arguments):
    model = _model(kind, arguments)
    clone = keras.models.clone_model(model)
    assert clone.output_shape == model.output_shape
    _assert_same_layer(clone.layers[-1], model.layers[-1], arguments)
