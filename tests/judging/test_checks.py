"""What a check sees, on points whose answer is known: four groups in the plane."""

from types import SimpleNamespace

import numpy as np
import pytest

from gan_zoo import data
from gan_zoo.data import ImageDataset, load
from gan_zoo.data.stacked import StackedImages
from gan_zoo.experiment import Experiment
from gan_zoo.judging.checks import COUNT, STATISTICS, Checks
from gan_zoo.randomness import Key
from tests.data_request import request

CENTRES = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], np.float32)


def points(count: int, seed: int, groups: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """(float32 [N, 1, 1, 2], the group of each)."""
    random = np.random.default_rng(seed)
    which = np.arange(count) % groups
    return (CENTRES[which] + random.normal(size=[count, 2])).astype(np.float32)[:, None, None], which


def dataset(labelled: bool):
    images, which = points(6000, 0)
    return SimpleNamespace(images=images, labels=which.astype(np.int32) if labelled else None, has_pixels=False)


@pytest.fixture(scope="module")
def checks() -> Checks:
    return Checks(dataset(True))


def test_real_images_are_as_good_as_real(checks):
    found, _ = checks.look(points(COUNT, 1)[0])
    assert found.keys() == set(STATISTICS)
    assert found["frechet"] == pytest.approx(1, abs=0.9)  # a ratio of two small distances
    assert found["coverage"] == pytest.approx(1, abs=0.1)
    assert found["spread"] == pytest.approx(1, abs=0.05)
    assert found["worst_class"] == pytest.approx(1, abs=0.05)
    assert (found["classes"], checks.group_count, checks.kind) == (4, 4, "classes")
    assert found["top_class"] == pytest.approx(0.25, abs=0.01)
    assert np.isnan(found["distinct"])
    assert np.isnan(found["churn"])
    assert np.isnan(found["movement"])


def test_lost_groups(checks):
    found, _ = checks.look(points(COUNT, 2, groups=3)[0])
    assert (found["classes"], found["worst_class"]) == (3, 0)
    assert found["coverage"] == pytest.approx(0.75, abs=0.1)
    assert found["frechet"] > 20


def test_a_class_too_rare_to_count():
    """Two in a thousand of the real images are of it: a check of 512 may well have none."""
    images, which = points(6000, 0, groups=3)
    rare = np.arange(6000) % 500 == 0
    images[rare], which[rare] = points(rare.sum(), 1)[0] * 0 + CENTRES[3], 3
    checks = Checks(SimpleNamespace(images=images, labels=which, has_pixels=False))
    found, _ = checks.look(points(COUNT, 2, groups=3)[0])
    assert (found["classes"], checks.group_count) == (3, 3)
    assert found["worst_class"] == pytest.approx(1, abs=0.1)


def test_chance_misses_no_mode():
    """Of forty a check has a dozen real points each, now and then a third of that."""
    checks, others = Checks(_ring(40, 20_000)), _ring(40, 20_001)
    assert (checks.kind, checks.group_count) == ("modes", 40)
    for part in range(20):
        assert checks.look(others.images[part * COUNT:(part + 1) * COUNT])[0]["classes"] == 40


def test_more_modes_than_a_check_can_count_are_clustered():
    assert Checks(_ring(100, 20_000)).kind == "clusters"


def _ring(modes: int, count: int):
    return data.load(data.request(Experiment(dataset=f"ring(modes={modes}, count={count})")))


def test_stacked_images_are_grouped_by_their_looks():
    """Of a thousand classes a check would see half an image each."""
    grey = load(request("digits", image_size=8))
    stacked = StackedImages(grey)
    checks = Checks(stacked)
    found, _ = checks.look(stacked.reader(Key(1), COUNT)(0).numpy())
    assert (checks.kind, checks.count) == ("clusters", COUNT)
    assert found["coverage"] == pytest.approx(1, abs=0.15)
    assert found["spread"] == pytest.approx(1, abs=0.05)
    one_kind = StackedImages(ImageDataset("one", grey.images[grey.labels == 0]))
    assert checks.look(one_kind.images[:COUNT])[0]["coverage"] < 0.3


def test_one_image(checks):
    found, _ = checks.look(np.zeros([COUNT, 1, 1, 2], np.float32))
    assert (found["spread"], found["classes"], found["top_class"]) == (0, 1, 1)
    assert found["distinct"] == 1
    assert found["coverage"] < 0.02


@pytest.mark.parametrize("count", [5, 50, 500])
def test_few_images(count):
    """In more dimensions, where real images are never as near as that."""
    random = np.random.default_rng(3)
    real = SimpleNamespace(images=random.normal(size=[6000, 1, 1, 20]).astype(np.float32), labels=None,
                           has_pixels=False)
    few = random.normal(size=[count, 1, 1, 20]).astype(np.float32)
    found, _ = Checks(real).look(few[random.integers(count, size=COUNT)])
    assert found["distinct"] == pytest.approx(count, rel=0.35)


def test_a_few_equal_pairs_are_chance():
    """Ten images twice, among others that differ: a number of images can't be told from ten pairs."""
    random = np.random.default_rng(3)
    real, made = (random.normal(size=[count, 1, 1, 20]).astype(np.float32) for count in (6000, COUNT))
    checks = Checks(SimpleNamespace(images=real, labels=None, has_pixels=False))
    for twice, found in ((10, np.nan), (30, COUNT * (COUNT - 1) / 2 / 30)):
        images = made.copy()
        images[:twice] = images[-twice:]
        np.testing.assert_allclose(checks.look(images)[0]["distinct"], found)


def test_what_has_changed_since_the_last_look(checks):
    images, which = points(COUNT, 4)
    _, before = checks.look(images)
    found, _ = checks.look(images, before)
    assert (found["churn"], found["movement"]) == (0, 0)
    moved = images.copy()
    moved[which == 0] += CENTRES[1]
    found, _ = checks.look(moved, before)
    assert found["churn"] == pytest.approx(0.25, abs=0.01)
    spread = 2 * (2 + 50)  # of two: twice the variance, within and between the groups
    assert found["movement"] == pytest.approx(2.5**2 / spread, rel=0.06)


def test_groups_without_labels():
    checks = Checks(dataset(False))
    assert checks.kind == "clusters"
    assert 15 <= checks.group_count <= 20
    assert checks.look(points(COUNT, 5, groups=2)[0])[0]["classes"] < 0.7 * checks.group_count


def test_the_modes_of_a_known_mixture():
    checks = Checks(data.load(data.request(Experiment(dataset="ring(modes=5, std=0.05, count=4000)"))))
    assert (checks.kind, checks.group_count) == ("modes", 5)
    one_place = np.tile(np.float32([1, 0]), [COUNT, 1])[:, None, None]
    found, _ = checks.look(one_place)
    assert (found["classes"], found["top_class"]) == (1, 1)


def test_it_is_a_function_of_the_data(checks):
    images = points(COUNT, 6)[0]
    np.testing.assert_equal(Checks(dataset(True)).look(images)[0], checks.look(images)[0])


@pytest.mark.parametrize("labels", [[-1, 0, 1], range(60)])
def test_labels_that_are_no_classes_to_count(labels):
    """Images without a class, and more classes than a check has images for."""
    images = points(3000, 10)[0]
    checks = Checks(SimpleNamespace(images=images, labels=np.resize(np.array(labels), 3000), has_pixels=False))
    assert checks.kind == "clusters"


@pytest.mark.parametrize("has_pixels", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_very_few_real_images(count, has_pixels):
    """As when somebody tries a folder of a few pictures: no error, and no number that is not one."""
    def some(count: int, seed: int) -> np.ndarray:
        if has_pixels:
            return np.random.default_rng(seed).integers(256, size=[count, 4, 4, 1], dtype=np.uint8)
        return points(count, seed)[0]

    checks = Checks(SimpleNamespace(images=some(count, 7), labels=np.arange(count) % 4, has_pixels=has_pixels))
    found, before = checks.look(some(checks.count, 8))
    assert all(np.isfinite(found[name]) for name in STATISTICS if name not in ("distinct", "churn", "movement"))
    assert np.isfinite(checks.look(some(checks.count, 9), before)[0]["churn"])
