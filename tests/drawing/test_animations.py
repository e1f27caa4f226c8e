"""Animations against what a reader of GIF finds in them."""

import os

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing import animations


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
    animations.progress_gif(_pictures(tmp_path, levels), tmp_path / "p.gif", seconds=4)
    frames, durations = _frames(tmp_path / "p.gif")
    assert [int(frame.mean()) for frame in frames] == levels
    assert frames[0].shape == (6, 9)
    assert durations[-1] == max(durations)
    assert sum(durations) == pytest.approx(4000, abs=100)


def test_progress_gif_thins_a_long_run(tmp_path):
    animations.progress_gif(_pictures(tmp_path, list(range(200))), tmp_path / "p.gif")
    frames, durations = _frames(tmp_path / "p.gif")
    means = [int(frame.mean()) for frame in frames]
    assert (len(frames), means[0], means[-1]) == (60, 0, 199)
    assert set(np.diff(means)) == {3, 4}
    assert sum(durations) == pytest.approx(6000, abs=700)


def test_progress_gif_in_colour_and_of_one_picture(tmp_path):
    Image.fromarray(np.full([4, 4, 3], [200, 30, 60], np.uint8)).save(tmp_path / "a.png")
    animations.progress_gif([tmp_path / "a.png"], tmp_path / "p.gif")
    with Image.open(tmp_path / "p.gif") as gif:
        np.testing.assert_allclose(np.asarray(gif.convert("RGB"), int), np.full([4, 4, 3], [200, 30, 60]), atol=4)
    with pytest.raises(ValueError, match="at least one"):
        animations.progress_gif([], tmp_path / "none.gif")
    assert sorted(os.listdir(tmp_path)) == ["a.png", "p.gif"]
