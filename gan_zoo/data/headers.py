"""What the pictures of a folder are before they are decoded: sizes, colours, depths; and what follows from them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from statistics import median_low

from gan_zoo.data import decoding
from gan_zoo.data.attempts import attempts
from gan_zoo.data.decoding import Header, Refused
from gan_zoo.data.finding import NO_PERMISSION, REFUSED, UNREADABLE, Found
from gan_zoo.errors import one_line

_LEAST_DEFAULT, _MOST_DEFAULT = 8, 64  # pixels a side
_WHITES = (255, 1023, 4095, 65535)  # of grey with 8, 10, 12 and 16 bits
_KEPT = 4  # folders

Headers = dict[PurePosixPath, Header | Exception]


@lru_cache(_KEPT)
def headers(found: Found) -> Headers:
    """The header of every picture, or what was raised in its place."""
    return dict(zip(found.paths, attempts(decoding.header, [found.root / path for path in found.paths]), strict=True))


@lru_cache(_KEPT)
def whites(found: Found) -> dict[str, float]:
    """By Header.depth, the value that becomes white: the same for the whole folder, so that its pictures compare.

    Pictures of 16 bits whose values stay in 8, 10 or 12 all over the folder are scaled by these, floats up to 1 by 1,
    and anything beyond 16 bits by its highest value.
    """
    deep: dict[str, list] = {}
    for path, header in headers(found).items():
        if isinstance(header, Header) and header.depth:
            deep.setdefault(header.depth, []).append((found.root / path, header.mode))
    return {depth: _white(depth, pictures) for depth, pictures in deep.items()}


def _white(depth: str, pictures: list) -> float:
    at_most_16_bits = all(mode.startswith("I;16") for _, mode in pictures)
    most = 0.0
    for highest in attempts(decoding.highest, [path for path, _ in pictures]):
        most = max(most, 0.0 if isinstance(highest, Exception) else highest)
        if at_most_16_bits and most > _WHITES[-2]:
            return _WHITES[-1]  # as of most folders, without looking at all of them
    known = (1, *_WHITES) if depth == "F" else _WHITES
    return next((white for white in known if most <= white), most)


def reason(error: Exception) -> str:
    """The one for which a picture is left out (see finding)."""
    if isinstance(error, Refused):
        return REFUSED
    return NO_PERMISSION if isinstance(error, PermissionError) else UNREADABLE


def in_words(error: Exception, path) -> str:
    """What is wrong with a file, to follow its name."""
    return one_line(error).replace(str(path), "the file")


def default_size(of: Sequence[Header]) -> int:
    """Pixels a side: the shorter side of most pictures, or else their median, from 8 to 64."""
    sides = [header.shorter_side for header in of] or [_MOST_DEFAULT]
    side, count = Counter(sides).most_common(1)[0]
    side = side if 2 * count > len(sides) else median_low(sides)
    return min(max(side, _LEAST_DEFAULT), _MOST_DEFAULT)


def default_channels(of: Sequence[Header]) -> int:
    """1 if every picture is grey, else 3."""
    return 1 if all(header.is_grey for header in of) else 3


def remarks(of: Mapping[PurePosixPath, Header], size: int, asked: bool, fit: str, white: Mapping[str, float]
            ) -> list[str]:
    """What a person should know of how pictures become squares: lines. asked: whether --image_size was given."""
    return [line for line in (_on_sizes(of, size, asked), _on_fit(of, fit), *map(_on_depth, white.items())) if line]


def _on_sizes(of: Mapping[PurePosixPath, Header], size: int, asked: bool) -> str:
    sides = [header.shorter_side for header in of.values()]
    smaller = [path for path, header in of.items() if header.shorter_side < size]
    if not sides or (asked and not smaller) or set(sides) == {size}:
        return ""
    each = f"from {min(sides)} to {max(sides)}" if min(sides) < max(sides) else f"of {sides[0]}"
    enlarged = ""
    if smaller:
        least = min(smaller, key=lambda path: of[path].shorter_side)
        enlarged = (f"; {len(smaller):,} smaller than that and enlarged, such as {least} "
                    f"({of[least].width}x{of[least].height})")
    way = "" if asked else " (--image_size changes that)"
    return f"shorter sides {each} pixels are made {size}{way}{enlarged}"


def _on_fit(of: Mapping[PurePosixPath, Header], fit: str) -> str:
    other = [path for path, header in of.items() if header.width != header.height]
    if not other:
        return ""
    first = f"{other[0]} ({of[other[0]].width}x{of[other[0]].height})"
    return f"{len(other):,} of {len(of):,} pictures are not square, such as {first}: {FIT_WORDS[fit]}"


FIT_WORDS = {"crop": "--fit=crop takes the central square; --fit=pad or --fit=stretch keep all",
             "pad": "--fit=pad puts black beside them", "stretch": "--fit=stretch makes both sides equal"}


def _on_depth(item: tuple[str, float]) -> str:
    """Nothing of full 16 bits."""
    depth, white = item
    kind = "grey of floats" if depth == "F" else "grey of more than 8 bits"
    return "" if white == _WHITES[-1] else (f"{kind}: the values of all these pictures lie in 0 to {white:g}, which "
                                            "are scaled to 0 to 255")
