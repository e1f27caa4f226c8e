"""scikit-learn's digits, and what holds for a request whatever the source."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gan_zoo import data
from gan_zoo.data import DataRequest, datasets, load
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from tests.data_request import request


def test_the_request_of_an_experiment():
    fields = {"dataset": "d", "data_dir": "where", "image_size": 9, "channels": 3, "download": False, "resident_mib": 7,
              "cache_dir": "there", "fit": "pad", "image_key": "image", "label_key": "label"}
    experiment = Experiment(classes="0, 3,", split="train[5:]", **fields)
    assert data.request(experiment) == DataRequest(classes=("0", "3"), split="train[5:]", **fields)
    assert data.request(experiment, split="test") == data.request(experiment)._replace(split="test")
    assert data.request(Experiment(), classes=("1",)).classes == ("1",)


def test_a_request_has_no_defaults_of_its_own():
    assert DataRequest._field_defaults == {}
    untold = data.request(Experiment())
    assert untold.classes == ()
    for flag in set(DataRequest._fields) - {"classes"}:
        assert getattr(untold, flag) == getattr(Experiment(), flag)


def test_splits_are_told_before_anything_is_decoded():
    assert data.locate(request("digits", split="train[:5]")).splits == {"train": 1797}


def test_defaults():
    dataset = load(request("digits"))
    assert dataset.images.shape == (1797, 28, 28, 1)
    assert dataset.images.dtype == np.uint8
    assert (dataset.count, dataset.image_shape, dataset.resident) == (1797, (28, 28, 1), True)
    assert dataset.class_names == tuple("0123456789")
    assert dataset.labels.dtype == np.int32
    np.testing.assert_array_equal(dataset.labels, load_digits().target)
    assert "1,797 images of 28x28x1" in dataset.description
    assert "in memory" in dataset.description


def test_own_size_keeps_the_values():
    dataset = load(request("digits", image_size=8))
    np.testing.assert_array_equal(dataset.images[..., 0], np.rint(load_digits().images * 255 / 16))


def test_enlarged_bilinearly():
    """A pixel of the 16x16 picture lies a quarter of a source pixel beside its nearest one: weights 3/4 and 1/4."""
    dataset = load(request("digits", image_size=16))
    padded = np.pad(load_digits().images * 255 / 16, ((0, 0), (1, 1), (1, 1)), mode="edge")
    near, upper = padded[:, 1:-1], padded[:, :-2]
    rows = 0.75 * near + 0.25 * upper
    expected = 0.75 * rows[:, :, 1:-1] + 0.25 * rows[:, :, :-2]
    assert np.abs(dataset.images[:, ::2, ::2, 0] - expected).max() <= 0.51


def test_colour():
    images = load(request("digits", channels=3, split="train[:5]")).images
    assert images.shape == (5, 28, 28, 3)
    assert (images == images[..., :1]).all()


def test_classes_keep_their_numbers():
    dataset = load(request("digits", classes="7,3"))
    target = load_digits().target
    np.testing.assert_array_equal(dataset.labels, target[np.isin(target, [3, 7])])
    assert dataset.class_names == tuple("0123456789")
    assert "2 classes" in dataset.description


def test_sources_tell_what_they_are():
    rows = dict(datasets.describe())
    assert set(rows) >= {"digits()", "folder()", "tfds()"}
    assert all(rows.values())


@pytest.mark.parametrize(("field", "value"), [
    ("image_size", 7), ("image_size", 1025), ("image_size", 28.0), ("image_size", True), ("channels", 2),
    ("channels", 4), ("channels", True), ("split", "test"), ("split", "train[:0]"), ("resident_mib", -1),
    ("classes", ("10",)), ("classes", ("seven",)), ("classes", ("",)), ("classes", ("-1",)), ("classes", ("²",)),
])
def test_wrong_request(field, value):
    with pytest.raises(UserError, match=f"--{field}"):
        load(request("digits")._replace(**{field: value}))


def test_class_that_is_not_in_the_slice():
    with pytest.raises(UserError, match="--classes"):
        load(request("digits", split="train[:3]", classes="9"))


def test_classes_without_any_in_the_slice_is_one_line():
    with pytest.raises(UserError) as caught:
        load(request("digits", classes="ten"))
    assert "0, 1, 2" in str(caught.value)
    assert "\n" not in str(caught.value)
