"""Precision, recall, density and coverage against published vectors, the authors' package, and cases worked by hand."""

import numpy as np
import prdc as authors
import pytest

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.features import raw
from gan_zoo.metrics.prdc import prdc
from tests.metrics.vectors import measured, normal, subject, turned

NAMES = ("precision", "recall", "density", "coverage")


def _column(*values) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


REAL, MADE = _column(0, 1, 2, 3, 4, 5), _column(0.5, 1.5, 2.5, 10, 11, 12)


@pytest.mark.parametrize(("k", "expected"), [(1, (1 / 2, 2 / 3, 1, 2 / 3)), (2, (1 / 2, 5 / 6, 7 / 12, 2 / 3))])
def test_by_hand(k, expected):
    assert tuple(prdc(MADE, REAL, k).values()) == pytest.approx(expected)


@pytest.mark.parametrize(("made", "real", "dimensions", "k"), [
    (200, 200, 5, 5), (150, 250, 2, 3), (300, 100, 1, 1), (7, 7, 40, 5)])
def test_as_the_authors(made, real, dimensions, k):
    generated, known = 0.2 + 0.9 * normal(made, dimensions, 1), normal(real, dimensions, 2)
    expected = authors.compute_prdc(known, generated, nearest_k=k)
    assert prdc(generated, known, k) == pytest.approx({name: expected[name] for name in NAMES})


def test_two_samples_of_a_high_dimensional_gaussian():
    """Published for 10,000 of N(0, I_1000), k = 5, of one draw: a vector near the mean is in very many balls."""
    found = prdc(normal(10_000, 1000, 3), normal(10_000, 1000, 4))
    for name, published, error in zip(NAMES, (0.4772, 0.4705, 1.0555, 0.9735), (0.03, 0.03, 0.08, 0.01), strict=True):
        assert found[name] == pytest.approx(published, abs=error)


@pytest.mark.parametrize(("kept", "split", "expected", "error"), [
    (range(10), "train[5000:10000]", (0.940, 0.943, 0.999, 0.968), 0.008),
    ([0, 1, 2, 3, 5, 6, 7, 8, 9], "train[5000:10000]", (0.941, 0.889, 1.002, 0.895), 0.015),
    ([1], "train[5000:50000]", (0.972, 0.139, 1.127, 0.157), 0.03)], ids=["all", "no fours", "ones"])
def test_real_mnist_images_as_computed_elsewhere(mnist, kept, split, expected, error):
    """Up to 5,000 against 5,000 others, of their pixels; which ones they were elsewhere is not known."""
    others = mnist(split)
    made = raw.flat(others.images[np.isin(others.labels, kept)][:5000])
    found = prdc(made, raw.flat(mnist("train[:5000]").images))
    assert tuple(found.values()) == pytest.approx(expected, abs=error)


def test_copies_of_the_real_images():
    real = normal(500, 30, 5)
    assert tuple(prdc(real, real).values()) == (1, 1, 1, 1)


def test_one_image_only():
    """At the centre of 400 real ones it is in many balls; its own ball is a point, which holds nothing."""
    found = prdc(np.zeros([100, 2], np.float32), normal(400, 2, 6))
    assert (found["precision"], found["recall"]) == (1, 0)
    assert found["coverage"] < 0.1


def test_a_missing_half_and_strangers():
    real = np.concatenate([normal(300, 2, 7), normal(300, 2, 8) + 100])
    found = prdc(normal(300, 2, 9), real)
    assert found["precision"] > 0.9
    assert found["recall"] == pytest.approx(0.5, abs=0.05)
    assert found["coverage"] == pytest.approx(0.5, abs=0.05)
    assert tuple(prdc(normal(300, 2, 9) - 1000, real).values()) == (0, 0, 0, 0)


def test_turned_moved_and_scaled_alike():
    generated, real = normal(200, 6, 10), normal(220, 6, 11)
    generated, real, turn = 7 * generated, 7 * real, turned(6)
    assert prdc(generated @ turn + 3, real @ turn + 3) == pytest.approx(prdc(generated, real))


def test_in_a_measurement():
    found = measured("prdc('raw', samples=300, neighbours=3)", subject(normal(300, 2, 13), normal(800, 2, 14)))
    assert (found["samples"], found["real_images"], found["neighbours"], found["features"]) == (300, 300, 3, "raw")
    assert {f"{name}{end}" for name in NAMES for end in ("", "_floor")} <= found.keys()
    assert found["coverage"] == pytest.approx(found["coverage_floor"], abs=0.1)


def test_too_few_images():
    with pytest.raises(UserError, match="prdc with neighbours=5 needs at least 6 images on either side, here are 4: "
                                        "take more samples") as caught:
        measured("prdc('raw')", subject(normal(4, 2, 15), normal(100, 2, 16)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "prdc: samples must be .* at least 2, got 1"), ("samples=2000000", "prdc: samples .* at most"),
    ("neighbours=0", "prdc: neighbours must be .* at least 1"), ("samples=5", "prdc: neighbours .* at most 4, got 5"),
    ("features='pac'", "unknown feature space 'pac': did you mean 'pca'"), ("k=3", "prdc has no argument 'k'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"prdc({arguments})")
