"""A contact sheet: small images in rows, each below what it is."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, PngImagePlugin

from gan_zoo.drawing.lettering import INK, font
from gan_zoo.files import replacing

_CELL, _GAP, _LETTERS = 64, 4, 14  # pixels: of an image at least, between images, of a title
_LEAST_COLUMNS, _COLUMNS = 8, 12  # of images; the title needs some width too
_LONGEST = 100  # characters of a title
_KEY, _MARK = "Software", "gan-zoo doctor"  # in the file, which tells it from people's own


def draw(rows: Sequence[tuple[str, Sequence[np.ndarray]]]) -> Image.Image:
    """rows: (title, images uint8 [S, S, C], C = 1 or 3), of one S; each takes as many lines as its images need."""
    side = rows[0][1][0].shape[0]
    factor = max(1, _CELL // side)
    cell, title = side * factor + _GAP, _LETTERS + 2 * _GAP
    heights = [title + cell * -(-len(images) // _COLUMNS) for _, images in rows]
    columns = max(_LEAST_COLUMNS, *(min(_COLUMNS, len(images)) for _, images in rows), 0)
    canvas = Image.new("RGB", (columns * cell + _GAP, sum(heights) + _GAP), "white")
    top = _GAP
    for (text, images), height in zip(rows, heights, strict=True):
        shown = text if len(text) <= _LONGEST else text[:_LONGEST - 1] + "…"
        ImageDraw.Draw(canvas).text((_GAP, top), shown, INK, font(_LETTERS))
        for index, image in enumerate(images):
            row, column = divmod(index, _COLUMNS)
            large = np.asarray(image).repeat(factor, axis=0).repeat(factor, axis=1)
            canvas.paste(Image.fromarray(large.squeeze(-1) if large.shape[-1] == 1 else large),
                         (_GAP + column * cell, top + title + row * cell))
        top += height
    return canvas


def write(path: str, sheet: Image.Image) -> None:
    """A PNG file that appears whole or not at all."""
    about = PngImagePlugin.PngInfo()
    about.add_text(_KEY, _MARK)
    with replacing(path) as temporary:
        sheet.save(temporary, format="PNG", pnginfo=about)


def is_one(path: str) -> bool:
    """Whether a file is a contact sheet that was written here."""
    try:
        with Image.open(path, formats=["PNG"]) as file:
            return file.info.get(_KEY) == _MARK
    except OSError:
        return False
