"""The split syntax of TensorFlow Datasets for sources that are not of it: "train[:80%]+train[90%:]"."""

import re

import numpy as np

from gan_zoo.errors import UserError, nearest

_TERM = re.compile(r"(?P<name>[\w-]+)(?P<slice>\[(?P<start>-?\d{1,12}%?)?:(?P<stop>-?\d{1,12}%?)?\])?")


def positions(split: str, sizes: dict[str, int]) -> np.ndarray:
    """The positions that `split` selects, int64, in its order.

    sizes: the number of examples of each split; the splits lie one behind the other. Percentages are
    rounded to the nearest example; UserError for an unknown split, a bound out of range or nothing left.
    """
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]), strict=False))
    parts = []
    for term in split.split("+"):
        match = _TERM.fullmatch(term.strip())
        if match is None:
            raise UserError(f"--split={split!r} is not of the form NAME, NAME[from:to] or a sum of such with +")
        name = match["name"]
        if name not in sizes:
            raise UserError(f"--split={split!r}: unknown split {name!r}: {nearest(name, sizes)}")
        low = _bound(match["start"], 0, sizes[name], split)
        high = _bound(match["stop"], sizes[name], sizes[name], split)
        parts.append(starts[name] + np.arange(low, high, dtype=np.int64))
    chosen = np.concatenate(parts)
    if not len(chosen):
        raise UserError(f"--split={split!r} selects no image of {', '.join(f'{k} ({n})' for k, n in sizes.items())}")
    return chosen


def _bound(text: str | None, default: int, size: int, split: str) -> int:
    if text is None:
        return default
    number = int(text.rstrip("%"))
    limit, unit = (100, "%") if text.endswith("%") else (size, " examples")
    if abs(number) > limit:
        raise UserError(f"--split={split!r}: {text} is out of range, there are {limit}{unit}")
    value = round(number * size / 100) if unit == "%" else number
    return value + size if number < 0 else value
