"""Plots: the pictures against what is drawn into them."""

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing import plots


@pytest.mark.parametrize(("shape", "size"), [((3, 10), (750, 270)), ((1000, 2), (270, 1620))])
def test_confusion_keeps_to_a_size(tmp_path, shape, size):
    plots.confusion(np.ones(shape, int), "class", "predicted class", tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert (picture.format, picture.size) == ("PNG", size)


_ORANGE, _BLUE = (217, 98, 43), (43, 108, 176)


def _tall(picture: np.ndarray, color) -> np.ndarray:
    """The columns of the plot in which a colour rises well above the axis."""
    return (np.abs(picture[60:250].astype(int) - color).max(axis=-1) < 30).any(axis=0).nonzero()[0]


def test_points_of_one_dimension_are_two_histograms_on_fixed_axes():
    rng = np.random.default_rng(0)
    real = rng.normal(size=[4000, 1, 1, 1])
    alone = plots.points(real=real)
    low, high = (plots.points(real=real, generated=rng.normal(mean, 0.2, [500, 1])) for mean in (-2, 2))
    assert alone.shape == low.shape == (450, 800, 3)
    assert alone.dtype == np.uint8
    assert len(_tall(alone, _ORANGE)) == 0
    assert np.ptp(_tall(alone, _BLUE)) > 150
    for picture in (low, high):
        np.testing.assert_array_equal(picture[-40:], alone[-40:])  # the axis
    tall = [_tall(picture, _ORANGE) for picture in (low, high)]
    assert tall[0].max() < 400 < tall[1].min()  # left and right of the middle


def test_points_outside_are_told_and_change_no_axis():
    real = np.random.default_rng(0).normal(size=[4000, 1])
    inside, outside = (plots.points(real=real, generated=np.full([100, 1], value)) for value in (0.0, 1e9))
    assert len(_tall(inside, _ORANGE))
    assert not len(_tall(outside, _ORANGE))
    assert not np.array_equal(inside[:50], outside[:50])  # the legend
    np.testing.assert_array_equal(inside[-40:], outside[-40:])  # the axis
    plots.points(real=real, generated=np.full([100, 1], np.nan))


def test_points_of_a_plane_are_dots():
    rng = np.random.default_rng(0)
    real = rng.uniform(-1, 1, [3000, 1, 1, 3])
    picture = plots.points(real=real, generated=np.full([500, 3], 0.9) + rng.normal(size=[500, 3]) * 0.01)
    rows, columns = (np.abs(picture[60:].astype(int) - _ORANGE).max(axis=-1) < 30).nonzero()
    assert len(rows)
    assert rows.max() < 195  # of 390: above the middle
    assert columns.min() > 400
    assert np.abs(picture[60:].astype(int) - _BLUE).max(axis=-1).min() < 30


@pytest.mark.parametrize("values", [
    np.zeros([1, 1]), np.zeros([5, 2]), np.full([3, 1], np.inf), np.zeros([7, 1, 1, 1])])
def test_points_that_are_few_or_strange(values):
    assert plots.points(generated=values).shape == (450, 800, 3)
