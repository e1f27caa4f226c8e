"""Curves of several runs, and their samples side by side."""

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing import comparisons
from gan_zoo.drawing.comparisons import Course
from gan_zoo.drawing.images import write_png
from gan_zoo.drawing.lettering import shortened

IMAGES = np.arange(1, 6) * 1000.0
BLUE = (0, 114, 178)


def _pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def _count(picture: np.ndarray, color) -> int:
    return int((np.abs(picture.astype(int) - color).max(axis=-1) < 3).sum())


def _course(name: str = "run", level: float = 4.0, band: float | None = None) -> Course:
    deviation = None if band is None else np.full(5, band)
    return Course(name, IMAGES, np.full(5, level), np.full(5, level / 8), deviation, deviation)


def test_a_line_a_course_and_a_band(tmp_path):
    comparisons.curves([_course()], tmp_path / "one.png")
    comparisons.curves([_course(band=0.2)], tmp_path / "band.png")
    one, band = _pixels(tmp_path / "one.png"), _pixels(tmp_path / "band.png")
    width = one.shape[1]
    left, right = one[:, :width // 2], one[:, width // 2:]
    assert min(_count(left, BLUE), _count(right, BLUE)) > 400  # and a piece in the legend
    shaded = (band.astype(int).sum(axis=-1) - one.astype(int).sum(axis=-1)) < -30
    assert shaded.mean() > 0.01


def test_what_is_not_finite_or_zero_is_no_fault(tmp_path):
    unknown = np.full(5, np.nan)
    bad = Course("bad", IMAGES, np.array([np.nan, np.inf, 0, 1, 2]), np.zeros(5), unknown, unknown)
    comparisons.curves([bad, Course("one", IMAGES[:1], np.ones(1), np.ones(1))], tmp_path / "curves.png")
    assert _count(_pixels(tmp_path / "curves.png"), BLUE) > 100


def test_many_courses_have_legends_beside_the_curves(tmp_path):
    comparisons.curves([_course(f"a run of quite a long name, number {index}") for index in range(20)],
                       tmp_path / "many.png")
    comparisons.curves([_course()], tmp_path / "one.png")
    assert _pixels(tmp_path / "many.png").shape[1] > _pixels(tmp_path / "one.png").shape[1]


@pytest.mark.parametrize(("count", "across", "rows"), [(1, 1, 1), (2, 2, 1), (4, 2, 2), (6, 3, 2), (12, 4, 3)])
def test_samples_are_in_rows(tmp_path, count, across, rows):
    grid = tmp_path / "grid.png"
    write_png(grid, np.full([11, 11, 3], BLUE, np.uint8))
    comparisons.side_by_side([[(f"run {index}", grid) for index in range(count)]], tmp_path / "out.png")
    shown = _pixels(tmp_path / "out.png")
    assert _count(shown, BLUE) == count * 440 * 440
    assert (shown.shape[1] // 440, shown.shape[0] // 440) == (across, rows)
    assert _count(shown[:40], (51, 51, 51)) > 20 * across  # the names


def test_groups_begin_rows_and_pictures_may_be_of_any_size(tmp_path):
    for name, shape in (("wide", (450, 800)), ("tall", (900, 450, 1)), ("small", (100, 100, 3))):
        write_png(tmp_path / f"{name}.png", np.full(shape, 90, np.uint8))
    wide, tall, small = ((name * 30, tmp_path / f"{name}.png") for name in ("wide", "tall", "small"))
    comparisons.side_by_side([[wide], [tall, small]], tmp_path / "out.png")
    assert _count(_pixels(tmp_path / "out.png"), (90, 90, 90)) >= 440 * 248 + 440 * 880 + 400 * 400


def test_a_long_name_keeps_its_ends():
    assert shortened("short", 5) == "short"
    assert shortened("mlp(width=32)/seed_12", 11) == "mlp(w…ed_12"
