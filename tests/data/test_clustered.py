"""Clusters for classes: that images that are alike share one, and that metrics know nothing of them."""

import numpy as np
import pytest

from gan_zoo.data import ImageDataset, load
from gan_zoo.data.clustered import ClusteredImages, judged
from gan_zoo.errors import UserError
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


def test_it_finds_the_digits(digits):
    """Most images of a cluster are of one class: 83 %. Of 40 parts at random it would be 17 %."""
    plain = load(request("mnist_5k"))
    counts = contingency(digits.labels, plain.labels, 40, 10)
    assert counts.max(axis=1).sum() / plain.count > 0.8
    assert counts.sum(axis=1).min() > 10
    np.testing.assert_array_equal(digits.images, plain.images)
    np.testing.assert_array_equal(load(request(DIGITS)).labels, digits.labels)
    assert digits.class_names == tuple(map(str, range(40)))
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
    assert judged(judged(digits)) is judged(digits)


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
    ('clustered("digits", clusters=900)', "digits has 182 images, too few for clusters=900: ask for fewer")])
def test_what_can_be_clustered(spec, message):
    with pytest.raises(UserError, match=message) as caught:
        load(request(spec, image_size=8, classes="1") if "900" in spec else request(spec))
    assert "\n" not in str(caught.value)
