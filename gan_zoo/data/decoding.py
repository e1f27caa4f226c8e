"""One picture file to a square uint8 array, whatever its format keeps: rotation, transparency, 16 bits, palettes.

Pillow would open a file by its content, with any of its formats, whatever the file is called; one of them starts
another program, Ghostscript. So it is held to a list of formats that hold images and no programs.
"""

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, features

# ending → Pillow's name of the format
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".jfif": "JPEG", ".bmp": "BMP", ".gif": "GIF",
            ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".ppm": "PPM", ".pgm": "PPM", ".pbm": "PPM",
            ".avif": "AVIF"}
_OPTIONAL = {"WEBP": "webp", "AVIF": "avif"}  # format → what a Pillow has to be built with
ENDINGS = tuple(ending for ending, name in _FORMATS.items()
                if name not in _OPTIONAL or features.check(_OPTIONAL[name]))
FORMATS = tuple(dict.fromkeys(_FORMATS[ending] for ending in ENDINGS))
MOST_PIXELS = 100_000_000  # of a picture, before anything is decoded: 300 MB in colour

_DRAFT = 3  # large JPEGs are decoded at a power of two below their size, yet at least this many times the target
_GREY_MODES = ("1", "L", "LA", "La")
_SIXTEEN_BITS = 65535


class Refused(Exception):  # noqa: N818 (of the picture)
    """What is not decoded at all. The text says why, in words that follow a file's name."""


class Header(NamedTuple):
    """What a picture's file says of itself. mode: Pillow's. is_grey: whether it can hold nothing but grey."""

    width: int
    height: int
    mode: str
    format: str
    is_grey: bool

    @property
    def shorter_side(self) -> int:
        return min(self.width, self.height)

    @property
    def depth(self) -> str:
        """"I" or "F" of grey with more than 8 bits, as integers or floats; else ""."""
        return self.mode[0] if self.mode[0] in "IF" else ""


def header(path: Path) -> Header:
    """The header alone. Whatever is wrong with the file raises, with exceptions of many kinds."""
    with _opened(path) as image:
        return Header(*image.size, image.mode, image.format or "", _is_grey(image))


def decode(path: Path, size: int, channels: int, fit: str = "crop",
           whites: Mapping[str, float] | None = None) -> np.ndarray:
    """The picture as a square, made so as --fit says (see resizing.fit): uint8 [size, size, channels].

    Of a GIF the first frame; transparent parts are white. whites: by Header.depth, the value that becomes 255; by
    default that of 16 bits. Whatever is wrong with the file raises, with exceptions of many kinds.
    """
    with _opened(path) as file:
        file.draft(None, (_DRAFT * size, _DRAFT * size))
        white = (whites or {}).get(file.mode[0], _SIXTEEN_BITS)
        image = _opaque(ImageOps.exif_transpose(file), white).convert("L" if channels == 1 else "RGB")
        square = _SQUARES[fit](image, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(square, np.uint8).reshape(size, size, channels)


def highest(path: Path) -> float:
    """The highest value of grey with more than 8 bits."""
    with _opened(path) as image:
        return float(np.max(_values(image), initial=0))


# By --fit. What ImageOps.pad puts beside a picture is black.
_SQUARES: dict[str, Callable] = {"crop": ImageOps.fit, "pad": ImageOps.pad, "stretch": Image.Image.resize}


def _opened(path: Path) -> Image.Image:
    if not stat.S_ISREG(path.stat().st_mode):
        raise Refused("is no regular file")  # to open a named pipe would wait for ever
    try:
        image = Image.open(path, formats=FORMATS)
    except Image.DecompressionBombError as error:  # Pillow's own limit, which lies higher
        raise Refused(f"has more pixels than the limit of {MOST_PIXELS:,}") from error
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        image.close()
        raise Refused(f"has {pixels:,} pixels, over the limit of {MOST_PIXELS:,}")
    return image


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        red, green, blue = np.reshape(np.array(image.getpalette("RGB") or [], int), (-1, 3)).T
        return bool(np.all(red == green) and np.all(green == blue))
    return image.mode in _GREY_MODES or _is_deep(image)


def _is_deep(image: Image.Image) -> bool:
    return image.mode[0] in "IF"


def _values(image: Image.Image) -> np.ndarray:
    """Float64 [H, W], of floats without NaN and infinities."""
    return np.nan_to_num(np.asarray(image).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _opaque(image: Image.Image, white: float) -> Image.Image:
    """The picture with 8 bits a channel, over white where it is transparent."""
    if _is_deep(image):
        return _shallow(image, white)
    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _shallow(image: Image.Image, white: float) -> Image.Image:
    """Deep grey scaled to 8 bits; convert("L") would clip it."""
    values = _values(image)
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        values[values == see_through] = white
    return Image.fromarray(np.clip(np.rint(values / (white / 255)), 0, 255).astype(np.uint8))
