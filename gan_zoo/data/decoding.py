"""One picture file to a square uint8 array, whatever its format keeps: rotation, transparency, 16 bits, palettes."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif")

_DRAFT = 3  # large JPEGs are decoded at a power of two below their size, yet at least this many times the target
_GREY_MODES = ("1", "L", "LA", "La")


def decode(path: Path, size: int, channels: int) -> np.ndarray:
    """The picture's central square at size x size: uint8 [size, size, channels].

    Of a GIF the first frame; transparent parts are white. Whatever is wrong with the file raises, with
    exceptions of many kinds.
    """
    with Image.open(path) as file:
        file.draft(None, (_DRAFT * size, _DRAFT * size))
        image = _opaque(ImageOps.exif_transpose(file)).convert("L" if channels == 1 else "RGB")
        square = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(square, np.uint8).reshape(size, size, channels)


def shorter_side(path: Path) -> int:
    """In pixels, from the file's header."""
    with Image.open(path) as image:
        return min(image.size)


def is_grey(path: Path) -> bool:
    """Whether the file can hold nothing but grey, from its header."""
    with Image.open(path) as image:
        if image.mode == "P":
            red, green, blue = np.reshape(np.array(image.getpalette("RGB") or [], int), (-1, 3)).T
            return bool(np.all(red == green) and np.all(green == blue))
        return image.mode in _GREY_MODES or _is_deep(image)


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I")


def _opaque(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel, over white where it is transparent."""
    if _is_deep(image):
        return _shallow(image)
    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _shallow(image: Image.Image) -> Image.Image:
    """16-bit grey scaled to 8 bits; convert("L") would clip it."""
    values = np.asarray(image).astype(np.float64)
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        values[values == see_through] = 65535
    return Image.fromarray(np.clip(np.rint(values / 257), 0, 255).astype(np.uint8))
