"""Watched trainings on disk: a file of numbers each, and a picture of what was generated as it went."""

from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.drawing.images import grid, write_png
from gan_zoo.experiments.watching import Watched
from gan_zoo.files import replacing
from gan_zoo.judging.series import NAMES, Series

_STEPS = ("diverged", "fault")  # of Watched, −1 for None
_COLUMNS = 40  # of a picture, a check each


def write(path: Path, watched: Watched) -> None:
    """Writes PATH.npz, and PATH.png: a column a check, at most 40 of them, as even as they come."""
    series = watched.series
    path.parent.mkdir(parents=True, exist_ok=True)
    if watched.strip is not None:
        write_png(path.with_suffix(".png"), _picture(watched.strip))
    values: dict[str, Any] = {name: series[name] for name in NAMES} | {"epoch": watched.epoch}
    values |= {name: getattr(series, name) for name in ("groups", "kind")}
    values |= {name: -1 if getattr(watched, name) is None else getattr(watched, name) for name in _STEPS}
    with replacing(_numbers(path)) as temporary, open(temporary, "wb") as file:
        np.savez(file, **values)


def read(path: Path) -> Watched:
    """What `write` wrote, without its picture."""
    with np.load(_numbers(path)) as file:
        values = {name: file[name] for name in file.files}
    series = Series({name: values[name] for name in NAMES}, int(values["groups"]), str(values["kind"]))
    diverged, fault = (None if values[name] < 0 else int(values[name]) for name in _STEPS)
    return Watched(series, float(values["epoch"]), None, diverged, fault)


def exists(path: Path) -> bool:
    """Whether `read` would find it."""
    return _numbers(path).exists()


def columns(checks: int) -> int:
    """How many a picture has."""
    return min(checks, _COLUMNS)


def _numbers(path: Path) -> Path:
    return path.with_suffix(".npz")


def _picture(strip: np.ndarray) -> np.ndarray:
    """strip: uint8 [checks, images, H, W, C]."""
    chosen = strip[np.linspace(0, len(strip) - 1, columns(len(strip))).astype(int)]
    return grid(chosen.swapaxes(0, 1).reshape(-1, *chosen.shape[2:]), columns=len(chosen), factor=1)
