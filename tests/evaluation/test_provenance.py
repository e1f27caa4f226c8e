"""Which values may not stand side by side."""

import pytest

from gan_zoo.evaluation import parts
from gan_zoo.evaluation.provenance import differing

MNIST = {"dataset": "mnist", "splits": {"test": "test", "train": "train"}, "remark": None, "seeds": [0],
         "data": {"test": "mnist test: 10,000 images", "train": "mnist train: 60,000 images"},
         "fingerprints": {"test": "aa", "train": "bb"}, "pixel_range": [0, 255], "samples": 10_000,
         "real_images": 10_000, "features": "classifier 12ab", "step": 500, "generator": "as trained"}


def _changed(**changes) -> dict:
    return {key: value | changes[key] if isinstance(value, dict) and key in changes else changes.get(key, value)
            for key, value in MNIST.items()}


def test_what_belongs_to_a_run_may_differ():
    assert differing(MNIST, MNIST) == []
    assert differing(MNIST, _changed(step=900, generator="moving average", seeds=[0, 1, 2])) == []
    assert differing(MNIST, MNIST | {"generated_fingerprint": "cc"}) == []


def test_the_same_images_under_another_name():
    """Such as arrays, or a folder."""
    assert differing(MNIST, _changed(dataset="folder", data={"test": "pictures: 10,000 images"})) == []


@pytest.mark.parametrize(("changes", "text"), [
    ({"samples": 5000}, "generated images: 10,000 and 5,000"), ({"real_images": 8}, "real images: 10,000 and 8"),
    ({"features": "classifier 99ff"}, "feature space: classifier 12ab and classifier 99ff"),
    ({"features": None}, "feature space: classifier 12ab and none"),
    ({"pixel_range": None}, "pixel range: [0, 255] and none"), ({"remark": "seen"}, "remark: none and seen"),
    ({"fingerprints": {"test": "cc"}, "splits": {"test": "test[:9]"}}, "test data: mnist test and mnist test[:9]"),
    ({"fingerprints": {"train": "cc"}, "data": {"train": "mnist train: 60,000 images of 32x32"}},
     "train data: mnist train: 60,000 images and mnist train: 60,000 images of 32x32"),
    ({"fingerprints": {"test": "cc"}}, "test data: mnist test: 10,000 images, fingerprint aa and mnist test: 10,000 "
                                       "images, fingerprint cc"),
    ({"fingerprints": {"all": "cc"}, "splits": {"all": "train"}}, "all data: not known and mnist train")])
def test_what_may_not(changes, text):
    assert differing(MNIST, _changed(**changes)) == [text]


def test_all_differences_are_told_from_either_side():
    other = _changed(samples=7, fingerprints={"test": "cc"}, splits={"test": "train[:9]"})
    assert differing(other, MNIST) == ["test data: mnist train[:9] and mnist test", "generated images: 7 and 10,000"]


def test_a_record_that_says_nothing():
    assert len(differing(MNIST, {})) == 6
    assert differing({}, {}) == []


def test_a_split_of_an_unknown_form_is_not_called_held_out():
    """TensorFlow Datasets knows more of them."""
    assert parts._remark("all", "all", {"train": 9}) == (
        "no held-out images: all of all is in all, from which the samples come")
    assert parts._remark("all", "test", {"train": 9, "test": 3}).startswith("not known whether images of test are in ")
    assert parts._remark("train", "test", {"train": 9, "test": 3}) is None
