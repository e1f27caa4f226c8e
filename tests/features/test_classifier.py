"""The classifier's space: accurate, the same whatever goes on around it, kept in a file, and mistakes of it told."""

import json
import random
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import data, features
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.features import Features, Parts, classifier, classifier_network
from gan_zoo.features.classifier import kept_in
from gan_zoo.features.classifier_network import FEATURES, Network, shifted
from tests import helpers
from tests.data_request import request

DIGITS = data.load(request("digits", image_size=8))


def _part(start: int, end: int, **changes) -> ImageDataset:
    """Some of the digits, shuffled, since they come writer by writer."""
    rows = np.random.default_rng(0).permutation(len(DIGITS.images))[start:end]
    values = {"images": DIGITS.images[rows], "labels": DIGITS.labels[rows], "class_names": DIGITS.class_names}
    return ImageDataset("digits", **values | changes)


TRAIN, TEST = _part(0, 1400), _part(1400, 1797)


def _parts(train: ImageDataset = TRAIN, test: ImageDataset = TEST) -> Parts:
    return {"all": train, "test": test}.__getitem__


def _fit(spec: str = "classifier", parts: Parts | None = None) -> Features:
    return features.build(spec).fit(parts or _parts())


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty one for the test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def quick(cache, monkeypatch) -> Path:
    """Trainings that are too short to be any good."""
    monkeypatch.setattr(classifier_network, "_FEWEST_SEEN", 0)
    monkeypatch.setattr(classifier_network, "_EPOCHS", 3)
    return cache


@pytest.fixture
def nothing_is_trained(quick, monkeypatch) -> Path:
    monkeypatch.setattr(classifier, "trained", lambda *arguments: pytest.fail("it was trained again"))
    return quick


# What it is


@pytest.fixture(scope="module")
def thorough() -> Features:
    """Of the session's cache, since it takes seconds."""
    return _fit()


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
    first = _fit()
    monkeypatch.setenv("XDG_CACHE_HOME", str(quick / "other"))
    keras.utils.set_random_seed(7)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("mixed_bfloat16")
    again = _fit()
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

    assert drawn(_fit) == drawn(lambda: None)


def test_a_run_comes_to_the_same_weights_with_a_training_in_the_middle_of_it(quick):
    def weights(between) -> list:
        trainer = helpers.trainer(Experiment(model="mlp", dataset="digits", image_size=8, batch_size=16, steps=4,
                                             latent="normal(4)"))
        trainer.play(0, 2)
        between()
        trainer.play(2, 2)
        return [variable.numpy() for variable in trainer.gan.generator.variables]

    for one, other in zip(weights(_fit), weights(lambda: None), strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_data_another_seed_and_other_names_have_their_own(quick):
    names = tuple("abcdefghij")
    one_pixel, one_label = TRAIN.images.copy(), TRAIN.labels.copy()
    one_pixel[0, 0, 0] ^= 255
    one_label[5] = (one_label[5] + 1) % 10
    trains = [TRAIN, _part(0, 1399), _part(0, 1400, images=one_pixel), _part(0, 1400, labels=one_label),
              _part(0, 1400, class_names=names)]
    assert len({kept_in(train) for train in trains}) == 5
    spaces = [_fit(parts=_parts(train)) for train in trains[:4]] + [_fit("classifier(seed=1)")]
    assert len({space.identity for space in spaces}) == 5
    assert [space.name for space in spaces[3:]] == ["classifier", "classifier(seed=1)"]


# Where it is kept


def test_a_second_time_it_is_found(quick, monkeypatch, capsys):
    first = _fit()
    said = capsys.readouterr()
    assert "training a classifier of digits once, on 1,400 images, about " in said.err
    assert str(kept_in(TRAIN)) in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    monkeypatch.setattr(classifier, "trained", lambda *arguments: pytest.fail("it was trained again"))
    again = _fit()
    assert (again.identity, again.facts) == (first.identity, first.facts)
    np.testing.assert_array_equal(again(TEST.images), first(TEST.images))
    np.testing.assert_array_equal(again.classify(TEST.images), first.classify(TEST.images))
    assert capsys.readouterr() == ("", "")


def test_its_file_tells_what_it_is(quick):
    space = _fit()
    (path,) = (quick / "gan_zoo" / "classifiers").iterdir()
    with np.load(path) as stored:
        about = json.loads(str(stored["about"]))
    assert {"identity": space.identity, **space.facts}.items() <= about.items()
    assert (about["class_names"], about["image_shape"], about["seed"]) == (list("0123456789"), [8, 8, 1], 0)


def test_other_test_images_are_tested(quick):
    new, known = _fit(), _fit(parts=_parts(test=TRAIN))
    mixed = _fit(parts=_parts(test=_part(1003, 1797)))
    unlabelled = _fit(parts=_parts(test=ImageDataset("digits", TEST.images)))
    assert {space.identity for space in (known, mixed, unlabelled)} == {new.identity}
    assert [space.facts["accuracy_on"] for space in (new, known, mixed, unlabelled)] == [
        "test images", "training images", "test images, 50% of them training images", "training images"]
    expected = np.mean(new.classify(TRAIN.images).argmax(axis=1) == TRAIN.labels)
    assert known.facts["accuracy"] == unlabelled.facts["accuracy"] == expected


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _replace_weights(path: Path) -> None:
    with np.load(path) as stored:
        np.savez(path, weights=stored["weights"] + 1, about=stored["about"])


def _leave_weights_out(path: Path) -> None:
    np.savez(path, about="{}")


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _take_anothers(path: Path) -> None:
    _fit("classifier(seed=1)")
    kept_in(TRAIN, seed=1).replace(path)


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _replace_weights, _leave_weights_out, _make_folder,
                                    _take_anothers])
def test_a_damaged_file_is_named_with_the_way_out(quick, damage):
    whole = _fit()
    path = kept_in(TRAIN)
    damage(path)
    with pytest.raises(UserError, match=r"\.npz (can't be read|does not hold what was written).*: delete it") as error:
        _fit()
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
    path.rmdir() if path.is_dir() else path.unlink()
    assert _fit().identity == whole.identity


def test_what_another_process_kept_meanwhile_is_taken(quick, monkeypatch):
    """As of another machine, whose sums end in other bits."""
    train = classifier.trained

    def overtaken(*arguments):
        monkeypatch.setattr(classifier, "trained", lambda *arguments: train(*arguments) + np.float32(1e-3))
        others.append(_fit())
        return train(*arguments)

    others: list[Features] = []
    monkeypatch.setattr(classifier, "trained", overtaken)
    assert _fit().identity == others[0].identity
    assert len(list(kept_in(TRAIN).parent.iterdir())) == 1


def test_it_works_where_nothing_can_be_kept(quick, capsys):
    quick.write_text("a file, not a folder")
    space = _fit()
    assert "can't be written (Not a directory): the classifier is not kept" in capsys.readouterr().err
    assert space(TEST.images).shape == (397, FEATURES)


def test_an_interrupted_training_leaves_nothing(quick, monkeypatch):
    def interrupted(step):
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier, "_notice", lambda *arguments: interrupted)
    with pytest.raises(KeyboardInterrupt):
        _fit()
    assert not kept_in(TRAIN).parent.exists()


# Mistakes


@pytest.mark.parametrize(("train", "message"), [
    (ImageDataset("mine", TRAIN.images), "the images of mine have no labels: take features='pca'"),
    (_part(0, 1400, labels=np.zeros(1400, np.int32)), "the images of digits are of one class: take features='pca'"),
    (data.load(request("mixture_1d")), "mixture_1d has points, not images: take features='raw'"),
])
def test_data_that_cant_serve(nothing_is_trained, train, message):
    with pytest.raises(UserError, match=f"^classifier: {message}$"):
        _fit(parts=_parts(train))


def test_a_training_that_diverges_is_not_kept(quick, monkeypatch):
    monkeypatch.setattr(classifier, "trained", lambda network, *rest: np.full(network.size, np.nan, np.float32))
    with pytest.raises(UserError, match="diverged: take another seed"):
        _fit()
    assert not kept_in(TRAIN).exists()


def test_mistakes_in_the_spec():
    with pytest.raises(UserError, match="classifier: seed must be a whole number of at least 0"):
        features.build("classifier(seed=-1)")
