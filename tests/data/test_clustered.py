"""Clusters for classes: that images that are alike share one, and that metrics know nothing of them."""

import tracemalloc

import numpy as np
import pytest

from gan_zoo.data import ImageDataset, load
from gan_zoo.data.clustered import ClusteredImages, judged
from gan_zoo.errors import UserError
from gan_zoo.evaluation.candidates import of_real_images
from gan_zoo.evaluation.parts import RealImages
from gan_zoo.experiment import Experiment
from gan_zoo.metrics.codes import contingency
from gan_zoo.randomness import Key
from gan_zoo.training.plan import draft, plan
from tests.data_request import request

DIGITS = 'clustered("mnist_5k", clusters=40)'


@pytest.fixture(scope="module")
def digits():
    return load(request(DIGITS))


def test_images_that_differ_in_brightness_alone_share_a_cluster(tmp_path):
    """A bar at the top, in the middle or at the bottom, from faint to white; in memory and from a file."""
    random = np.random.default_rng(0)
    place, level = random.integers(3, size=9000), random.integers(40, 256, size=9000)
    images = np.zeros([9000, 24, 24, 1], np.uint8)
    for row in range(8):
        images[np.arange(9000), 8 * place + row] = level[:, None, None]
    np.save(tmp_path / "images.npy", images)
    for pixels in (images, np.load(tmp_path / "images.npy", mmap_mode="r")):
        found = ClusteredImages(ImageDataset("bars", pixels), 3)
        assert found.resident == (pixels is images)
        assert sorted(contingency(place, found.labels, 3, 3).max(axis=0)) == sorted(np.bincount(place))
    images[:20] = 0  # black ones have a cluster too
    assert set(ClusteredImages(ImageDataset("bars", images), 3).labels) == {0, 1, 2}
    with pytest.raises(UserError, match="clusters=3 are too many for bars, of whose 9,000 images only 1 differ"):
        ClusteredImages(ImageDataset("bars", np.zeros_like(images)), 3)


def test_it_finds_the_digits(digits):
    """Most images of a cluster are of one class: 83 %. Of 40 parts at random it would be 17 %."""
    plain = load(request("mnist_5k"))
    counts = contingency(digits.labels, plain.labels, 40, 10)
    assert counts.max(axis=1).sum() / plain.count > 0.8
    assert counts.sum(axis=1).min() > 10
    np.testing.assert_array_equal(digits.images, plain.images)
    np.testing.assert_array_equal(load(request(DIGITS)).labels, digits.labels)
    assert (digits.class_names[0], digits.class_names[39]) == ("#0", "#39")
    assert digits.fingerprint == plain.fingerprint


def test_a_batch_has_the_clusters_of_its_images(digits):
    images, labels = digits.reader(Key(7)("data"), 16, labels=True)(3)
    known = {image.tobytes(): label for image, label in zip(digits.images, digits.labels, strict=True)}
    assert [known[image.tobytes()] for image in images.numpy()] == labels.numpy().tolist()
    assert digits.images is digits.plain.images  # kept once


def test_it_is_judged_by_the_images_with_their_own_classes(digits):
    experiment = Experiment(dataset=DIGITS)
    real = RealImages(experiment, (28, 28, 1), "a run")
    assert len(judged(digits).class_names) == 10
    for part in ("train", "test", "all"):
        assert real.load(part).class_names == tuple("0123456789")
        assert real.load(part).labels.max() == 9
    assert real.load("train").fingerprint == digits.fingerprint
    few = RealImages(experiment, (28, 28, 1), "a run", test_split="train[:9]")  # too few for so many clusters
    assert few.load("test").count == 9
    stand_in = of_real_images(experiment, "test").drawn(0)
    np.testing.assert_array_equal(np.unique(stand_in.labels(500)), np.arange(10))
    assert judged(judged(digits)) is judged(digits)


def test_large_images_are_looked_at_some_at_a_time():
    """What is in memory at once, beside the images: of 3,000 of 96 × 96 pixels they would be 330 MB as floats."""
    images = np.random.default_rng(0).integers(0, 256, (3000, 96, 96, 3), np.uint8)
    tracemalloc.start()
    found = ClusteredImages(ImageDataset("noise", images), 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(np.unique(found.labels)) == 4
    assert peak < 200e6


def test_a_game_is_told_the_clusters_by_conditional_alone():
    told = plan(draft(Experiment(model="mlp", dataset=DIGITS, conditional=True, steps=1)))
    assert len(told.label.classes) == 40
    assert told.notices == []
    notices = plan(draft(Experiment(model="mlp", dataset=DIGITS, steps=1))).notices
    assert notices == ["note: --dataset=clustered(mnist_5k): no player is told the cluster without --conditional"]


@pytest.mark.parametrize(("spec", "message"), [
    ('clustered("ring")', r'^--dataset=clustered\("ring"\): clustered: ring has points, and only images can be clus'),
    ("clustered('stacked(\"digits\")')", r"is itself made of other images: name a dataset as it is"),
    ("clustered()", "clustered needs its argument 'of'"),
    ("clustered(5)", r'of must be the name of a dataset in quotes, as in clustered\("mnist"\), got 5'),
    ('clustered("digits", clusters=1)', "clustered: clusters must be a whole number of at least 2, got 1"),
    ('clustered("digits", clusters=1001)', "clustered: clusters must be a whole number of at most 1000, got 1001"),
    ('clustered("digits", clusters=900)', "clusters=900 are too many for digits, of whose 182 images only 182 differ")])
def test_what_can_be_clustered(spec, message):
    with pytest.raises(UserError, match=message) as caught:
        load(request(spec, image_size=8, classes="1") if "900" in spec else request(spec))
    assert "\n" not in str(caught.value)
