"""Triples of stacked digits: closed forms, the published floor, and images that hold their digits in a pixel."""

import numpy as np
import pytest

from gan_zoo import features, metrics
from gan_zoo.data import ImageDataset
from gan_zoo.data.stacked import StackedImages, channels
from gan_zoo.errors import UserError
from gan_zoo.features import Features
from gan_zoo.metrics.triples import single_digits, triples
from tests.metrics.sorted_images import EVEN, images, measured
from tests.metrics.sorted_images import subject as beasts

NAMES = tuple(f"{number:03d}" for number in range(1000))
MNIST = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]) / 60_000  # its training images


def _stacked(digits: np.ndarray) -> np.ndarray:
    """uint8 [N, 8, 8, 3] of digits [N, 3]."""
    return np.concatenate([images(digits[:, channel]) for channel in range(3)], axis=-1)


def _drawn(count: int, seed: int = 0, p=None) -> np.ndarray:
    return np.random.default_rng(seed).choice(10, [count, 3], p=p)


def _data(digits: np.ndarray) -> ImageDataset:
    return ImageDataset("stacked", _stacked(digits), (digits @ [100, 10, 1]).astype(np.int32), NAMES)


@features.register("first_pixel")
class FirstPixel:
    """The digit that the first pixel holds; kept: what it was fitted on."""

    kept: list[ImageDataset] = []

    def fit(self, parts) -> Features:
        self.kept.append(parts("all"))
        return Features("first_pixel", lambda some: some.reshape(len(some), -1), "5e", {"accuracy": 1.0},
                        lambda some: np.eye(10, dtype=np.float32)[some[:, 0, 0, 0]])


def _subject(made: np.ndarray, real: ImageDataset | None = None) -> metrics.Subject:
    made, real = _stacked(made), real or _data(_drawn(2000, 7))
    return metrics.Subject(lambda count: made[:count], lambda part: real)


def test_one_mode_gives_the_logarithm_of_their_number():
    captured, divergence, _ = triples(np.full([50, 3], 4))
    assert (captured, divergence) == (1, pytest.approx(6.908, abs=5e-4))


def test_each_once_is_uniform():
    every = np.array(np.meshgrid(*[range(10)] * 3)).reshape(3, -1).T
    assert triples(every)[:2] == (1000, pytest.approx(0, abs=1e-12))


def test_by_hand():
    """Two of 27 triples, a quarter and three quarters."""
    captured, divergence, error = triples(np.array([[0, 1, 2], [2, 1, 0], [2, 1, 0], [2, 1, 0]] * 500), 3)
    assert captured == 2
    assert divergence == pytest.approx(np.log(27) - (0.75 * np.log(4 / 3) + 0.25 * np.log(4)))
    assert error == pytest.approx(np.sqrt(3 / 16 * np.log(3) ** 2 / 2000 - 26 / 2 / 2000**2))


def test_against_unlike_classes():
    """One triple, whose expected share is 0.5 · 0.3 · 0.2."""
    assert triples(np.array([[0, 1, 2]] * 9), 3, np.array([0.5, 0.3, 0.2]))[1] == pytest.approx(-np.log(0.03))


@pytest.mark.parametrize(("count", "p", "floor"), [(26_000, None, 0.0193), (25_600, None, 0.0197),
                                                   (26_000, MNIST, 0.0238), (10_000, MNIST, 0.055)],
                         ids=["VEEGAN's number", "Unrolled's number", "digits as in MNIST", "fewer images"])
def test_a_perfect_sampler_gets_the_published_floor(count, p, floor):
    found = [triples(_drawn(count, seed, p))[1] for seed in range(40)]
    assert np.mean(found) == pytest.approx(floor, abs=4 * 0.0009 * 26_000 / count / np.sqrt(40) + 5e-5)


def test_against_the_datas_digits_a_perfect_sampler_gets_the_same():
    found = [triples(_drawn(26_000, seed, MNIST), class_shares=MNIST)[1] for seed in range(40)]
    assert np.mean(found) == pytest.approx(0.0193, abs=4 * 0.0009 / np.sqrt(40))


def test_its_error_is_the_spread_of_other_draws():
    found = np.array([triples(_drawn(26_000, seed)) for seed in range(60)])
    assert found[:, 1].std() == pytest.approx(0.0009, rel=0.25)
    assert found[:, 2].mean() == pytest.approx(0.0009, rel=0.15)
    few = np.random.default_rng(0).dirichlet(np.full(10, 0.5))
    found = np.array([triples(_drawn(5000, seed, few)) for seed in range(200)])
    assert found[:, 2].mean() == pytest.approx(found[:, 1].std(), rel=0.2)


def test_channels_stay_with_their_image():
    digits = np.array([[1, 2, 3], [4, 5, 6]])
    split = channels(_stacked(digits))
    assert split.shape == (6, 8, 8, 1)
    np.testing.assert_array_equal(split[:, 0, 0, 0], [1, 2, 3, 4, 5, 6])


def test_single_digits_are_labelled_by_their_own():
    single = single_digits(_data(_drawn(50)))
    np.testing.assert_array_equal(single.labels, single.images[:, 0, 0, 0])
    assert (single.image_shape, single.class_names) == ((8, 8, 1), tuple("0123456789"))


def test_of_many_images_a_part_is_looked_at_and_not_the_first_ones(monkeypatch):
    """A folder is sorted by class."""
    monkeypatch.setattr("gan_zoo.metrics.triples._LEARNED", 100)
    digits = np.repeat([[0, 1, 2], [3, 4, 5]], 500, axis=0)
    single = single_digits(_data(digits))
    assert len(single.images) == 300
    assert set(single.labels) == set(range(6))


def test_the_whole_metric():
    made = np.repeat([[0, 0, 7], [1, 2, 3]], [1500, 500], axis=0)
    FirstPixel.kept.clear()
    found = measured("triples('first_pixel')", _subject(made))
    assert [data.image_shape for data in FirstPixel.kept] == [(8, 8, 1)]
    captured, divergence, error = triples(made)
    assert (found["triples_captured"], found["triples"]) == (2, 1000)
    assert found["triples_kl"] == pytest.approx(divergence)
    assert found["triples_kl_standard_error"] == pytest.approx(error)
    assert found["triples_kl_data"] == pytest.approx(divergence, abs=0.2)
    assert found["triples_captured_floor"] == len(np.unique(_data(_drawn(2000, 7)).labels))
    assert 0.2 < found["triples_kl_floor"] < 0.3  # 999 / 2N = 0.25
    assert (found["samples"], found["real_images"]) == (2000, 2000)
    assert (found["features"], found["features_accuracy"]) == ("first_pixel 5e", 1.0)
    assert captured == 2


@pytest.mark.parametrize(("p", "floor"), [(None, 0.0193), (MNIST, 0.0238)], ids=["even", "digits as in MNIST"])
def test_stacked_images_get_the_published_floor(p, floor):
    """And each channel is read by what has learned the grey images."""
    digits = np.random.default_rng(3).choice(10, 20_000, p=p)
    grey = ImageDataset("grey", images(digits), digits.astype(np.int32), tuple("0123456789"))
    real, made = StackedImages(grey), _stacked(np.full([30_000, 3], 4))
    FirstPixel.kept.clear()
    found = measured("triples('first_pixel')", metrics.Subject(lambda count: made[:count], lambda part: real))
    assert FirstPixel.kept == [grey]
    assert (found["triples_captured"], found["triples_captured_floor"], found["triples"]) == (1, 1000, 1000)
    assert found["triples_kl"] == pytest.approx(6.908, abs=5e-4)
    assert found["triples_kl_floor"] == pytest.approx(floor, abs=4 * 0.0009)
    assert (found["samples"], found["triples_kl_data_floor"]) == (26_000, pytest.approx(0.0193, abs=0.004))


def test_the_default_is_the_protocol():
    (metric,) = metrics.build("triples").values()
    assert metric.samples == 26_000


@pytest.mark.parametrize(("of", "message"), [
    (beasts([0] * 9), "triples: it takes stacked digits, .* which beasts has not: leave it out"),
    (_subject(np.array([[1, 2, 3]])), "triples needs at least 2 images on either side, here are 1")],
    ids=["others", "few"])
def test_images_that_can_not_serve(of, message):
    with pytest.raises(UserError, match=message) as caught:
        measured("triples('first_pixel')", of)
    assert "\n" not in str(caught.value)


def test_a_space_without_classes():
    with pytest.raises(UserError, match="triples: the feature space raw knows no classes: take features='classifier'"):
        measured("triples('raw')", _subject(_drawn(9)))


def test_stacked_digits_alone_suit():
    suits = metrics.metrics["triples"].suits
    assert suits(_subject(_drawn(9)))
    assert not suits(beasts([0]))
    assert not suits(_subject(_drawn(9), ImageDataset("thousand", _stacked(_drawn(9)), np.zeros(9, np.int32),
                                                      tuple(map(str, range(1000))))))
    assert not suits(_subject(_drawn(9), EVEN))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "triples: samples must be"), ("samples=2000000", "triples: samples must be"),
    ("features='pcb'", "unknown feature space 'pcb'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"triples({arguments})")
