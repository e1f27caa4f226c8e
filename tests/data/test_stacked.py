"""Stacked images: which grey images they are made of, that a batch is a function of its number, and their classes."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo.data import ImageDataset, load, locate
from gan_zoo.data.stacked import StackedImages, channels, single
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data.test_order import numbered, numbers
from tests.data_request import request

KEY = Key(7)("data")


@pytest.fixture(scope="module")
def digits():
    return load(request('stacked("digits")', image_size=8))


def _labelled(count=40, classes=3) -> ImageDataset:
    """Grey images of one pixel that hold their class."""
    labels = np.arange(count, dtype=np.int32) % classes
    return ImageDataset("grey", labels.astype(np.uint8).reshape(-1, 1, 1, 1), labels, tuple("abcdefghijkl"[:classes]))


def test_what_it_offers(digits):
    grey = load(request("digits", image_size=8))
    assert (digits.count, digits.image_shape, digits.has_pixels, digits.resident) == (1797, (8, 8, 3), True, True)
    assert digits.class_names == tuple(f"{number:03d}" for number in range(1000))
    assert digits.name == "stacked(digits)"
    assert grey.fingerprint in digits.fingerprint
    assert digits.fingerprint != grey.fingerprint
    np.testing.assert_array_equal(single(digits).images, grey.images)
    assert single(grey) is None


def test_every_grey_image_once_an_epoch_in_each_channel_in_orders_of_their_own():
    stacked = StackedImages(numbered(600))
    fetch = stacked.reader(KEY, 100)
    seen = np.concatenate([fetch(index) for index in range(6)])  # [600, 1, 2, 3]
    orders = np.stack([numbers(seen[..., channel]) for channel in range(3)])
    np.testing.assert_array_equal(np.sort(orders), np.tile(np.arange(600), [3, 1]))
    assert np.abs(np.corrcoef(orders) - np.eye(3)).max() < 4 / np.sqrt(600)


def test_a_batch_is_a_function_of_key_and_number_from_memory_and_from_a_file(tmp_path):
    resident, streamed = StackedImages(numbered(50)), StackedImages(numbered(50, tmp_path))
    whole = [batch.numpy() for batch in map(resident.reader(KEY, 8), range(9))]
    assert not streamed.resident
    resumed = streamed.reader(KEY, 8, first_batch=5)
    for index in range(5, 9):
        np.testing.assert_array_equal(tf.function(resumed)(tf.constant(index, tf.int64)), whole[index])
    assert (whole[0] != resident.reader(Key(8)("data"), 8)(0).numpy()).any()


def test_the_class_of_a_triple():
    """Base 3: an image's class is 9 r + 3 g + b."""
    stacked = StackedImages(_labelled())
    images, labels = stacked.reader(KEY, 16, labels=True)(3)
    pixels = images.numpy().reshape(16, 3).astype(int)
    np.testing.assert_array_equal(labels, pixels @ [9, 3, 1])
    np.testing.assert_array_equal(stacked.label_reader(KEY, 16)(3), labels)
    assert stacked.class_names[int(labels[0])] == "".join("abc"[digit] for digit in pixels[0])


def test_the_fixed_sample_is_stacked_when_it_is_looked_at(digits):
    assert digits.images.shape == (60_000, 8, 8, 3)
    chosen = digits.images[np.array([5, 77, 59_999])]
    assert (chosen.shape, chosen.dtype) == ((3, 8, 8, 3), np.uint8)
    np.testing.assert_array_equal(digits.images[77], chosen[1])
    np.testing.assert_array_equal(digits.images[70:80][7], chosen[1])
    known = {image.tobytes(): label for image, label in zip(digits.single.images, digits.single.labels, strict=True)}
    found = [known[grey.tobytes()] for grey in channels(chosen)]
    np.testing.assert_array_equal(np.reshape(found, (3, 3)) @ [100, 10, 1], digits.labels[[5, 77, 59_999]])


def test_its_sample_is_of_independent_digits(digits):
    """The mean over a thousand triples of a uniform sampler of 60,000 is 60, and χ² is 999 with deviation 45."""
    shares = np.bincount(digits.single.labels) / digits.single.count
    expected = 60_000 * np.einsum("r,g,b->rgb", shares, shares, shares).ravel()
    counts = np.bincount(digits.labels, minlength=1000)
    assert ((counts - expected) ** 2 / expected).sum() == pytest.approx(999, abs=4 * 45)


def test_longer_names_and_many_classes():
    grey = _labelled()
    grey.class_names = ("ox", "cat", "eel")
    assert StackedImages(grey).class_names[5] == "ox-cat-eel"
    assert StackedImages(_labelled(classes=11)).labels is None
    grey.labels = grey.labels - 1  # of a split without labels
    assert StackedImages(grey).class_names == ()


def test_splits_classes_and_colours_are_of_the_grey_images():
    test = load(request('stacked("mnist_5k")', split="test", classes="1,7"))
    assert set(test.labels.tolist()) == {int(f"{r}{g}{b}") for r in "17" for g in "17" for b in "17"}
    assert test.count == single(test).count < 1000
    assert locate(request('stacked("mnist_5k")')).splits == {"train": 4000, "test": 1000}


@pytest.mark.parametrize(("spec", "flags", "message"), [
    ('stacked("digits")', {"channels": 3}, None),
    ('stacked("ring")', {}, r"^--dataset=stacked\(\"ring\"\): stacked: ring has points, and only images can"),
    ("stacked('stacked(\"digits\")')", {}, r"stacked: stacked\(\"digits\"\) is itself made of other images"),
    ("stacked()", {}, "stacked needs its argument 'of'"),
    ("stacked(5)", {}, r'of must be the name of a dataset in quotes, as in stacked\("mnist"\), got 5'),
    ("stacked(digits)", {}, "'digits' is not a literal"),
    ('stacked("digits")', {"split": "test"}, "^--split='test': unknown split"),
    ('stacked("digits")', {"classes": "10"}, "^--classes: there is no class '10'")])
def test_what_can_be_stacked(spec, flags, message):
    if message is None:
        assert load(request(spec, image_size=8, **flags)).image_shape == (8, 8, 3)
        return
    with pytest.raises(UserError, match=message) as caught:
        load(request(spec, **flags))
    assert "\n" not in str(caught.value)


def test_images_in_colour_can_be_made_grey(tmp_path):
    Image.fromarray(np.zeros([8, 8, 3], np.uint8)).save(tmp_path / "red.png")
    with pytest.raises(UserError, match=r"has images in colour, and only grey ones can be stacked: .*--channels=1"):
        locate(request('stacked("folder")', data_dir=str(tmp_path), channels=3))
    assert locate(request('stacked("folder")', data_dir=str(tmp_path), channels=1)).image_shape == (8, 8, 3)


def test_images_without_labels_and_batches_that_can_not_be():
    stacked = StackedImages(numbered(20))
    assert (stacked.labels, stacked.class_names) == (None, ())
    for ask in (lambda: stacked.reader(KEY, 4, labels=True), lambda: stacked.label_reader(KEY, 4)):
        with pytest.raises(ValueError, match="has no labels"):
            ask()
    with pytest.raises(UserError, match="--batch_size=21 is larger than the 20 images"):
        stacked.reader(KEY, 21)
