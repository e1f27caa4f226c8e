"""Checkerboards against closed forms, patterns of known strength, a transposed convolution, and real MNIST."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import metrics
from gan_zoo.data import ImageDataset, load
from gan_zoo.errors import UserError
from gan_zoo.metrics.checkerboard import nyquist_excess, nyquist_powers, phase_means, variation
from tests.data_request import request

COVERED = np.array([[9, 6], [6, 4]])  # how often a 5x5 kernel of stride 2 covers a pixel


def _noise(count=300, shape=(28, 28, 1), seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 20, [count, *shape])


def _patterned(images: np.ndarray, contrast: float, cell=COVERED) -> np.ndarray:
    """Images times a pattern of mean 1: at contrast 1 the cell itself, at 0 none."""
    height, width = images.shape[1:3]
    pattern = np.tile(cell / cell.mean(), (-(-height // 2), -(-width // 2)))[:height, :width, np.newaxis]
    return images * (1 + contrast * (pattern - 1))


def test_of_one_wave_it_is_the_wave():
    """A wave of the highest frequency and one of the frequency below it, of powers 4 and 1 in the three bins: 12."""
    x = np.arange(28)
    wave = 2 * np.cos(np.pi * x) + 2 * np.cos(2 * np.pi * 13 / 28 * x)  # a real wave's power is halved in two bins
    images = np.broadcast_to(wave[:, np.newaxis, np.newaxis], [1, 28, 28, 1])
    assert nyquist_excess(images) == (pytest.approx(10 * np.log10(12), abs=1e-6), pytest.approx(0, abs=1e-9))


def test_white_noise_has_none():
    value, error = nyquist_excess(_noise(4000, (16, 16, 1)))
    assert 0.02 < error < 0.08
    assert abs(value) < 4 * error


@pytest.mark.parametrize("turned", [lambda x: x, lambda x: x.transpose(0, 2, 1, 3), lambda x: x[:, ::-1],
                                    lambda x: 3 * x, lambda x: 255 - x, lambda x: x.repeat(3, axis=-1)],
                         ids=["itself", "transposed", "upside down", "brighter", "inverted", "in colour"])
def test_nothing_else_changes_it(turned):
    images = _noise(20)
    assert nyquist_excess(turned(images)) == pytest.approx(nyquist_excess(images), rel=1e-6)


def test_its_standard_error_is_the_spread_of_other_draws():
    found = np.array([nyquist_excess(_noise(50, (12, 12, 1), seed)) for seed in range(200)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15)


def test_an_odd_side_is_cut():
    images = _noise(20, (29, 31, 1))
    np.testing.assert_array_equal(nyquist_powers(images), nyquist_powers(images[:, :28, :30]))
    np.testing.assert_array_equal(phase_means(images), phase_means(images[:, :28, :30]))


def test_images_of_one_colour_have_none():
    for level in (0, 7, 255):
        images = np.full([3, 16, 16, 3], level, np.uint8)
        assert nyquist_excess(images) == (pytest.approx(0, abs=1e-3), pytest.approx(0, abs=1e-3))
        assert variation(phase_means(images)) == 0


def test_phases_of_a_pattern_are_its_own():
    images = _patterned(np.full([2, 10, 12, 1], 100.0), 1)
    np.testing.assert_allclose(phase_means(images), COVERED * 100 / 6.25)
    assert variation(phase_means(images)) == pytest.approx(0.286, abs=5e-4)  # as published


@pytest.mark.parametrize(("size", "expected"), [(5, 0.286), (4, 0.0), (3, 0.484), (2, 0.0)])
def test_a_transposed_convolution_of_ones(size, expected):
    """Stride 2 of ones: a kernel whose size it divides leaves no pattern. 3x3: 4, 2, 2 and 1 times."""
    ones = tf.ones([1, 20, 20, 1])
    made = tf.nn.conv2d_transpose(ones, tf.ones([size, size, 1, 1]), [1, 40, 40, 1], 2, "SAME").numpy()
    assert variation(phase_means(made[:, 6:-6, 6:-6])) == pytest.approx(expected, abs=5e-4)


def _subject(made: np.ndarray, real: np.ndarray) -> metrics.Subject:
    parts = {"train": ImageDataset("some", real[::2]), "test": ImageDataset("some", real[1::2])}
    return metrics.Subject(lambda count: made[:count], parts.__getitem__)


def _measured(made: np.ndarray, real: np.ndarray, spec="checkerboard") -> dict:
    (metric,) = metrics.build(spec).values()
    return metric(_subject(made, real))


def _bytes(images: np.ndarray) -> np.ndarray:
    return np.clip(np.round(images), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("contrast", "found"), [(0.0, False), (0.2, True), (1.0, True)])
def test_digits_with_a_pattern_are_told_from_digits(contrast, found):
    real = load(request("mnist_5k", split="train[:1500]")).images
    results = _measured(_bytes(_patterned(real[:500], contrast)), real[500:])
    assert (results["checkerboard_db"] > 0.5) == found
    assert (results["phase_variation"] > 0.01) == found
    assert abs(results["checkerboard_db_floor"]) < 0.5
    assert results["phase_variation_floor"] < 0.01
    assert (results["samples"], results["real_images"]) == (500, 500)
    assert results["nyquist_db"] - results["checkerboard_db"] == pytest.approx(
        results["nyquist_db_floor"] - results["checkerboard_db_floor"])


def test_the_phases_are_told():
    made = np.tile(np.array([[10, 20], [30, 40]], np.uint8)[..., np.newaxis], (9, 4, 4, 1))
    assert _measured(made, _bytes(_noise(20, (8, 8, 1))))["phase_means"] == "10.00 20.00 30.00 40.00"


@pytest.mark.parametrize(("made", "real", "message"), [
    (np.zeros([9, 8, 7, 1], np.uint8), np.zeros([9, 8, 7, 1], np.uint8), "at least 8 pixels a side, here are 8x7x1"),
    (np.zeros([1, 8, 8, 1], np.uint8), np.zeros([9, 8, 8, 1], np.uint8), "checkerboard needs at least 2 images")],
    ids=["small", "few"])
def test_images_that_can_not_serve(made, real, message):
    with pytest.raises(UserError, match=message) as caught:
        _measured(made, real)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("arguments", ["samples=1", "samples=2000000", "samples=None"])
def test_mistakes_in_the_spec(arguments):
    with pytest.raises(UserError, match="checkerboard: samples must be"):
        metrics.build(f"checkerboard({arguments})")


def test_it_suits_images_alone():
    real = np.zeros([9, 8, 8, 1], np.uint8)
    assert metrics.metrics["checkerboard"].suits(_subject(real, real))
    small = np.zeros([9, 4, 4, 1], np.uint8)
    assert not metrics.metrics["checkerboard"].suits(_subject(small, small))
    points = load(request("mixture_1d"))
    assert not metrics.metrics["checkerboard"].suits(metrics.Subject(lambda count: points.images, lambda part: points))


@pytest.mark.parametrize(("contrast", "expected", "within"), [(0.0, -0.94, 0.01), (0.2, 0.77, 0.1), (1.0, 5.2, 0.1)])
def test_real_mnist_images_as_computed_elsewhere(mnist, contrast, expected, within):
    assert nyquist_excess(_patterned(mnist("test").images, contrast))[0] == pytest.approx(expected, abs=within)


def test_the_phases_of_real_mnist_images(mnist):
    assert variation(phase_means(mnist("test").images)) == pytest.approx(0.0011, abs=5e-5)
