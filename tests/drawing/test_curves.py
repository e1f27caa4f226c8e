"""Curves: the thinning against NumPy, the files against what a reader of PNG finds in them."""

import os

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing.curves import Change, Checks, Watched, _apart, curves, thin

KEYS = ("discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated")


def _history(steps: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"step": np.arange(1, steps + 1), **{key: rng.uniform(0, 1, steps) for key in KEYS}}


def test_thin_gives_mean_and_range_of_each_stretch():
    values = np.random.default_rng(0).normal(size=[30, 7])
    mean, least, most = thin(values.ravel(), 30)
    np.testing.assert_allclose(mean, values.mean(axis=1))
    np.testing.assert_array_equal(least, values.min(axis=1))
    np.testing.assert_array_equal(most, values.max(axis=1))


def test_thin_covers_uneven_lengths_and_keeps_short_ones():
    mean, least, most = thin(np.arange(1003), 10)
    assert (len(mean), least[0], most[-1]) == (10, 0, 1002)
    np.testing.assert_array_equal(least[1:], most[:-1] + 1)
    np.testing.assert_array_equal(thin([3, 1, 2], 10)[0], [3, 1, 2])
    assert len(thin([], 10)[0]) == 0


def test_thin_leaves_out_what_is_not_finite():
    mean, least, most = thin([1, np.nan, 3, np.inf, np.nan, -np.inf], 2)
    np.testing.assert_array_equal([mean, least, most], [[2, np.nan], [1, np.nan], [3, np.nan]])


@pytest.mark.parametrize("steps", [0, 1, 2, 40, 200_000])
def test_curves_writes_one_picture_of_any_length(tmp_path, steps):
    curves(_history(steps), tmp_path / "curves.png", title="a run")
    with Image.open(tmp_path / "curves.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 500))
    assert os.listdir(tmp_path) == ["curves.png"]


def _inks(path, color) -> np.ndarray:
    """How near each pixel is to a colour: booleans [500, 1200]."""
    with Image.open(path) as picture:
        return np.abs(np.asarray(picture.convert("RGB"), int) - color).max(axis=-1) < 12


def test_curves_puts_values_where_they_belong(tmp_path):
    steps = 300
    history = {"step": np.arange(steps), "discriminator_loss": np.full(steps, 1.0),
               "generator_loss": np.full(steps, 3.0), "accuracy_real": np.full(steps, 1.0),
               "accuracy_generated": np.full(steps, 0.0)}
    curves(history, tmp_path / "a.png")
    blue, orange = (_inks(tmp_path / "a.png", color)[120:] for color in [(43, 108, 176), (217, 98, 43)])
    blue_rows, orange_rows = blue[:, :600].any(axis=1).nonzero()[0], orange[:, :600].any(axis=1).nonzero()[0]
    assert len(blue_rows)
    assert len(orange_rows) == 0  # above the rows looked at: 3 is at the top
    top = _inks(tmp_path / "a.png", (217, 98, 43))[50:120, :600]
    assert top.any(axis=1).sum() >= 1
    assert orange[:, 650:].any()  # an accuracy of 0 is at the bottom


def test_a_spike_does_not_flatten_the_losses(tmp_path):
    """The rest of the picture stays what it is without the spike."""
    history = _history(3000)
    curves(history, tmp_path / "calm.png")
    history["generator_loss"][1500] = 1e9
    history["discriminator_loss"][1700] = np.nan
    curves(history, tmp_path / "spike.png")
    rows = [_inks(tmp_path / name, (43, 108, 176))[120:, :600].any(axis=1).nonzero()[0]
            for name in ("calm.png", "spike.png")]
    assert np.ptp(rows[1]) > 0.5 * np.ptp(rows[0])


def test_curves_of_a_diverged_run(tmp_path):
    history = _history(100) | {"discriminator_loss": np.full(100, np.nan), "generator_loss": np.full(100, np.inf)}
    curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").is_file()


@pytest.mark.parametrize(("watched", "checked", "size"), [
    (1, False, (1800, 500)), (0, True, (1800, 500)), (4, True, (1200, 1000))])
def test_curves_has_a_panel_for_what_is_watched_and_for_checks(tmp_path, watched, checked, size):
    history = _history(60)
    checks = Checks(np.array([10, 20]), np.array([9.0, 3.0]), np.array([0.1, 0.4]), [
        *(Change(10 + index, "too early to tell") for index in range(20)), Change(30, "collapsed", True)], (0.1, 0.9))
    curves(history, tmp_path / "curves.png", checks=checks if checked else None,
           watched=[Watched(f"I(c{index})", history["generator_loss"], 1.5) for index in range(watched)])
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == size


def test_a_verdict_is_marked_where_it_came_and_in_its_colour(tmp_path):
    history, where = {"step": np.arange(101), **{key: np.full(101, 0.5) for key in KEYS}}, {}
    for step in (20, 80):
        checks = Checks(np.array([10]), np.array([9.0]), np.array([0.1]), [Change(step, "collapsed", True)])
        curves(history, tmp_path / "curves.png", checks=checks)
        with Image.open(tmp_path / "curves.png") as picture:
            shown = np.asarray(picture.convert("RGB"), int)[150:350]
        reddish = (shown[..., 0] - shown[..., 1] > 40) & (np.abs(shown[..., 1] - shown[..., 2]) < 25)
        columns = np.flatnonzero(reddish.mean(axis=0) > 0.9)
        where[step] = [int(columns[columns // 600 == panel].mean()) for panel in range(3)]
    assert all(early + 250 < late for early, late in zip(where[20], where[80], strict=True))


def test_numbers_of_verdicts_keep_apart_within_the_width():
    for places in ([0.1, 0.1, 0.101], [0.99, 1.0, 1.0], [0.0], []):
        moved = _apart(places)
        assert len(moved) == len(places)
        assert all(0 <= place < 1 for place in moved)
        assert all(np.diff(moved) > 0.02)
