"""Grids by class: every image is there, whole and enlarged, at any number of classes, beside its name."""

import numpy as np
import pytest

from gan_zoo.drawing.class_grids import class_grid, names_of
from gan_zoo.drawing.lettering import fitted, font, is_legible, titled


@pytest.mark.parametrize(("classes", "count", "side", "channels"), [
    (2, 32, 8, 1), (10, 6, 28, 3), (100, 1, 8, 1), (1000, 1, 8, 1), (1, 5, 64, 3)])
def test_every_image_is_there_large_enough_to_be_seen(classes, count, side, channels):
    """Each has a level of its own below that of letters and paper, one after the other down and across."""
    total = classes * count
    levels = np.arange(total) % 50 + 60  # darker than paper, lighter than the darkest ink
    images = np.tile(levels.astype(np.uint8)[:, None, None, None], [1, side, side, channels])
    grid = class_grid(images, [""] * classes)  # nothing is written
    assert grid.dtype == np.uint8
    assert grid.shape[-1] == channels
    inside = grid[..., 0] < 255
    areas = np.bincount(grid[..., 0][inside], minlength=256)[60:110]
    tile = areas.sum() / total
    assert tile == round(tile ** 0.5) ** 2
    assert tile ** 0.5 >= 40
    assert tile ** 0.5 % side == 0
    np.testing.assert_array_equal(areas, np.bincount(levels, minlength=256)[60:110] * tile)
    assert max(grid.shape) <= max(900, 3 * (tile * total) ** 0.5)


def test_names_stand_beside_their_class():
    images = np.full([6, 8, 8, 1], 255, np.uint8)  # white: only letters show
    dark = [(class_grid(images, names)[..., 0] < 150) for names in (["one", "", ""], ["", "", "one"])]
    above, below = (np.flatnonzero(shown.any(axis=1)) for shown in dark)
    assert len(above)
    assert above.max() < dark[0].shape[0] / 3
    assert below.min() > dark[1].shape[0] * 2 / 3


def test_names_that_are_missing_or_not_in_the_font_are_numbers():
    assert names_of([0, 2, 3, 4], ["cat", "dog", "\u732b", "new\nline"]) == ["cat", "2", "3", "4"]
    assert names_of([1, 3], []) == ["1", "3"]


@pytest.mark.parametrize("name", ["", "a", "a name", "a name that has no room " * 40, "|" * 3000])
def test_a_name_fits(name):
    for width in (4, 30, 170):
        assert font(14).getlength(fitted(name, width, 14)) <= max(width, font(14).getlength("ab"))
    assert fitted("short", 170, 14) == "short"
    assert is_legible("Größe 7")
    assert not is_legible("\t")


def test_a_title_is_above_and_the_picture_below_untouched():
    for channels in (1, 3):
        picture = np.random.default_rng(0).integers(0, 256, [20, 90, channels], np.uint8)
        shown = titled(picture, "a title that is far too long for so small a picture")
        np.testing.assert_array_equal(shown[-20:], picture)
        assert shown[:-20].min() < 100
