"""Arrays as a dataset: the bytes that come of every kind of values, and every mistake in one line."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data import from_arrays, load
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request

BYTES = np.random.default_rng(0).integers(0, 256, [12, 5, 7, 3], np.uint8)


def _told(*args) -> str:
    with pytest.raises(UserError) as caught:
        from_arrays(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_bytes_stay_as_they_are():
    dataset = from_arrays(BYTES)
    np.testing.assert_array_equal(dataset.images, BYTES)
    assert dataset.images.dtype == np.uint8
    assert (dataset.count, dataset.image_shape, dataset.resident, dataset.has_pixels) == (12, (5, 7, 3), True, True)
    assert (dataset.labels, dataset.class_names, dataset.name) == (None, (), "arrays")


def test_grey_images_need_no_channel():
    np.testing.assert_array_equal(from_arrays(BYTES[..., 0]).images, BYTES[..., :1])


@pytest.mark.parametrize("dtype", ["float32", "float64", "longdouble"])
def test_floats_from_0_to_1(dtype):
    np.testing.assert_array_equal(from_arrays(BYTES.astype(dtype) / 255).images, BYTES)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_from_minus_1_to_1(dtype):
    np.testing.assert_array_equal(from_arrays(BYTES.astype(dtype) / 127.5 - 1).images, BYTES)


@pytest.mark.parametrize(("values", "pixels"), [
    ([0, 0.25, 0.5, 1], [0, 64, 128, 255]),  # 63.75, 127.5 (to the even neighbour)
    ([0, 0, 0.001, 0.002], [0, 0, 0, 1]), ([-1, 0, 0.5, 1], [0, 128, 191, 255]),
    ([-0.5, 0, 0, 0], [64, 128, 128, 128])])
def test_floats_are_rounded(values, pixels):
    for dtype in ("float16", "float32"):
        images = from_arrays(np.array(values, dtype).reshape(1, 2, 2)).images
        np.testing.assert_array_equal(images.ravel(), pixels)


def test_many_floats():
    """More than are converted together; the range is that of all of them."""
    values = np.zeros([3000, 1, 1])
    values[2999] = -1
    np.testing.assert_array_equal(from_arrays(values).images.ravel(), [128] * 2999 + [0])


def test_what_happens_to_the_arrays_afterwards_changes_nothing():
    images, labels = BYTES.copy(), np.arange(12) % 3
    dataset = from_arrays(images, labels)
    images[:], labels[:] = 0, 0
    np.testing.assert_array_equal(dataset.images, BYTES)
    assert dataset.labels.tolist() == [0, 1, 2] * 4


def test_views_lists_and_tensors():
    np.testing.assert_array_equal(from_arrays(np.moveaxis(BYTES, 1, 2)).images, BYTES.transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(from_arrays(list(BYTES)).images, BYTES)
    np.testing.assert_array_equal(from_arrays(tf.constant(BYTES)).images, BYTES)


def test_an_array_on_the_disk_is_read_into_memory(tmp_path):
    np.save(tmp_path / "images.npy", BYTES)
    dataset = from_arrays(np.load(tmp_path / "images.npy", mmap_mode="r"))
    assert dataset.resident
    np.testing.assert_array_equal(dataset.images, BYTES)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "float32"])
def test_labels_are_numbers_of_classes(dtype):
    dataset = from_arrays(BYTES[:4], np.array([0, 3, 1, 3], dtype))
    assert dataset.labels.dtype == np.int32
    assert dataset.labels.tolist() == [0, 3, 1, 3]
    assert dataset.class_names == ("0", "1", "2", "3")


@pytest.mark.parametrize("labels", [
    ["dog", "cat", "dog", "ant"], np.array(["dog", "cat", "dog", "ant"]),
    np.array(["dog", "cat", "dog", "ant"], object)])
def test_labels_are_names_of_classes(labels):
    dataset = from_arrays(BYTES[:4], labels)
    assert dataset.class_names == ("ant", "cat", "dog")
    assert dataset.labels.dtype == np.int32
    assert dataset.labels.tolist() == [2, 1, 2, 0]


def test_the_description_is_that_of_other_data():
    loaded = load(request("digits", split="train[:50]"))
    dataset = from_arrays(loaded.images, loaded.labels, name="mine")
    assert dataset.name == "mine"
    assert dataset.description == loaded.description.replace("digits train[:50]", "mine")
    assert "no labels" in from_arrays(loaded.images).description


def test_the_fingerprint_and_the_order_are_those_of_other_data():
    loaded = load(request("digits", split="train[:200]"))
    dataset = from_arrays(loaded.images, loaded.labels)
    assert dataset.fingerprint == loaded.fingerprint
    assert from_arrays(255 - loaded.images).fingerprint != loaded.fingerprint
    images = loaded.images.copy()
    images[1, 0, 0] ^= 1  # of one that the fingerprint does not look at
    assert from_arrays(images).fingerprint == loaded.fingerprint
    assert from_arrays(images).contents != dataset.contents == loaded.contents
    ours, theirs = (data.reader(Key(1), 16, labels=True)(tf.constant(7)) for data in (dataset, loaded))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("images", "told"), [
    (np.zeros([4, 5]), r"dataset must have the shape [N, H, W] or [N, H, W, C], got [4, 5]: reshape it"),
    (np.zeros([1, 2, 3, 4, 5]), "got [1, 2, 3, 4, 5]: reshape it"), (3.0, "got []: reshape it"),
    (np.zeros([0, 8, 8]), "dataset has no images, its shape is [0, 8, 8]: give at least one"),
    (np.zeros([4, 0, 8]), "dataset has images without pixels, its shape is [4, 0, 8]"),
    (np.zeros([4, 8, 0, 3]), "dataset has images without pixels"),
    (np.zeros([4, 8, 8, 4]), "must have 1 (grey) or 3 (colour) channels in its last axis, but its shape is "
                             "[4, 8, 8, 4]: keep 1 or 3 of them"),
    (np.zeros([4, 8, 8, 0]), "keep 1 or 3 of them"),
    (np.zeros([4, 3, 8, 8]), "its shape is [4, 3, 8, 8]: move them to the end with np.moveaxis(images, 1, -1)"),
    (np.zeros([4, 8, 8], int), "dataset must be of dtype uint8 (0 to 255) or a float (0 to 1, or -1 to 1), got int64: "
                               "if it lies in 0 to 255, convert it with images.astype('uint8')"),
    (np.zeros([4, 8, 8], np.uint16), "got uint16: if it lies in 0 to 255, convert it"),
    (np.zeros([4, 8, 8], bool), "got bool: convert it with images.astype('float32')"),
    (np.zeros([4, 8, 8], complex), "got complex128: convert it to one of these"),
    (np.full([4, 8, 8], "x"), "got <U1: convert it to one of these"),
    (np.zeros([4, 8, 8], object), "got object: make one array of images that are all of one shape"),
    (None, "got object: make one array"),
    ([np.zeros([2, 2]), np.zeros([3, 3])], "dataset must be an array of images, uint8 or float [N, H, W] or "
                                           "[N, H, W, C], got a list that is none"),
    (np.full([4, 8, 8], np.nan), "dataset has values that are not finite (NaN or infinity)"),
    (np.full([4, 8, 8], -np.inf), "dataset has values that are not finite"),
    (np.full([4, 8, 8], 255.0), "dataset is of dtype float64, whose values must lie in 0 to 1, or -1 to 1, but they "
                                "lie in 255 to 255: divide by 255, or convert them with images.astype('uint8')"),
    (np.full([4, 8, 8], -1.01), "they lie in -1.01 to -1.01: divide by 255"),
])
def test_wrong_images(images, told):
    found = _told(images)
    assert found.startswith("dataset")
    assert told in found


@pytest.mark.parametrize(("labels", "told"), [
    (np.zeros(11, int), "labels must have the shape [12], one for each of the 12 images, got [11]"),
    (3, "got []"), ([], "got [0]"),
    (np.eye(12), "got [12, 12]: if they are one-hot, give labels.argmax(axis=1)"),
    (np.zeros(12, bool), "labels must be integers or class names, got bool such as False: convert them"),
    (np.full(12, 0.5), "labels must be integers or class names, got float64 such as 0.5"),
    (np.full(12, np.nan), "labels must be integers or class names, got float64 such as nan"),
    (np.zeros(12, complex), "labels must be integers or class names, got complex128"),
    (np.array([0, "a"] * 6, object), "labels must be integers or class names, got object such as 0"),
    ([b"cat"] * 12, "labels must be integers or class names, got |S3"),
    (np.full(12, -1), "labels must be numbers of classes, 0 to 99999, but they lie in -1 to -1: number the classes"),
    (np.full(12, 100_000), "they lie in 100000 to 100000: number the classes from 0, as in np.unique("),
    (np.full(12, np.inf), "they lie in inf to inf"),
    ([[1], [1, 2]] * 6, "labels must be an array of integers or class names, [N], got a list that is none"),
])
def test_wrong_labels(labels, told):
    found = _told(BYTES, labels)
    assert found.startswith("labels")
    assert told in found
