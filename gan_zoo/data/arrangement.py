"""What the folders that pictures lie in mean: splits, classes, or nothing."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gan_zoo.data.finding import STRAY, LeftOut

_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
           "testing": "test"}
_ORDER = ("train", "val", "test")
_MOST_STRAYS = 0.25  # for a picture in folders by class; more of them, and the folders are no classes
_SHOWN = 8  # classes in a remark


class Arranged(NamedTuple):
    """Pictures by split.

    classes: of each picture, the name of its folder or None. names: all classes in natural order: their places are
    their numbers. left_out: pictures that have no place in the arrangement. remarks: lines to be told.
    """

    splits: dict[str, list[PurePosixPath]]
    classes: dict[PurePosixPath, str | None]
    names: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]


def arrange(paths: Sequence[PurePosixPath]) -> Arranged:
    """Tells splits (train, val, test and the like) from classes (any other folders) by the names of folders.

    Folders are splits if all of them have such names, or at least two have, train among them. In a split, or without
    splits at the top, folders are classes unless as good as all pictures lie beside them.
    """
    groups, left_out = _by_split(paths)
    splits, remarks = {}, []
    classes: dict[PurePosixPath, str | None] = {}
    for split, (group, depth) in groups.items():
        kept, strays, remark = _by_class(group, depth)
        splits[split] = list(kept)
        classes |= kept
        left_out += strays
        remarks += remark
    names = tuple(sorted({name for name in classes.values() if name is not None}, key=natural))
    return Arranged(splits, classes, names, tuple(LeftOut(STRAY, path.as_posix()) for path in left_out), tuple(remarks))


def canonical(split: str) -> str:
    """--split with the other names of splits in place of ours: "validation[:50%]" → "val[:50%]"."""
    return re.sub(r"[A-Za-z]\w*", lambda match: _SPLITS.get(match[0], match[0]), split)


def natural(name: str) -> tuple:
    """What sorts names as people do: class2 before class10."""
    parts = re.split(r"([0-9]+)", name)  # texts and numbers in turn
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def listed(names: Sequence[str]) -> str:
    """Classes with their numbers: "0=cats, 1=dogs"."""
    shown = ", ".join(f"{number}={name}" for number, name in enumerate(names[:_SHOWN]))
    return shown + (f", … {len(names) - 1}={names[-1]}" if len(names) > _SHOWN else "")


def _by_split(paths: Sequence[PurePosixPath]) -> tuple[dict[str, tuple[list[PurePosixPath], int]],
                                                       list[PurePosixPath]]:
    """(split → its pictures and how deep its own folders lie, pictures that are in none)."""
    folders = {path.parts[0] for path in paths if len(path.parts) > 1}
    meant = {folder: _SPLITS[folder.lower()] for folder in folders if folder.lower() in _SPLITS}
    several = "train" in meant.values() and len(set(meant.values())) > 1
    if not meant or not (several or set(meant) == folders):
        return {"train": (list(paths), 0)}, []
    split_of = {path: meant.get(path.parts[0]) if len(path.parts) > 1 else None for path in paths}
    used = [split for split in _ORDER if split in meant.values()]
    return ({split: ([path for path in paths if split_of[path] == split], 1) for split in used},
            [path for path in paths if split_of[path] is None])


def _by_class(paths: Iterable[PurePosixPath], depth: int) -> tuple[dict[PurePosixPath, str | None],
                                                                   list[PurePosixPath], list[str]]:
    """(picture → its class or None, pictures that are left out, remarks)."""
    classes = {path: path.parts[depth] if len(path.parts) > depth + 1 else None for path in paths}
    beside = [path for path, name in classes.items() if name is None]
    names = sorted({name for name in classes.values() if name is not None}, key=natural)
    if not beside or not names:
        return classes, [], []
    if len(names) > 1 and len(beside) <= max(1, _MOST_STRAYS * (len(classes) - len(beside))):
        return {path: name for path, name in classes.items() if name is not None}, beside, []
    more = f" and {len(beside) - 1:,} more lie" if len(beside) > 1 else " lies"
    folders = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    remark = (f"{beside[0]}{more} beside the folders {folders}, which are no classes therefore: if they are, move away "
              "what lies beside them")
    return dict.fromkeys(classes), [], [remark]
