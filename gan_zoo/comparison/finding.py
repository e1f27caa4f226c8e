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
    return (path / RECORD).is_file()


def run_folders(given: Iterable[str], is_run: Callable[[Path], bool] = has_record,
                deepest: int = _DEEPEST) -> list[Path]:
    """The runs that are named, and those in a folder of runs, in natural order, each once. UserError if there is none.

    is_run: what counts as one. deepest: so many folders down they are looked for.
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


def _runs_in(path: Path, deep: int, is_run: Callable[[Path], bool] = has_record,
             inside: frozenset[str] = frozenset()) -> list[Path]:
    """The folder itself if it is a run, or else the runs below it. inside: the folders that it is in, as they really
    are, so that a link back to one of them is not followed.
    """
    if is_run(path):
        return [path]
    inside = inside | {os.path.realpath(path)}
    try:
        below = sorted((each for each in path.iterdir() if each.is_dir() and os.path.realpath(each) not in inside),
                       key=_natural) if deep else []
    except OSError as error:
        raise UserError(f"{path} can't be looked into ({error.strerror}): name the runs in question") from None
    return [run for each in below for run in _runs_in(each, deep - 1, is_run, inside)]


def _natural(path: Path) -> list[tuple[str, int]]:
    """By which seed_10 comes after seed_9."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", path.name)]


def _missing(name: str, path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"{name}: there is no such folder, nor {folder}"
    there = [each.name for each in folder.iterdir() if each.is_dir() and _runs_in(each, 1)]
    return f"{name}: there is no such folder; runs in {folder}: {nearest(path.name, there)}"
