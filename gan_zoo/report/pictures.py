"""The pictures of a run, small enough to stand in a page."""

import base64
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, features

_ALL = 240  # frames of all runs together, about 24 kB each
_MOST, _FEWEST = 40, 1  # frames of a run
_MANY = 100  # runs, of which each gets smaller pictures
_EFFORT = 0  # of WebP, up to 6, which halves no file; it takes half the bytes of PNG or JPEG that looks the same
_QUALITIES = (75, 65, 40)  # one after the other, until the bytes are few enough


class Room(NamedTuple):
    """What a run may take of a page. frames: pictures of samples, and half as many of all codes together; side: of a
    square of as many pixels as a picture may have; bytes: of a picture, as near as can be; a file of no more stays as
    it is.
    """

    frames: int
    side: int
    bytes: int


def room(runs: int) -> Room:
    """For each of so many runs: 10 of them make a page of at most about 15 MB, 1,000 one of about 25."""
    frames = min(_MOST, max(_FEWEST, _ALL // max(1, runs)))
    return Room(frames, 480, 30_000) if runs <= _MANY else Room(frames, 320, 12_000)


def thinned(steps: Sequence[int], most: int) -> list[int]:
    """At most so many of ascending steps, evenly spread, the first and the last among them; of one the last."""
    if len(steps) <= most:
        return list(steps)
    if most == 1:
        return [steps[-1]]
    return [steps[round(index * (len(steps) - 1) / (most - 1))] for index in range(most)]


def embedded(path: Path, allowed: Room) -> dict[str, Any]:
    """A PNG file as {"source": a data URI, "width", "height"} of its pixels. Raises what Pillow raises."""
    with Image.open(path, formats=["PNG"]) as picture:
        if path.stat().st_size <= allowed.bytes:
            picture.load()  # which finds damage
            return _source("png", path.read_bytes(), picture.size)
        shown = picture.convert("L" if picture.mode in ("1", "L", "I;16") else "RGB")
    side = float(allowed.side)
    for quality in _QUALITIES:
        content, size = _encoded(_within(shown, side), quality)
        if len(content) <= allowed.bytes:
            break
        side *= 0.95 * (allowed.bytes / len(content)) ** 0.5  # the bytes are about as many as the pixels
    return _source("webp" if features.check("webp") else "jpeg", content, size)


def _within(picture: Image.Image, side: float) -> Image.Image:
    """A picture of no more pixels than a square of that side."""
    factor = side / (picture.width * picture.height) ** 0.5
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BOX) if factor < 1 else picture


def _encoded(picture: Image.Image, quality: int) -> tuple[bytes, tuple[int, int]]:
    file = io.BytesIO()
    if features.check("webp"):
        picture.save(file, "WEBP", quality=quality, method=_EFFORT)
    else:
        picture.save(file, "JPEG", quality=quality)
    return file.getvalue(), picture.size


def _source(kind: str, content: bytes, size: tuple[int, int]) -> dict[str, Any]:
    return {"source": f"data:image/{kind};base64,{base64.b64encode(content).decode()}", "width": size[0],
            "height": size[1]}


def all_embedded(paths: Sequence[Path], allowed: Room, problem: Callable[[str], None]) -> list[dict[str, Any] | None]:
    """Each picture, None in place of one that can't be read, of which `problem` is told."""
    def tried(path: Path) -> dict[str, Any] | None:
        try:
            return embedded(path, allowed)
        except Exception as error:  # Pillow raises almost anything at damage
            problem(f"{path} can't be read ({type(error).__name__}), and is left out")
            return None

    with ThreadPoolExecutor() as pool:  # Pillow works beside others
        return list(pool.map(tried, paths))
