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
_QUALITY, _EFFORT = 75, 2  # of WebP, a third of the bytes of PNG or JPEG that looks the same; its effort of 0 to 6


class Room(NamedTuple):
    """What a run may take of a page. frames: pictures of a kind; side: of a square of as many pixels as a picture may
    have; bytes: a file that is no larger stays as it is.
    """

    frames: int
    side: int
    bytes: int


def room(runs: int) -> Room:
    """For each of so many runs: 10 of them make a page of about 10 MB, 1,000 one of about 20."""
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
    factor = min(1, allowed.side / (shown.width * shown.height) ** 0.5)
    size = max(1, round(shown.width * factor)), max(1, round(shown.height * factor))
    if size != shown.size:
        shown = shown.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
    file = io.BytesIO()
    if features.check("webp"):
        shown.save(file, "WEBP", quality=_QUALITY, method=_EFFORT)
        return _source("webp", file.getvalue(), size)
    shown.save(file, "JPEG", quality=_QUALITY)
    return _source("jpeg", file.getvalue(), size)


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
