"""An export of a conditional game: images of a class, scores of images with their class, probabilities of classes.

In a process without gan_zoo: conformance/test_conformance.
"""

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from gan_zoo import latents
from gan_zoo.export import read_metadata
from gan_zoo.export.description import Classes
from gan_zoo.layers import OneHot
from tests.export.networks import an_export, flat, gan, linear, shown

SHAPE, NAMES, PRESENT = (7, 1, 1), ("cat", "dog", "owl", "pig"), (1, 3)
LABEL = latents.label_of(latents.Classes(PRESENT, NAMES))
RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, [5, *SHAPE], np.uint8)
BY_PIXEL, BY_CLASS, TO_CLASS = RANDOM.normal(size=[7, 1]), RANDOM.normal(size=[4, 1]), RANDOM.normal(size=[7, 4])


def _with_class(network_input, features) -> keras.Model:
    """Features and, beside them, the one-hot class."""
    label = keras.Input([], dtype="int32")
    return keras.Model([network_input, label], keras.layers.Concatenate()([features, OneHot(4)(label)]))


def _judges(told: str):
    """(body, heads) whose score is linear in pixels and class. told: the network that is told the class, if any is."""
    by_both = linear(np.concatenate([BY_PIXEL, BY_CLASS]))
    if told == "body":
        images = keras.Input(SHAPE)
        return _with_class(images, keras.layers.Flatten()(images)), {"score": by_both}
    if told == "score":
        features = keras.Input([7])
        beside = _with_class(features, features)
        return flat(SHAPE), {"score": keras.Model(beside.inputs, by_both(beside.outputs[0]))}
    return flat(SHAPE), {"score": linear(BY_PIXEL), "logits": linear(TO_CLASS)}


def _written(folder, told: str):
    """Its generator shows each number of the noise, and then of the class, in a pixel: (z + 2) / 4 in [0, 1]."""
    networks = gan(shown(SHAPE, 3, 4, scale=1 / 4, offset=0.5), *_judges(told), value_range=(0.0, 1.0))
    return an_export(folder / "export", networks, latent="noise(3)", label=LABEL)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return _written(tmp_path_factory.mktemp("told"), told="body")


@pytest.fixture(scope="module")
def loaded(exported):
    return exported.loaded


def test_about_tells_the_names_of_all_classes_and_a_seed_may_be_left_out(loaded):
    about = loaded.about()
    assert [name.decode() for name in about["class_names"].numpy()] == list(NAMES)
    np.testing.assert_array_equal(about["value_range"], np.float32([0, 1]))
    np.testing.assert_array_equal(loaded.generate(num_images=3, label=1)["images"],
                                  loaded.generate(num_images=3, seed=0, label=1)["images"])


def test_names_that_are_no_text_are_told_as_they_can_be(tmp_path):
    label = latents.label_of(latents.Classes((0, 1), ("caf\udce9", "th\u00e9")))
    networks = gan(shown(SHAPE, 5, 2, scale=1 / 4, offset=0.5), flat(SHAPE), {"score": linear(BY_PIXEL)},
                   value_range=(0.0, 1.0))
    about = an_export(tmp_path / "export", networks, latent="noise(5)", label=label).loaded.about()
    assert [name.decode() for name in about["class_names"].numpy()] == ["caf\\udce9", "th\u00e9"]


def _decoded(images) -> tuple[np.ndarray, np.ndarray]:
    """The noise [N, 3] and the classes [N] that images show."""
    points = images.numpy().reshape(-1, 7) / 255 * 4 - 2
    np.testing.assert_allclose(np.sort(points[:, 3:], axis=1), np.tile([0, 0, 0, 1], [len(points), 1]), atol=0.01)
    return points[:, :3], points[:, 3:].argmax(axis=1)


def test_serving_default_takes_noise_and_classes(loaded):
    noise, classes = np.float32([[0.5, -1, 1], [0, 0.25, -0.5]]), np.int32([3, 0])  # also those that weren't trained on
    expected = np.concatenate([noise, np.eye(4)[classes]], axis=1) / 4 + 0.5
    signature = loaded.signatures["serving_default"](noise=tf.constant(noise), label=tf.constant(classes))
    for images in (loaded.serving_default(noise, classes)["images"], signature["images"]):
        assert images.dtype == tf.float32
        np.testing.assert_allclose(images.numpy().reshape(2, 7), expected, atol=1e-6)


def test_noise_gives_the_classes_that_generate_draws(loaded):
    drawn = loaded.signatures["noise"](num_images=tf.constant(300), seed=tf.constant(1))
    assert (drawn["label"].dtype, drawn["label"].shape, drawn["noise"].shape) == (tf.int32, (300,), (300, 3))
    noise, classes = _decoded(loaded.generate(num_images=300, seed=1)["images"])
    np.testing.assert_array_equal(classes, drawn["label"])
    np.testing.assert_allclose(noise, drawn["noise"], atol=0.01)
    np.testing.assert_array_equal(loaded.noise(num_images=70, seed=1)["label"], drawn["label"][:70])
    assert (loaded.noise(num_images=300, seed=2)["label"].numpy() != classes).any()


def test_classes_are_drawn_as_often_as_the_data_have_them(tmp_path):
    label = latents.label_of(latents.Classes(PRESENT, NAMES, (300, 100)))
    networks = gan(shown(SHAPE, 3, 4), *_judges("score"))
    loaded = an_export(tmp_path / "e", networks, latent="noise(3)", label=label).loaded
    classes = loaded.noise(num_images=4000, seed=0)["label"].numpy()
    assert set(classes) == set(PRESENT)
    assert (classes == 1).mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 4000))


def test_a_label_for_all_images(loaded):
    drawn, _ = _decoded(loaded.generate(num_images=6, seed=2)["images"])
    images = loaded.generate(num_images=6, seed=2, label=3)["images"]
    noise, classes = _decoded(images)
    assert classes.tolist() == [3] * 6
    np.testing.assert_array_equal(noise, drawn)
    given = loaded.signatures["generate_given"](num_images=tf.constant(6), seed=tf.constant(2), label=tf.constant(3))
    np.testing.assert_array_equal(given["images"], images)


def test_a_label_for_every_image(loaded):
    drawn, of = _decoded(loaded.generate(num_images=4, seed=2)["images"])
    noise, classes = _decoded(loaded.generate(num_images=4, seed=2, label=[3, -1, 1, 3])["images"])
    assert classes.tolist() == [3, of[1], 1, 3]
    np.testing.assert_array_equal(noise, drawn)


def test_without_a_label_one_of_the_data_is_drawn(loaded):
    images = loaded.generate(num_images=70, seed=1, label=-1)["images"]
    np.testing.assert_array_equal(loaded.generate(num_images=70, seed=1)["images"], images)
    assert set(_decoded(images)[1]) == set(PRESENT)
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


def test_a_score_that_is_told_the_class_itself(tmp_path):
    """Projected, as it were, and not seen by the body."""
    loaded = _written(tmp_path, told="score").loaded
    score = PICTURES.reshape(5, 7) / 255 @ BY_PIXEL + BY_CLASS[[3, 1, 1, 3, 1]]
    np.testing.assert_allclose(loaded.discriminate(PICTURES, [3, 1, 1, 3, 1])["score"], score, rtol=1e-4)


def test_a_classifier_gives_probabilities_and_needs_no_label(tmp_path):
    loaded = _written(tmp_path, told="").loaded
    found = loaded.discriminate(PICTURES)
    pixels = PICTURES.reshape(5, 7) / 255
    assert set(found) == {"score", "probability", "class_probabilities"}
    np.testing.assert_allclose(found["score"], pixels @ BY_PIXEL, rtol=1e-4)
    np.testing.assert_allclose(found["class_probabilities"], scipy.special.softmax(pixels @ TO_CLASS, axis=1),
                               rtol=1e-4)
    assert not hasattr(loaded, "recognize")


def test_codes_and_a_label_together(tmp_path):
    """The noise holds the codes alone, and either is given by its name."""
    body, heads = _judges("score")
    networks = gan(shown(SHAPE, 3, 4, scale=1 / 4, offset=0.5), body, heads | {"parameters": linear(TO_CLASS[:, :2])},
                   value_range=(0.0, 1.0))
    loaded = an_export(tmp_path / "e", networks, "minimax + mutual_information", label=LABEL,
                       latent="noise(1) + categorical(2)").loaded
    drawn, of = _decoded(loaded.generate(num_images=9, seed=2)["images"])
    noise, classes = _decoded(loaded.generate(num_images=9, seed=2, c1=1)["images"])
    np.testing.assert_array_equal(classes, of)
    np.testing.assert_allclose(noise, np.stack([drawn[:, 0], np.zeros(9), np.ones(9)], axis=1), atol=0.01)
    noise, classes = _decoded(loaded.generate(num_images=9, seed=2, label=3)["images"])
    assert classes.tolist() == [3] * 9
    np.testing.assert_array_equal(noise, drawn)
    found = loaded.recognize(PICTURES)["c1_probabilities"]
    expected = scipy.special.softmax(PICTURES.reshape(5, 7) / 255 @ TO_CLASS[:, :2], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_description(exported):
    about = read_metadata(exported.path)
    assert about.classes == Classes(4, PRESENT, NAMES)
    assert (about.latent_size, about.codes) == (3, ())
