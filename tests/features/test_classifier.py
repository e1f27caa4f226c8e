"""The classifier's space: accurate, the same whatever goes on around it, and changing nothing there."""

import gc
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data.stacked import StackedImages
from gan_zoo.experiment import Experiment
from gan_zoo.features import Features, classifier_network
from gan_zoo.features.classifier import kept_in
from gan_zoo.features.classifier_network import FEATURES, Network, shifted
from tests import helpers
from tests.features.small_digits import TEST, TRAIN, fit, part, parts

# What it is


@pytest.fixture(scope="module")
def thorough() -> Features:
    """Of the session's cache, since it takes seconds."""
    return fit()


def test_it_tells_the_classes_of_held_out_digits(thorough):
    """The nearest neighbour gets 98 % of them."""
    probabilities = thorough.classify(TEST.images)
    assert (probabilities.dtype, probabilities.shape) == (np.float32, (397, 10))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    accuracy = np.mean(probabilities.argmax(axis=1) == TEST.labels)
    assert accuracy > 0.95
    assert thorough.facts == {"accuracy": accuracy, "accuracy_on": "test images"}


def test_its_features_all_vary_and_tell_the_classes_too(thorough):
    rows, known = thorough(TEST.images), thorough(TRAIN.images)
    assert (rows.dtype, rows.shape) == (np.float32, (397, FEATURES))
    assert (rows.std(axis=0) > 0.01).all()
    distances = (rows**2).sum(axis=1)[:, None] - 2 * rows @ known.T + (known**2).sum(axis=1)
    assert np.mean(TRAIN.labels[distances.argmin(axis=1)] == TEST.labels) > 0.95


def test_stacked_images_are_looked_at_channel_by_channel(thorough):
    test, train = StackedImages(TEST), StackedImages(TRAIN)
    space = fit(of=parts(train, test))
    assert (space.identity, space.facts, kept_in(train)) == (thorough.identity, thorough.facts, kept_in(TRAIN))
    images = test.images[:40]
    rows = [thorough(images[..., [channel]]) for channel in range(3)]
    np.testing.assert_allclose(space(images), np.concatenate(rows, axis=1), atol=1e-4)
    red, green, blue = (thorough.classify(images[..., [channel]]) for channel in range(3))
    found = space.classify(images)
    np.testing.assert_allclose(found[:, 357], red[:, 3] * green[:, 5] * blue[:, 7], atol=1e-5)
    assert found.shape == (40, 1000)
    assert np.mean(found.argmax(axis=1) == test.labels[:40]) > 0.8


def test_many_images_are_as_few(thorough):
    many = np.tile(TEST.images, [25, 1, 1, 1])
    np.testing.assert_allclose(thorough(many)[-397:], thorough(TEST.images), atol=1e-4)
    assert thorough(many[:0]).shape == (0, FEATURES)


@pytest.mark.parametrize("shape", [(8, 8, 1), (12, 12, 1), (28, 28, 1), (64, 64, 3), (9, 13, 3), (200, 65, 1),
                                   (1, 2, 1)])
def test_images_of_any_shape_and_hundreds_of_classes(shape):
    network = Network(shape, 300)
    weights = network.initial(np.random.default_rng(0))
    rows = network.embedding(weights)(np.random.default_rng(1).integers(0, 256, [3, *shape], np.uint8))
    assert rows.shape == (3, FEATURES)
    assert (rows.std(axis=0) > 0).all()
    assert network.probabilities(weights, rows).shape == (3, 300)


def test_deep_networks_learn_too(monkeypatch):
    """Colours, of 64x64 pixels."""
    monkeypatch.setattr(classifier_network, "_FEWEST_SEEN", 128 * 25)
    levels = np.random.default_rng(0).integers(0, 2, [400, 1, 1, 3])
    noise = np.random.default_rng(1).integers(0, 100, [400, 64, 64, 3])
    images, labels = (levels * 155 + noise).astype(np.uint8), levels.reshape(400, 3) @ [1, 2, 4]
    network = Network((64, 64, 3), 8)
    weights = classifier_network.trained(network, images[:300], labels[:300].astype(np.int32), seed=0)
    found = network.probabilities(weights, network.embedding(weights)(images[300:])).argmax(axis=1)
    assert np.mean(found == labels[300:]) > 0.9


def test_images_are_moved_and_their_edges_go_on():
    images = np.random.default_rng(0).integers(0, 256, [64, 28, 14, 3], np.uint8)
    found = shifted(images, np.random.default_rng(1))
    seen = set()
    for image, moved in zip(images, found, strict=True):
        moves = [(down, across) for down in range(-2, 3) for across in range(-1, 2) if np.array_equal(
            moved, image[np.clip(np.arange(28) + down, 0, 27)][:, np.clip(np.arange(14) + across, 0, 13)])]
        assert len(moves) == 1
        seen |= set(moves)
    assert len(seen) == 15


# What it depends on


def test_it_is_the_same_whatever_goes_on_around_it(quick, monkeypatch):
    first = fit()
    monkeypatch.setenv("XDG_CACHE_HOME", str(quick / "other"))
    keras.utils.set_random_seed(7)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("mixed_bfloat16")
    again = fit()
    assert again.identity == first.identity
    np.testing.assert_array_equal(again(TEST.images), first(TEST.images))


def test_nothing_around_it_changes(quick):
    def drawn(between) -> tuple:
        keras.utils.set_random_seed(3)
        keras.backend.clear_session()
        between()
        layer = keras.layers.Dense(2)
        layer.build([None, 3])
        return (layer.name, layer.kernel.numpy().tolist(), random.random(), np.random.random(),
                tf.random.uniform([]).numpy(), keras.random.normal([]).numpy(), keras.config.dtype_policy().name)

    gc.freeze()  # clear_session collects garbage, which in a process that has run many tests takes half a minute
    try:
        assert drawn(fit) == drawn(lambda: None)
    finally:
        gc.unfreeze()


def test_a_run_comes_to_the_same_weights_with_a_training_in_the_middle_of_it(quick):
    def weights(between) -> list:
        trainer = helpers.trainer(Experiment(model="mlp", dataset="digits", image_size=8, batch_size=16, steps=4,
                                             latent="normal(4)"))
        trainer.play(0, 2)
        between()
        trainer.play(2, 2)
        return [variable.numpy() for variable in trainer.gan.generator.variables]

    for one, other in zip(weights(fit), weights(lambda: None), strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_data_another_seed_and_other_names_have_their_own(quick):
    names = tuple("abcdefghij")
    one_pixel, one_label = TRAIN.images.copy(), TRAIN.labels.copy()
    one_pixel[0, 0, 0] ^= 255
    one_label[5] = (one_label[5] + 1) % 10
    trains = [TRAIN, part(0, 1399), part(0, 1400, images=one_pixel), part(0, 1400, labels=one_label),
              part(0, 1400, class_names=names)]
    assert len({kept_in(train) for train in trains}) == 5
    spaces = [fit(of=parts(train)) for train in trains[:4]] + [fit("classifier(seed=1)")]
    assert len({space.identity for space in spaces}) == 5
    assert [space.name for space in spaces[3:]] == ["classifier", "classifier(seed=1)"]
