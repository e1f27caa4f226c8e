"""The folders of the runs to compare, and short names for them."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gan_zoo.errors import UserError, nearest
from gan_zoo.evaluation.run_record import RECORD
from gan_zoo.training.run_directory import SEED

_DEEPEST = 2  # folders down: runs/NAME/seed_0 below runs


def has_record(path: Path) -> bool:
    """Whether a folder is a run, which says so in a file."""
    return os.path.isfile(path / RECORD)  # Path.is_file raises for a folder that may not be entered


def run_folders(given: Iterable[str], is_run: Callable[[Path], bool] = has_record,
                deepest: int | None = _DEEPEST) -> list[Path]:
    """The runs that are named, and those in a folder of runs, in natural order, each once. UserError if there is none.

    is_run: what counts as one. deepest: so many folders down they are looked for; None: as deep as there are any.
    """
    found: dict[str, Path] = {}
    for name in given:
        path = Path(name).expanduser()
        if not path.is_dir():
            raise UserError(_missing(name, path))
        runs = _runs_in(path, deepest, is_run)
        if not runs:
            raise UserError(f"{name} is no run and holds none: it has no {RECORD}; name the folder of a run of gan-zoo "
                            "train, or one that holds several")
        found |= {os.path.realpath(run): run for run in runs if os.path.realpath(run) not in found}
    return list(found.values())


def short_names(paths: Sequence[Path]) -> list[str]:
    """What tells the runs apart: their paths without the folders that all of them are in.

    Runs that are seeds of one configuration keep the name of its folder.
    """
    absolute = [path.absolute() for path in paths]
    common = Path(os.path.commonpath([path.parent for path in absolute]))
    if all(path.parent == common and re.fullmatch(rf"{SEED}\d+", path.name) for path in absolute):
        common = common.parent
    return [str(path.relative_to(common)) for path in absolute]


def _runs_in(path: Path, deepest: int | None, is_run: Callable[[Path], bool] = has_record,
             seen: set[str] | None = None) -> list[Path]:
    """The folder itself if it is a run, or else the runs below it. seen: folders that are not to be entered again,
    though links lead there, perhaps in a circle.
    """
    seen = set() if seen is None else seen
    seen.add(os.path.realpath(path))
    if is_run(path):
        return [path]
    try:
        below = sorted((each for each in path.iterdir() if each.is_dir()), key=_natural) if deepest != 0 else []
    except OSError as error:
        raise UserError(f"{path} can't be looked into ({error.strerror}): name the runs in question") from None
    return [run for each in below if os.path.realpath(each) not in seen
            for run in _runs_in(each, None if deepest is None else deepest - 1, is_run, seen)]


def _natural(path: Path) -> list[tuple[str, int]]:
    """By which seed_10 comes after seed_9."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", path.name)]


def _missing(name: str, path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"{name}: there is no such folder, nor {folder}"
    there = [each.name for each in folder.iterdir() if each.is_dir() and _runs_in(each, 1)]
    wrong = f"{name} is a file, and no folder of a run" if path.is_file() else f"{name}: there is no such folder"
    if not there:
        return f"{wrong}, nor is there a run in {folder.absolute()}: train one, as with gan-zoo train --model=dcgan"
    return f"{wrong}; runs in {folder}: {nearest(path.name, there)}"
