"""An export of a conditional game: images of a class, scores of images with their class, probabilities of classes.

In a process without gan_zoo: conformance/test_conformance.
"""

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from gan_zoo import latents, objectives
from gan_zoo.export import export, read_metadata
from gan_zoo.game import GAN
from gan_zoo.latents import Classes

SHAPE, NAMES, PRESENT = (7, 1, 1), ("cat", "dog", "owl", "pig"), (1, 3)
LATENT = latents.build("noise(3) + label(4)", Classes(PRESENT, NAMES))  # 7 numbers
RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, [5, *SHAPE], np.uint8)
BY_PIXEL, BY_CLASS, TO_CLASS = RANDOM.normal(size=[7, 1]), RANDOM.normal(size=[4, 1]), RANDOM.normal(size=[7, 4])


def _generator() -> keras.Model:
    """Shows each number of a point in a pixel of its own: (z + 2) / 4 in [0, 1]."""
    inputs = keras.Input([7])
    return keras.Model(inputs, keras.layers.Reshape(SHAPE)(keras.layers.Rescaling(1 / 4, 0.5)(inputs)))


def _linear(inputs, x, weights) -> keras.Model:
    model = keras.Model(inputs, keras.layers.Dense(weights.shape[1], use_bias=False)(x))
    model.set_weights([weights])
    return model


def _written(folder, told: bool):
    images, labels = keras.Input(SHAPE), keras.Input([4])
    flat = keras.layers.Flatten()(images)
    if told:
        together = keras.layers.Concatenate()([flat, labels])
        gan = GAN(_generator(), _linear([images, labels], together, np.concatenate([BY_PIXEL, BY_CLASS])),
                  num_classes=4, value_range=(0.0, 1.0))
    else:
        gan = GAN(_generator(), _linear(images, flat, BY_PIXEL), classifier=_linear(images, flat, TO_CLASS),
                  value_range=(0.0, 1.0))
    export(gan, LATENT, objectives.build("non_saturating"), folder / "export")
    return folder / "export"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return _written(tmp_path_factory.mktemp("told"), told=True)


@pytest.fixture(scope="module")
def loaded(path):
    return tf.saved_model.load(str(path))


def _points(images) -> np.ndarray:
    return images.numpy().reshape(-1, 7) / 255 * 4 - 2


def test_a_label_for_all_images(loaded):
    drawn, given = (_points(loaded.generate(num_images=6, seed=2, **label)["images"]) for label in ({}, {"label": 3}))
    np.testing.assert_allclose(given[:, 3:], np.tile(np.eye(4)[3], [6, 1]), atol=0.01)
    np.testing.assert_array_equal(given[:, :3], drawn[:, :3])


def test_a_label_for_every_image(loaded):
    drawn = _points(loaded.generate(num_images=4, seed=2)["images"])
    given = _points(loaded.generate(num_images=4, seed=2, label=[3, -1, 1, 3])["images"])
    np.testing.assert_allclose(given[:, 3:], np.eye(4)[[3, drawn[1, 3:].argmax(), 1, 3]], atol=0.01)
    np.testing.assert_array_equal(given[:, :3], drawn[:, :3])


def test_without_a_label_one_of_the_data_is_drawn(loaded):
    images = loaded.generate(num_images=70, seed=1, label=-1)["images"]
    np.testing.assert_array_equal(loaded.generate(num_images=70, seed=1)["images"], images)
    points = _points(images)
    np.testing.assert_allclose(points, loaded.noise(num_images=70, seed=1)["noise"], atol=0.01)
    assert set(points[:, 3:].argmax(axis=1)) == set(PRESENT)
    signature = loaded.signatures["generate"](num_images=tf.constant(70), seed=tf.constant(1))
    np.testing.assert_array_equal(signature["images"], images)


@pytest.mark.parametrize(("label", "message"), [
    (0, "label must be one of 1, 3, or -1 to be drawn, got"), (4, "label must be one of 1, 3"), (-2, "label must be"),
    ([1, 2], "label must be one of 1, 3"), ([1, 3, 1], "label must be one value, or one for each image"),
    ([[1, 3], [3, 1]], "label must be one value, or one for each image")])
def test_other_labels_are_refused(loaded, label, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        loaded.generate(num_images=2, seed=0, label=label)


@pytest.mark.parametrize("label", [3, [3, 1, 1, 3, 1]], ids=str)
def test_scores_of_images_and_labels_against_numpy(loaded, label):
    score = PICTURES.reshape(5, 7) / 255 @ BY_PIXEL + BY_CLASS[np.broadcast_to(label, 5)]
    found = loaded.discriminate(PICTURES, label)
    assert set(found) == {"score", "probability"}
    np.testing.assert_allclose(found["score"], score, rtol=1e-4)
    np.testing.assert_allclose(found["probability"], scipy.special.expit(score), rtol=1e-4)
    signature = loaded.signatures["discriminate"](images=tf.constant(PICTURES), label=tf.constant(label))
    np.testing.assert_array_equal(signature["score"], found["score"])


@pytest.mark.parametrize(("label", "message"), [
    (0, "label must be one of 1, 3, got"), (-1, "label must be one of 1, 3, got"),
    ([1, 1, 1, 1, 2], "label must be one of 1, 3, got"), ([1, 3], "label must be one value, or one for each image")])
def test_the_discriminator_is_told_no_other_label(loaded, label, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        loaded.discriminate(PICTURES, label)


def test_the_discriminator_wants_a_label(loaded):
    with pytest.raises(TypeError, match="label"):
        loaded.discriminate(PICTURES)


def test_a_classifier_gives_probabilities_and_needs_no_label(tmp_path):
    loaded = tf.saved_model.load(str(_written(tmp_path, told=False)))
    found = loaded.discriminate(PICTURES)
    pixels = PICTURES.reshape(5, 7) / 255
    assert set(found) == {"score", "probability", "class_probabilities"}
    np.testing.assert_allclose(found["score"], pixels @ BY_PIXEL, rtol=1e-4)
    np.testing.assert_allclose(found["class_probabilities"], scipy.special.softmax(pixels @ TO_CLASS, axis=1),
                               rtol=1e-4)
    assert not hasattr(loaded, "recognize")


def test_metadata(path):
    about = read_metadata(path)["latent"]
    assert about["label"] == {"name": "label", "values": 4, "size": 4, "offset": 3, "classes": [1, 3],
                              "class_names": ["cat", "dog", "owl", "pig"]}
    assert "codes" not in about
    assert about["size"] == 7
