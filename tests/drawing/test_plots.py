"""Plots: the thinning against NumPy, the files against what a reader of PNG and GIF finds in them."""

import os

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing import plots

KEYS = ("discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated")


def _history(steps: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"step": np.arange(1, steps + 1), **{key: rng.uniform(0, 1, steps) for key in KEYS}}


def test_thin_gives_mean_and_range_of_each_stretch():
    values = np.random.default_rng(0).normal(size=[30, 7])
    mean, least, most = plots.thin(values.ravel(), 30)
    np.testing.assert_allclose(mean, values.mean(axis=1))
    np.testing.assert_array_equal(least, values.min(axis=1))
    np.testing.assert_array_equal(most, values.max(axis=1))


def test_thin_covers_uneven_lengths_and_keeps_short_ones():
    mean, least, most = plots.thin(np.arange(1003), 10)
    assert (len(mean), least[0], most[-1]) == (10, 0, 1002)
    np.testing.assert_array_equal(least[1:], most[:-1] + 1)
    np.testing.assert_array_equal(plots.thin([3, 1, 2], 10)[0], [3, 1, 2])
    assert len(plots.thin([], 10)[0]) == 0


def test_thin_leaves_out_what_is_not_finite():
    mean, least, most = plots.thin([1, np.nan, 3, np.inf, np.nan, -np.inf], 2)
    np.testing.assert_array_equal([mean, least, most], [[2, np.nan], [1, np.nan], [3, np.nan]])


@pytest.mark.parametrize("steps", [0, 1, 2, 40, 200_000])
def test_curves_writes_one_picture_of_any_length(tmp_path, steps):
    plots.curves(_history(steps), tmp_path / "curves.png", title="a run")
    with Image.open(tmp_path / "curves.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 500))
    assert os.listdir(tmp_path) == ["curves.png"]


@pytest.mark.parametrize(("shape", "size"), [((3, 10), (750, 270)), ((1000, 2), (270, 1620))])
def test_confusion_keeps_to_a_size(tmp_path, shape, size):
    plots.confusion(np.ones(shape, int), "class", "predicted class", tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert (picture.format, picture.size) == ("PNG", size)


def _inks(path, color) -> np.ndarray:
    """How near each pixel is to a colour: booleans [500, 1200]."""
    with Image.open(path) as picture:
        return np.abs(np.asarray(picture.convert("RGB"), int) - color).max(axis=-1) < 12


def test_curves_puts_values_where_they_belong(tmp_path):
    steps = 300
    history = {"step": np.arange(steps), "discriminator_loss": np.full(steps, 1.0),
               "generator_loss": np.full(steps, 3.0), "accuracy_real": np.full(steps, 1.0),
               "accuracy_generated": np.full(steps, 0.0)}
    plots.curves(history, tmp_path / "a.png")
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
    plots.curves(history, tmp_path / "calm.png")
    history["generator_loss"][1500] = 1e9
    history["discriminator_loss"][1700] = np.nan
    plots.curves(history, tmp_path / "spike.png")
    rows = [_inks(tmp_path / name, (43, 108, 176))[120:, :600].any(axis=1).nonzero()[0]
            for name in ("calm.png", "spike.png")]
    assert np.ptp(rows[1]) > 0.5 * np.ptp(rows[0])


def test_curves_of_a_diverged_run(tmp_path):
    history = _history(100) | {"discriminator_loss": np.full(100, np.nan), "generator_loss": np.full(100, np.inf)}
    plots.curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").is_file()


def _frames(path) -> tuple[list[np.ndarray], list[int]]:
    with Image.open(path) as gif:
        frames, durations = [], []
        for index in range(gif.n_frames):
            gif.seek(index)
            frames.append(np.asarray(gif.convert("L")))
            durations.append(gif.info["duration"])
        assert gif.info["loop"] == 0
        return frames, durations


def _pictures(folder, levels) -> list:
    paths = [folder / f"{index:06}.png" for index in range(len(levels))]
    for path, level in zip(paths, levels, strict=True):
        Image.fromarray(np.full([6, 9], level, np.uint8)).save(path)
    return paths


def test_progress_gif_shows_every_picture_and_holds_the_last(tmp_path):
    levels = [0, 60, 120, 180, 240]
    plots.progress_gif(_pictures(tmp_path, levels), tmp_path / "p.gif", seconds=4)
    frames, durations = _frames(tmp_path / "p.gif")
    assert [int(frame.mean()) for frame in frames] == levels
    assert frames[0].shape == (6, 9)
    assert durations[-1] == max(durations)
    assert sum(durations) == pytest.approx(4000, abs=100)


def test_progress_gif_thins_a_long_run(tmp_path):
    plots.progress_gif(_pictures(tmp_path, list(range(200))), tmp_path / "p.gif")
    frames, durations = _frames(tmp_path / "p.gif")
    means = [int(frame.mean()) for frame in frames]
    assert (len(frames), means[0], means[-1]) == (60, 0, 199)
    assert set(np.diff(means)) == {3, 4}
    assert sum(durations) == pytest.approx(6000, abs=700)


def test_progress_gif_in_colour_and_of_one_picture(tmp_path):
    Image.fromarray(np.full([4, 4, 3], [200, 30, 60], np.uint8)).save(tmp_path / "a.png")
    plots.progress_gif([tmp_path / "a.png"], tmp_path / "p.gif")
    with Image.open(tmp_path / "p.gif") as gif:
        np.testing.assert_allclose(np.asarray(gif.convert("RGB"), int), np.full([4, 4, 3], [200, 30, 60]), atol=4)
    with pytest.raises(ValueError, match="at least one"):
        plots.progress_gif([], tmp_path / "none.gif")
    assert sorted(os.listdir(tmp_path)) == ["a.png", "p.gif"]


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
