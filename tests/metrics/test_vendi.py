"""The Vendi score against published values, the whole matrix of similarities, and sets whose score is known."""

import numpy as np
import pytest
import scipy.linalg
from PIL import Image
from sklearn.metrics.pairwise import cosine_similarity

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.features import raw
from gan_zoo.metrics import vendi
from gan_zoo.metrics.vendi import Vendi, cosine_vendi_score, vendi_score
from tests.metrics.vectors import measured, normal, subject, turned

# By digit, of the test images of MNIST, in the README of the authors' vendi_score.
OF_DIGITS = [7.68, 5.31, 12.18, 9.97, 11.10, 13.51, 9.06, 9.58, 9.69, 8.56]


def test_published_examples():
    numbers = np.array([0, 0, 10, 10, 20, 20])
    assert vendi_score(np.exp(-abs(np.subtract.outer(numbers, numbers)))) == pytest.approx(2.9999, abs=1e-4)
    similarities = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])
    assert vendi_score(similarities) == pytest.approx(2.1573005, abs=1e-7)
    assert vendi_score(similarities, 2) == pytest.approx(1.9480519, abs=1e-7)
    assert vendi_score(similarities, 2) == pytest.approx(1 / (similarities**2).mean())


@pytest.mark.parametrize("digit", [0, 1, 5])
def test_the_published_scores_of_digits(mnist, digit):
    test = mnist("test")
    images = test.images[test.labels == digit, ..., 0]
    wide = np.stack([Image.fromarray(image).resize((32, 32), Image.Resampling.BICUBIC) for image in images])
    assert cosine_vendi_score(raw.flat(wide)) == pytest.approx(OF_DIGITS[digit], abs=0.005)


def test_scores_of_pixels(mnist):
    """Made elsewhere."""
    test, train = mnist("test"), mnist("train[:10000]")
    assert cosine_vendi_score(raw.flat(test.images[test.labels == 2])) == pytest.approx(14.51, abs=0.005)
    assert cosine_vendi_score(raw.flat(train.images)) == pytest.approx(24.89, abs=0.005)


@pytest.mark.parametrize(("count", "dimensions"), [(30, 4), (5, 40), (2500, 3)])
@pytest.mark.parametrize("order", [1, 2, 0.5, 7.5])
def test_the_small_matrix_gives_what_the_whole_one_gives(count, dimensions, order):
    rows = normal(count, dimensions, 0) + np.float32(0.3)
    found = cosine_vendi_score(rows, order)
    if order == 2:
        assert found == pytest.approx(1 / (cosine_similarity(rows)**2).mean(), rel=1e-4)
    if count < 100:
        assert found == pytest.approx(vendi_score(cosine_similarity(rows), order), rel=2e-3)


def test_the_exponential_of_von_neumanns_entropy():
    matrix = cosine_similarity(normal(8, 20, 1).astype(np.float64)) / 8
    expected = np.exp(-np.trace(matrix @ scipy.linalg.logm(matrix)))
    assert vendi_score(8 * matrix) == pytest.approx(expected)


def test_orders_near_one_tend_to_it():
    rows = normal(60, 5, 2) + 1
    assert cosine_vendi_score(rows, 1 + 1e-6) == pytest.approx(cosine_vendi_score(rows, 1), rel=1e-5)


@pytest.mark.parametrize("order", [0.5, 1, 2, 30])
def test_k_directions_count_k_times(order):
    """Whatever their lengths; the opposite direction is the same one, since eigenvalues see squares."""
    rows = np.repeat(np.eye(7), 20, axis=0) * np.linspace(1, 9, 140)[:, None]
    assert cosine_vendi_score(rows, order) == pytest.approx(7)
    assert cosine_vendi_score(np.concatenate([rows, -rows]), order) == pytest.approx(7)


def test_unequal_shares():
    """exp of the entropy of the shares."""
    rows = np.repeat(np.eye(3), [70, 20, 10], axis=0)
    expected = np.prod(np.array([0.7, 0.2, 0.1]) ** -np.array([0.7, 0.2, 0.1]))
    assert cosine_vendi_score(rows) == pytest.approx(expected)
    assert cosine_vendi_score(rows, 2) == pytest.approx(1 / (0.49 + 0.04 + 0.01))


def test_images_without_a_direction():
    """Black images are like each other."""
    assert cosine_vendi_score(np.zeros([50, 3])) == pytest.approx(1)
    assert cosine_vendi_score(np.concatenate([np.zeros([40, 3]), np.tile([0.0, 2, 0], [40, 1])])) == pytest.approx(2)


def test_blind_to_rotation_and_length_and_order():
    rows, turn = normal(90, 6, 3) + 1, turned(6)
    expected = cosine_vendi_score(rows)
    assert cosine_vendi_score(5 * rows[::-1] @ turn) == pytest.approx(expected)


def test_blocks_of_any_size_give_the_same(monkeypatch):
    rows = normal(70, 6, 4)
    expected = cosine_vendi_score(rows)
    monkeypatch.setattr(vendi, "_TOGETHER", 9)
    assert cosine_vendi_score(rows) == pytest.approx(expected)


def test_in_a_measurement():
    few = np.repeat(np.eye(6, dtype=np.float32)[:2], 100, axis=0)
    found = measured("vendi('raw', samples=150)", subject(np.random.default_rng(0).permutation(few), normal(400, 6, 5)))
    assert found["vendi"] == pytest.approx(2, abs=0.02)
    assert 5.7 < found["vendi_floor"] <= 6
    assert (found["samples"], found["kernel"], found["features"]) == (150, "cosine", "raw")


def test_too_few_images():
    with pytest.raises(UserError, match="vendi needs at least 2 images on either side, here are 1: take"):
        measured("vendi('raw')", subject(normal(1, 2, 6), normal(20, 2, 7)))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "vendi: samples must be"), ("order=0", "vendi: order must be .* above 0"),
    ("order=101", "vendi: order must be .* at most 100"), ("q=2", "vendi has no argument 'q'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"vendi({arguments})")


def test_a_programmers_view():
    assert Vendi().of(np.eye(4, dtype=np.float32)) == {"vendi": pytest.approx(4)}
