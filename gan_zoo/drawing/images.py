"""Many images in one grid, and PNG files."""

import io
import math

import numpy as np
from PIL import Image

from gan_zoo.files import replacing

GAP = 2  # pixels between the images of a grid
_WHITE = 255
_COMPRESSION = 1  # a tenth to a third of the time of Pillow's 6, and the file a seventh to a third larger
LARGEST_SIDE = 900  # pixels, to which small images are enlarged at most


def grid(images: np.ndarray, columns: int | None = None, factor: int | None = None,
         largest: int | None = None) -> np.ndarray:
    """Images side by side, row by row, on white: uint8 [N, H, W, C] → uint8 [h, w, C]; C is 1 or 3.

    columns: images in a row; default: about as many as there are rows. factor: each pixel becomes a square
    of that side; default: as large as keeps the grid within `largest` pixels (900). The gaps of 2 pixels stay.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(f"a grid takes uint8 [N, H, W, 1 or 3], got {images.dtype} {list(images.shape)}")
    count, height, width, channels = images.shape
    columns = min(columns or math.isqrt(count - 1) + 1, count)
    rows = math.ceil(count / columns)
    factor = factor or _factor(rows, height, columns, width, largest or LARGEST_SIDE)
    height, width = height * factor, width * factor
    canvas = np.full([rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, channels], _WHITE, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = row * (height + GAP), column * (width + GAP)
        canvas[top:top + height, left:left + width] = image.repeat(factor, axis=0).repeat(factor, axis=1)
    return canvas


def _factor(rows: int, height: int, columns: int, width: int, largest: int) -> int:
    tall = (largest - (rows - 1) * GAP) // (rows * height)
    wide = (largest - (columns - 1) * GAP) // (columns * width)
    return max(1, min(tall, wide))


def write_png(path, image: np.ndarray) -> None:
    """Writes uint8 [H, W], [H, W, 1] or [H, W, 3] to a file that appears whole or not at all."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(png(image))


def png(image: np.ndarray) -> bytes:
    """The PNG of uint8 [H, W], [H, W, 1] or [H, W, 3]."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    written = io.BytesIO()
    Image.fromarray(image).save(written, format="PNG", compress_level=_COMPRESSION)
    return written.getvalue()
