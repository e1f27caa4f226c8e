"""Grids of images by class, each class with its name, legible for two classes and for a thousand."""

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from gan_zoo.drawing.images import GAP, LARGEST_SIDE
from gan_zoo.drawing.lettering import INK, fitted, font, is_legible

_LEGIBLE = 40  # pixels of an image's shorter side, at least
_LETTERS, _LONGEST, _MARGIN = 14, 170, 8  # pixels: of a name, of the longest name, and beside it
_IN_A_ROW = 12  # images of a class
_BETWEEN = 6  # pixels between classes whose images need several lines


class _Layout(NamedTuple):
    """How class grids are laid out.

    in_line: images of a class beside each other. lines: of a class. across: how many classes are beside each other.
    factor: each pixel becomes a square of that side. width, height: of all, in pixels.
    """

    in_line: int
    lines: int
    across: int
    factor: int
    width: int
    height: int


def names_of(numbers: Sequence[int], names: Sequence[str]) -> list[str]:
    """The names of classes, and the number of one that has none, or one that the font can't write."""
    named = [names[number] if number < len(names) else "" for number in numbers]
    return [name if name and is_legible(name) else str(number) for number, name in zip(numbers, named, strict=True)]


def class_grid(images: np.ndarray, names: Sequence[str], whole: bool = False) -> np.ndarray:
    """Images uint8 [K · N, H, W, C], N of each of K classes in turn, each class beside its name: uint8 [h, w, C].

    A class is a row, or where that has more than 12 images and is not to stay `whole` several; many classes stand in
    several columns. The shorter side of an image has 40 pixels or more: whole multiples of its own.
    """
    count, (side_y, side_x, channels) = len(images) // len(names), images.shape[1:]
    texts = [fitted(name, _LONGEST, _LETTERS) for name in names]
    room = _MARGIN + math.ceil(max(font(_LETTERS).getlength(text) for text in texts)) + _MARGIN
    layout = _layout(len(names), count, side_y, side_x, room, whole or count <= _IN_A_ROW)
    canvas = Image.new("L" if channels == 1 else "RGB", (layout.width, layout.height), "white")
    draw, ink = ImageDraw.Draw(canvas), INK if channels == 3 else round(sum(INK) / 3)
    size = (side_x * layout.factor, side_y * layout.factor)
    down = math.ceil(len(names) / layout.across)
    for index, text in enumerate(texts):
        column, row = divmod(index, down)
        left, top = column * _across(layout, size[0], room), row * _down(layout, size[1])
        draw.text((left + room - _MARGIN, top + size[1] / 2), text, ink, font(_LETTERS), anchor="rm")
        for place, image in enumerate(images[index * count:(index + 1) * count]):
            line, at = divmod(place, layout.in_line)
            large = image.repeat(layout.factor, axis=0).repeat(layout.factor, axis=1)
            canvas.paste(Image.fromarray(large[..., 0] if channels == 1 else large),
                         (left + room + at * (size[0] + GAP), top + line * (size[1] + GAP)))
    picture = np.asarray(canvas)
    return picture[..., np.newaxis] if channels == 1 else picture


def _across(layout: _Layout, image: int, room: int) -> int:
    """Pixels of a class with its name, and the gap after it."""
    return room + layout.in_line * (image + GAP)


def _down(layout: _Layout, image: int) -> int:
    return layout.lines * (image + GAP) + (_BETWEEN if layout.lines > 1 else 0)


@functools.lru_cache
def _layout(classes: int, count: int, side_y: int, side_x: int, room: int, whole: bool) -> _Layout:
    """The layout that comes nearest to a square; images as large as keep it within 900 pixels, but legible."""
    factor = math.ceil(_LEGIBLE / min(side_y, side_x))

    def sized(in_line: int, across: int, factor: int) -> _Layout:
        layout = _Layout(in_line, math.ceil(count / in_line), across, factor, 0, 0)
        return layout._replace(width=across * _across(layout, side_x * factor, room) - GAP,
                               height=math.ceil(classes / across) * _down(layout, side_y * factor) - GAP)

    most_lines = 1 if whole else min(count, 64)
    in_lines = sorted({math.ceil(count / lines) for lines in range(1, most_lines + 1)}, reverse=True)
    best = min((sized(in_line, across, factor) for in_line in in_lines
                for across in range(1, min(classes, 2 * math.isqrt(classes) + 2) + 1)),
               key=lambda layout: max(layout.width, layout.height))
    while max((larger := sized(best.in_line, best.across, best.factor + 1))[-2:]) <= LARGEST_SIDE:
        best = larger
    return best
