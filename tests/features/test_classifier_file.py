"""Where the classifier is kept: found again, told from others, and any damage named with the way out."""

import json
from pathlib import Path

import numpy as np
import pytest

from gan_zoo import data, features
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.features import Features, classifier
from gan_zoo.features.classifier import kept_in
from gan_zoo.features.classifier_network import FEATURES
from tests.data_request import request
from tests.features.small_digits import TEST, TRAIN, fit, part, parts


def test_a_second_time_it_is_found(quick, monkeypatch, capsys):
    first = fit()
    said = capsys.readouterr()
    assert "training a classifier of digits once, on 1,400 images, about " in said.err
    assert str(kept_in(TRAIN)) in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    monkeypatch.setattr(classifier, "trained", lambda *arguments: pytest.fail("it was trained again"))
    again = fit()
    assert (again.identity, again.facts) == (first.identity, first.facts)
    np.testing.assert_array_equal(again(TEST.images), first(TEST.images))
    np.testing.assert_array_equal(again.classify(TEST.images), first.classify(TEST.images))
    assert capsys.readouterr() == ("", "")


def test_its_file_tells_what_it_is(quick):
    space = fit()
    (path,) = (quick / "gan_zoo" / "classifiers").iterdir()
    with np.load(path) as stored:
        about = json.loads(str(stored["about"]))
    assert {"identity": space.identity, **space.facts}.items() <= about.items()
    assert (about["class_names"], about["image_shape"], about["seed"]) == (list("0123456789"), [8, 8, 1], 0)


def test_other_test_images_are_tested(quick):
    new, known = fit(), fit(of=parts(test=TRAIN))
    mixed = fit(of=parts(test=part(1003, 1797)))
    unlabelled = fit(of=parts(test=ImageDataset("digits", TEST.images)))
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
    fit("classifier(seed=1)")
    kept_in(TRAIN, seed=1).replace(path)


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _replace_weights, _leave_weights_out, _make_folder,
                                    _take_anothers])
def test_a_damaged_file_is_named_with_the_way_out(quick, damage):
    whole = fit()
    path = kept_in(TRAIN)
    damage(path)
    with pytest.raises(UserError, match=r"\.npz (can't be read|does not hold what was written).*: delete it") as error:
        fit()
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
    path.rmdir() if path.is_dir() else path.unlink()
    assert fit().identity == whole.identity


def test_what_another_process_kept_meanwhile_is_taken(quick, monkeypatch):
    """As of another machine, whose sums end in other bits."""
    train = classifier.trained

    def overtaken(*arguments):
        monkeypatch.setattr(classifier, "trained", lambda *arguments: train(*arguments) + np.float32(1e-3))
        others.append(fit())
        return train(*arguments)

    others: list[Features] = []
    monkeypatch.setattr(classifier, "trained", overtaken)
    assert fit().identity == others[0].identity
    assert len(list(kept_in(TRAIN).parent.iterdir())) == 1


def test_it_works_where_nothing_can_be_kept(quick, capsys):
    quick.write_text("a file, not a folder")
    space = fit()
    assert "can't be written (Not a directory): the classifier is not kept" in capsys.readouterr().err
    assert space(TEST.images).shape == (397, FEATURES)


def test_an_interrupted_training_leaves_nothing(quick, monkeypatch):
    def interrupted(step):
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier, "_notice", lambda *arguments: interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit()
    assert not kept_in(TRAIN).parent.exists()


# Mistakes


@pytest.mark.parametrize(("train", "message"), [
    (ImageDataset("mine", TRAIN.images), "the images of mine have no labels: take features='pca'"),
    (part(0, 1400, labels=np.zeros(1400, np.int32)), "the images of digits are of one class: take features='pca'"),
    (data.load(request("mixture_1d")), "mixture_1d has points, not images: take features='raw'"),
])
def test_data_that_cant_serve(nothing_is_trained, train, message):
    with pytest.raises(UserError, match=f"^classifier: {message}$"):
        fit(of=parts(train))


def test_a_training_that_diverges_is_not_kept(quick, monkeypatch):
    monkeypatch.setattr(classifier, "trained", lambda network, *rest: np.full(network.size, np.nan, np.float32))
    with pytest.raises(UserError, match="diverged: take another seed"):
        fit()
    assert not kept_in(TRAIN).exists()


def test_mistakes_in_the_spec():
    with pytest.raises(UserError, match="classifier: seed must be a whole number of at least 0"):
        features.build("classifier(seed=-1)")
