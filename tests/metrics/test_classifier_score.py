"""The classifier score against closed forms and its definition."""

import numpy as np
import pytest

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics.classifier_score import score, split_scores
from tests.metrics.sorted_images import SURE, data, measured, subject


def _random(count=200, classes=5) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.full(classes, 0.3), count)


@pytest.mark.parametrize("classes", [2, 10])
def test_its_least_and_its_most(classes):
    assert score(np.full([30, classes], 1 / classes)) == pytest.approx(1)
    assert score(np.tile(np.eye(classes), (7, 1))) == pytest.approx(classes)
    assert score(np.eye(classes)[np.zeros(9, int)]) == 1  # all images of one class


def test_of_two_classes_it_is_the_binary_channel():
    """Classes as frequent, each sure to 0.9: exp(log 2 − H(0.9))."""
    entropy = -0.9 * np.log(0.9) - 0.1 * np.log(0.1)
    assert score(np.array([[0.9, 0.1], [0.1, 0.9]])) == pytest.approx(2 * np.exp(-entropy))


def test_as_it_is_defined():
    each = _random()
    kl = (each * np.log(each / each.mean(axis=0))).sum(axis=1)
    assert score(each) == pytest.approx(np.exp(kl.mean()))


def test_order_of_images_and_classes_says_nothing():
    each, rng = _random(), np.random.default_rng(1)
    assert score(each[rng.permutation(200)][:, rng.permutation(5)]) == pytest.approx(score(each))


def test_splits_do_not_follow_the_order_of_the_images():
    """Images that lie class by class are in each part of all classes."""
    scores = split_scores(np.eye(4)[np.repeat(np.arange(4), 500)], 10)
    assert scores.shape == (10,)
    assert scores.min() > 3.8


def test_each_image_is_in_one_part(monkeypatch):
    each = _random(203)
    parts = []
    monkeypatch.setattr("gan_zoo.metrics.classifier_score.score", lambda rows: parts.append(rows) or 1.0)
    split_scores(each, 10)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts), axis=0), np.sort(each, axis=0))
    assert {len(part) for part in parts} == {20, 21}


def test_the_whole_metric():
    found = measured("classifier_score(splits=4)", subject([2] * 400))
    entropy = -SURE * np.log(SURE) - (1 - SURE) * np.log((1 - SURE) / 3)
    assert found["classifier_score"] == pytest.approx(1)
    assert found["classifier_score_standard_error"] == pytest.approx(0, abs=1e-6)
    assert found["classifier_score_floor"] == pytest.approx(4 * np.exp(-entropy), rel=0.03)
    assert (found["classes"], found["splits"], found["samples"]) == (4, 4, 400)


def test_the_standard_error_is_that_of_the_parts():
    made = np.random.default_rng(0).integers(0, 4, 400)
    found = measured("classifier_score(splits=5)", subject(made))
    scores = split_scores(np.where(np.eye(4)[made] > 0, np.float32(SURE), np.float32((1 - SURE) / 3)), 5)
    assert found["classifier_score"] == pytest.approx(scores.mean())
    assert found["classifier_score_standard_error"] == pytest.approx(scores.std(ddof=1) / np.sqrt(5), rel=1e-4)


@pytest.mark.parametrize(("arguments", "message"), [
    ("splits=1", "classifier_score: splits must be"), ("samples=19", "samples must be .* at least 20"),
    ("samples=2000000", "classifier_score: samples"), ("features='pcb'", "unknown feature space 'pcb'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"classifier_score({arguments})")


def test_too_few_real_images():
    with pytest.raises(UserError, match="classifier_score needs at least 20 images on either side, here are 8"):
        measured("classifier_score", subject([0] * 400, data([0, 1] * 4)))
