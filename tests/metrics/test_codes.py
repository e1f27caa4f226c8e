"""The report about codes against scikit-learn, brute force, and an export whose codes are known."""

import itertools

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import cluster

from gan_zoo import metrics
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.export import Description
from gan_zoo.game import LatentSample
from gan_zoo.latents import Block
from gan_zoo.metrics import codes

RANDOM = np.random.default_rng(0)
CLUSTERS, LABELS = RANDOM.integers(0, 5, 300), RANDOM.integers(0, 4, 300)
LABELS[:150] = CLUSTERS[:150] % 4


def test_counts_purity_and_information_are_scikit_learns():
    counts = codes.contingency(CLUSTERS, LABELS)
    np.testing.assert_array_equal(counts, cluster.contingency_matrix(LABELS, CLUSTERS).T)
    assert codes.normalized_mutual_information(counts) == pytest.approx(
        cluster.normalized_mutual_info_score(LABELS, CLUSTERS))
    majority = sum(np.bincount(LABELS[k == CLUSTERS]).max() for k in range(5))
    assert codes.purity(counts) == pytest.approx(majority / 300)
    assert codes.normalized_mutual_information(np.array([[7]])) == 0


def test_the_matching_is_the_best_of_all():
    counts = codes.contingency(CLUSTERS, LABELS)
    found = codes.matching(CLUSTERS, LABELS)
    best = max(sum(counts[row, column] for column, row in enumerate(rows))
               for rows in itertools.permutations(range(5), 4))
    assert (found[CLUSTERS] == LABELS).sum() == best
    assert sorted(found) == [-1, 0, 1, 2, 3]


def test_correlations():
    one, other = RANDOM.normal(size=[2, 50])
    assert codes.correlation(one, other) == pytest.approx(abs(scipy.stats.pearsonr(one, other)[0]))
    assert codes.correlation(one, -3 * one + 1) == pytest.approx(1)
    assert codes.correlation(one, np.ones(50)) == 0


@pytest.mark.parametrize("shear", [-0.5, 0, 0.25, 1])
def test_the_slant_of_a_sheared_bar(shear):
    """A soft bar whose middle is at x = 20 + shear · (rows above the centre)."""
    y, x = np.mgrid[:41, :41]
    image = 255 * np.exp(-(x - 20 - shear * (20 - y)) ** 2 / 8) * (np.abs(y - 20) <= 8)
    assert codes.slant(image[None])[0] == pytest.approx(shear, abs=1e-3)


@pytest.mark.parametrize("width", [2, 4, 6])
def test_the_thickness_of_a_long_bar(width):
    image = np.zeros([200, 30])
    image[:, 10:10 + width] = 200
    assert codes.thickness(image[None])[0] == pytest.approx(width, rel=0.05)


def test_an_image_without_ink():
    assert codes.slant(np.zeros([1, 5, 5])) == codes.thickness(np.zeros([1, 5, 5])) == 0


# An export whose images are a row of five pixels: c1 in the first (0, 100 or 200), c2 in the second, c3 in the third;
# c4 is not shown. It recognizes them from there; c5, a copy of c1 in new names, too.
CODES = (Block("c1", True, 3, 3, 0, np.log(3), None), Block("c2", False, None, 1, 3, np.log(2), 1 / 3),
         Block("c4", False, None, 1, 4, np.log(2), 1 / 3), Block("c5", True, 3, 3, 5, np.log(3), None))


def _noise(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    digits = random.integers(0, 3, count)
    reals = random.uniform(-1, 1, [count, 2])
    return np.concatenate([np.eye(3)[digits], reals, np.eye(3)[(digits + 1) % 3]], axis=1)


def _image(points):
    """uint8 [N, 1, 2, 1]."""
    return np.stack([points[:, :3].argmax(1) * 100, np.rint((points[:, 3] + 1) * 127)], 1).astype(
        np.uint8)[:, None, :, None]


class _Model:
    """What a metric may ask of a generator (metrics.base.Generator). codes: those that it says it has."""

    def __init__(self, codes=CODES):
        self.description = Description(8, False, (1, 2, 1), (0.0, 1.0), codes)

    def draw(self, count: int, seed: int) -> LatentSample:
        return LatentSample(_noise(count, seed))

    def recognize(self, images: np.ndarray) -> dict[str, np.ndarray]:
        flat = images.reshape(-1, 2)
        one = 0.97 * np.eye(3)[flat[:, 0] // 100] + 0.01
        mean = flat[:, 1:] / 127.0 - 1
        return {"c1_probabilities": one, "c2_mean": mean, "c2_stddev": np.ones_like(mean),
                "c4_mean": np.zeros_like(mean), "c4_stddev": np.ones_like(mean),
                "c5_probabilities": np.roll(one, 1, axis=1)}


def _real(seed: int, count: int) -> ImageDataset:
    """Cluster k is class (k + 1) mod 3, but for a tenth."""
    points = _noise(count, seed)
    labels = (points[:, :3].argmax(1) + 1) % 3
    labels[::10] = (labels[::10] + 1) % 3
    return ImageDataset("some", _image(points), labels.astype(np.int32))


def _subject(**changes) -> metrics.Subject:
    parts = {"train": _real(10, 300), "test": _real(11, 200)}
    return metrics.Subject(**{"generate": lambda count: _image(_noise(count, 4)), "load": parts.__getitem__,
                              "model": _Model(), "seed": 4, **changes})


def test_the_report_of_known_codes():
    (metric,) = metrics.build("codes(samples=900)").values()
    found = metric(_subject())
    assert {name: found[f"{name}_verdict"] for name in ("c1", "c2", "c4", "c5")} == {
        "c1": "used", "c2": "used", "c4": "dead", "c5": "redundant"}
    assert found["c1_accuracy"] == found["c1_purity"] == found["c5_accuracy"] == 0.9
    assert found["c1_classes"] == "1, 2, 0"
    assert found["c1_confusion"].counts.sum() == 200
    np.testing.assert_allclose(found["c1_information_nats"], np.log(3) + np.log(0.98), rtol=1e-6)
    np.testing.assert_allclose(found["c1_share"], 1 + np.log(0.98) / np.log(3), rtol=1e-6)
    assert found["c2_correlation"] > 0.999
    assert found["c2_share"] > 0.999
    assert found["c4_correlation"] == 0
    assert found["c4_share"] == pytest.approx(0, abs=0.05)
    np.testing.assert_allclose(found["c2_information_nats"], np.log(2) - np.log(2 * np.pi) / 2, atol=1e-4)
    assert found["samples"] == 900


def test_classes_have_their_names():
    parts = {"train": _real(10, 300), "test": _real(11, 200)}
    for data in parts.values():
        data.class_names = ("cat", "dog", "sea eel")
    found = codes.Codes(samples=100)(_subject(load=parts.__getitem__))
    assert found["c1_classes"] == "dog, sea eel, cat"
    assert found["c1_confusion"].column_names == ("cat", "dog", "sea eel")
    assert codes._named(np.array([-1, 1, 2]), ("cat", "dog")) == "-, dog, 2"


def test_without_labels_there_is_no_accuracy():
    bare = {part: ImageDataset("some", _real(0, 50).images) for part in ("train", "test")}
    found = codes.Codes(samples=100)(_subject(load=bare.__getitem__))
    assert "c1_accuracy" not in found
    assert found["c1_verdict"] == "used"


@pytest.mark.parametrize("model", [None, _Model(codes=())])
def test_no_codes(model):
    with pytest.raises(UserError, match="codes: this export has none; it needs a run whose --latent has codes"):
        codes.Codes()(_subject(model=model))


@pytest.mark.parametrize("spec", ["codes(samples=1)", "codes(test_images=0)", "codes(train_images=10000000)"])
def test_bad_arguments(spec):
    with pytest.raises(UserError, match="codes: "):
        metrics.build(spec)
