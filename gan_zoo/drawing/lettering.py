"""Words in pictures."""

import functools
import os

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw, ImageFont

INK = (51, 51, 51)
_FILE = os.path.join(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
_LETTERS, _PAD = 14, 5  # pixels: of a title, and around it


@functools.cache
def font(letters: int) -> ImageFont.FreeTypeFont:
    """Letters so many pixels high."""
    return ImageFont.truetype(_FILE, letters)


@functools.cache
def _known() -> frozenset[int]:
    return frozenset(FT2Font(_FILE).get_charmap())


def is_legible(text: str) -> bool:
    """Whether the font has all that is in a text, which must be one line."""
    return text.isprintable() and all(ord(letter) in _known() for letter in text)


def shortened(name: str, most: int) -> str:
    """A name of at most `most` characters: of a longer one the beginning and the end, which tell it from others."""
    head = (most - 1) // 2
    return name if len(name) <= most else f"{name[:head]}…{name[-(most - 1 - head):]}"


def fitted(name: str, width: float, letters: int) -> str:
    """The name, shortened to at most `width` pixels; "" where not even three letters have room."""
    written = font(letters)
    longest = min(len(name), int(4 * width / letters))  # no letter but a space is narrower than a quarter of its height
    return next((text for most in range(longest, 2, -1) if written.getlength(text := shortened(name, most)) <= width),
                name if len(name) < 3 else "")


def titled(picture: np.ndarray, text: str) -> np.ndarray:
    """A picture uint8 [h, w, 1 or 3] below a line of text, which is shortened to its width."""
    top, channels = _LETTERS + 2 * _PAD, picture.shape[-1]
    strip = Image.new("L", (picture.shape[1], top), 255)
    ink = round(sum(INK) / 3)
    ImageDraw.Draw(strip).text((_PAD, _PAD - 1), fitted(text, strip.width - 2 * _PAD, _LETTERS), ink, font(_LETTERS))
    return np.concatenate([np.asarray(strip)[..., np.newaxis].repeat(channels, axis=-1), picture])
