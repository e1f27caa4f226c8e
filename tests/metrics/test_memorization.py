"""AuthPct and C_T: by hand, against SciPy, on digits that are copied or new, and the values computed on MNIST."""

import numpy as np
import pytest
import scipy.stats

from gan_zoo import metrics
from gan_zoo.data import load
from gan_zoo.errors import UserError
from gan_zoo.features.raw import flat
from gan_zoo.metrics.memorization import authenticity, copying_score, nearest, rank_score
from tests.data_request import request
from tests.features.small_digits import part
from tests.metrics.sorted_images import measured

TRAIN, TEST, NEW = part(0, 1000), part(1000, 1400), part(1400, 1797)
SPEC = "memorization(cells=3)"


def _subject(made: np.ndarray, **changes) -> metrics.Subject:
    parts = {"train": TRAIN, "test": TEST, "all": TRAIN}
    return metrics.Subject(**{"generate": lambda count: made[:count], "load": parts.__getitem__, **changes})


def _noisy(images: np.ndarray, stddev: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, stddev, images.shape)
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def test_authenticity_by_hand():
    """Training points 0, 1 and 4: 0.4 is 0.4 from 0, whose nearest is 1 away; 6 is 2 from 4, whose nearest is 3."""
    found = authenticity(np.array([[0.4], [6.0], [9.0], [1.0]]), np.array([[0.0], [1.0], [4.0]]))
    np.testing.assert_allclose(found, [0.4, 2 / 3, 5 / 3, 0])


def test_authenticity_beside_a_training_image_that_occurs_twice():
    found = authenticity(np.array([[2.0], [2.5]]), np.array([[2.0], [2.0], [9.0]]))
    np.testing.assert_array_equal(found, [0, np.inf])


def test_nearest_as_in_numpy():
    rng = np.random.default_rng(0)
    queries, points = rng.normal(size=[20, 5]), rng.normal(size=[30, 5])
    distances = np.linalg.norm(queries[:, np.newaxis] - points, axis=-1)
    found, rows = nearest(queries, points, 3)
    np.testing.assert_array_equal(rows, distances.argsort(axis=1)[:, :3])
    np.testing.assert_allclose(found, np.sort(distances, axis=1)[:, :3])


@pytest.mark.parametrize("shift", [-0.5, 0.0, 2.0])
def test_the_rank_score_is_that_of_the_mann_whitney_test(shift):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=60) + shift, np.round(rng.normal(size=80), 1)
    statistic = scipy.stats.mannwhitneyu(one, other).statistic
    assert rank_score(one, other) == pytest.approx((statistic - 2400 + 0.5) / np.sqrt(4800 * 141 / 12))


def test_the_least_rank_score():
    """All are nearer: −(N M / 2) over the spread; 2,000 and 2,000 give −54.8."""
    assert rank_score(np.zeros(2000), np.ones(2000)) == pytest.approx(-54.77, abs=5e-3)


def test_its_error_is_the_spread_where_nothing_is_copied():
    rng = np.random.default_rng(0)
    found = np.array([copying_score(*(rng.normal(size=[count, 2]) for count in (200, 300, 400)), cells=3)
                      for _ in range(60)])
    assert abs(found[:, 0].mean()) < 0.4
    assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.35)  # training points are drawn too


def test_it_is_the_mean_over_cells_by_their_test_images():
    """Two places far from each other, the left with 100 test points of 300; generated points are copies only there."""
    rng = np.random.default_rng(0)
    train, test, made = ([rng.normal(size=[near, 2]), rng.normal(size=[far, 2]) + np.array([500, 0])]
                         for near, far in ((150, 150), (100, 200), (0, 80)))
    made[0] = train[0] + 1e-3
    scores = [rank_score(*(nearest(rows[place], train[place])[0][:, 0] for rows in (made, test))) for place in (0, 1)]
    found = copying_score(*map(np.concatenate, (made, test, train)), cells=2)
    assert found == (pytest.approx(scores[0] / 3 + 2 * scores[1] / 3), pytest.approx(np.sqrt(5) / 3))
    assert scores[0] < -10
    assert abs(scores[1]) < 3


def test_cells_that_are_too_empty_are_one():
    rng = np.random.default_rng(0)
    sets = [rng.normal(size=[count, 2]) for count in (30, 30, 100)]
    assert copying_score(*sets, cells=50) == copying_score(*sets, cells=1)


def test_new_images_are_authentic():
    found = measured(SPEC, _subject(NEW.images))
    assert abs(found["c_t"]) < 4 * found["c_t_standard_error"]
    assert abs(found["c_t_floor"]) < 4 * found["c_t_standard_error"]
    assert found["authentic"] == pytest.approx(found["authentic_floor"], abs=5 * found["authentic_standard_error"])
    assert 0.4 < found["authentic"] < 0.7
    assert (found["samples"], found["real_images"], found["train_images"]) == (200, 200, 1000)
    assert found["features"].startswith("pca(components=64) ")
    assert "warning" not in found


@pytest.mark.parametrize("noise", [0, 5], ids=["copies", "copies with noise"])
def test_a_copycat_is_caught(noise):
    found = measured(SPEC, _subject(_noisy(TRAIN.images[::3], noise)))
    assert found["authentic"] < 0.02
    assert found["c_t"] < -8 * found["c_t_standard_error"]
    assert found["authentic_floor"] > 0.4


def test_so_is_a_half_copycat():
    made = np.stack([TRAIN.images[:200], NEW.images[:200]], axis=1).reshape(-1, 8, 8, 1)
    found = measured(SPEC, _subject(made))
    assert found["authentic"] == pytest.approx(found["authentic_floor"] / 2, abs=0.1)
    assert found["c_t"] < -4 * found["c_t_standard_error"]


def test_noise_is_no_copy():
    """It is farther from training images than real ones are: underfitting, C_T above 0."""
    found = measured(SPEC, _subject(np.random.default_rng(0).integers(0, 256, [300, 8, 8, 1]).astype(np.uint8)))
    assert found["authentic"] > 0.99
    assert found["c_t"] > 8 * found["c_t_standard_error"]


def test_images_that_are_all_the_same():
    found = measured(SPEC, _subject(np.repeat(NEW.images[:1], 300, axis=0)))
    assert found["authentic"] in (0, 1)
    assert np.isfinite(found["c_t"])


def test_the_picture_has_the_likeliest_copies_beside_what_they_are_copies_of():
    made = NEW.images[:200].copy()
    made[[70, 150]] = TRAIN.images[[11, 500]]
    picture = measured(SPEC, _subject(made))["nearest_training_images"]
    assert picture.images.shape == (10, 6, 8, 8, 1)
    np.testing.assert_array_equal(picture.images[:2, 0], TRAIN.images[[11, 500]])
    np.testing.assert_array_equal(picture.images[:2, 1], TRAIN.images[[11, 500]])
    assert "left" in picture.title


def test_without_held_out_images_it_says_so():
    found = measured(SPEC, _subject(NEW.images, held_out=False))
    assert not {"c_t", "c_t_floor", "authentic_floor"} & found.keys()
    assert found["warning"].startswith("test images were trained on")
    assert (found["samples"], 0.4 < found["authentic"] < 0.7) == (397, True)


def test_too_few_images():
    with pytest.raises(UserError, match="memorization needs at least 20 images on either side, here are 19"):
        measured("memorization", _subject(NEW.images[:19]))


def test_enough_images_suit():
    suits = metrics.metrics["memorization"].suits
    assert suits(_subject(NEW.images))
    assert not suits(_subject(NEW.images, load={"train": TRAIN, "test": part(0, 39)}.__getitem__))
    points = load(request("mixture_1d"))
    assert not suits(metrics.Subject(lambda count: points.images, lambda part: points))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=19", "memorization: samples must be .* at least 20"), ("train_images=2", "memorization: train_images"),
    ("cells=0", "memorization: cells must be"), ("cells=2000000", "memorization: cells"),
    ("features='pcb'", "unknown feature space 'pcb'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"memorization({arguments})")


@pytest.mark.parametrize(("name", "share", "score"), [("other training images", 0.606, -2.0), ("test", 0.632, -0.7),
                                                      ("copies", 0.0, -54.7), ("half copies", 0.309, -27.9)])
def test_mnist_pixels_as_computed_elsewhere(mnist, name, share, score):
    train, test = (flat(mnist(split).images) for split in ("train[:12000]", "test[:4000]"))
    known, other = train[:10_000], train[10_000:]
    copies = np.clip(known[:2000] + np.random.default_rng(0).normal(0, 0.05, [2000, 784]), 0, 1).astype(np.float32)
    judged = {"other training images": other, "test": test[2000:], "copies": copies,
              "half copies": np.concatenate([copies[:1000], other[:1000]])}[name]
    assert (authenticity(judged, known) > 1).mean() == pytest.approx(share, abs=1e-3)
    distances, others = (nearest(rows, known)[0][:, 0] for rows in (judged, test[:2000]))
    assert rank_score(distances, others) == pytest.approx(score, abs=0.05)
