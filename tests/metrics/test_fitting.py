"""What is measured where no metric is named: for images and points, with and without labels, many and few."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_probability as tfp

from gan_zoo import features, metrics
from gan_zoo.data import ImageDataset, PointDataset, load
from gan_zoo.metrics import Subject, fitting
from gan_zoo.metrics.frechet import Frechet
from tests.data_request import request
from tests.metrics import sorted_images

POINTS = {"frechet", "mmd", "sliced_wasserstein", "two_sample"}
IMAGES = POINTS | {"checkerboard", "kid", "memorization", "ms_ssim", "prdc", "vendi"}
LABELLED = IMAGES | {"classes", "classifier_score"}


def _points(data: PointDataset) -> Subject:
    return Subject(lambda count: data.images[:count], lambda part: data, held_out=False)


def _noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, [count, 8, 8, 1]).astype(np.uint8)


def _unlabelled(count: int, made: int, held_out: bool = True) -> Subject:
    data = ImageDataset("noise", _noise(count))
    generated = _noise(made, 1)
    return Subject(lambda number: generated[:number], lambda part: data, held_out=held_out)


def _labelled(count: int, made: int) -> Subject:
    return sorted_images.subject(np.arange(made) % 4, sorted_images.data(np.arange(count) % 4))


def test_images():
    assert fitting(_labelled(400, 400)).keys() == LABELLED
    assert fitting(_unlabelled(400, 400)).keys() == IMAGES


@pytest.mark.parametrize("name", ["ring", "grid", "mixture_1d"])
def test_points_of_a_mixture(name):
    assert fitting(_points(load(request(name)))).keys() == POINTS | {"mixture"}


def test_points_of_codes():
    """What codes mean is asked of images."""
    data = load(request("ring"))
    model = SimpleNamespace(description=SimpleNamespace(codes=("c1",), classes=None))
    subject = Subject(lambda count: data.images[:count], lambda part: data, model, held_out=False)
    assert fitting(subject).keys() == POINTS | {"mixture"}


def test_other_points():
    one = PointDataset("one", tfp.distributions.Normal(4.0, 0.5), ("one",), 9)
    assert fitting(_points(one)).keys() == POINTS


def test_what_is_costly_or_contested_is_measured_when_it_is_asked_for():
    never = metrics.metrics._builders.keys() - LABELLED - {"mixture"}
    assert never == {"codes", "kde", "nearest_neighbour", "parzen", "triples"}
    assert not any(hasattr(metrics.metrics[name], "suits") for name in ("kde", "nearest_neighbour", "parzen"))


@pytest.mark.parametrize("subject", [
    *[_unlabelled(count, 99) for count in (1, 2, 4, 7, 20, 40, 70)], *[_unlabelled(99, made) for made in (1, 5, 65)],
    *[_unlabelled(count, 99, held_out=False) for count in (1, 3, 12, 41)],
    *[_labelled(count, 99) for count in (4, 7, 8, 19, 40)]],
    ids=lambda subject: f"{len(subject.test.images)} real, {len(subject.generate(99))} generated")
def test_few_images_are_measured_by_what_can_serve_them(subject):
    """None of it ends in an error."""
    found = {name: metric(subject) for name, metric in fitting(subject).items()}
    assert all(math.isfinite(value) for results in found.values() for value in results.values()
               if isinstance(value, float))
    assert ("frechet" in found) == (min(len(subject.reference(99).images), len(subject.stand_in(99).images),
                                        len(subject.generate(99))) >= 65)


def test_the_frechet_distance_suits_more_images_than_there_are_features():
    pixels = ImageDataset("noise", _noise(90))
    assert Frechet.suits_from > features.build("pca").fit(lambda part: pixels)(pixels.images).shape[1]
    from gan_zoo.features.classifier_network import Network

    network = Network((8, 8, 1), 3)
    zeros = np.zeros(network.size, np.float32)
    assert Frechet.suits_from > network.embedding(zeros)(pixels.images[:2]).shape[1]
