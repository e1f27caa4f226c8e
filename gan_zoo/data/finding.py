"""The pictures below a folder, and what else lies there: nothing is left out without a reason that can be told."""

import os
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gan_zoo.data.decoding import ENDINGS

# Reasons, in the order in which they are told.
ENDING, UNREADABLE, REFUSED, NO_PERMISSION, IRREGULAR, LOST, STRAY, SEEN, HIDDEN, SYSTEM = (
    "with an ending that is no picture's", "unreadable", "too much to decode", "without permission to be read",
    "no regular file", "a link to nothing", "beside the folders that are classes or splits",
    "a folder that is there twice", "hidden", "of the system")
_REASONS = (ENDING, UNREADABLE, REFUSED, NO_PERMISSION, IRREGULAR, LOST, STRAY, SEEN, HIDDEN, SYSTEM)
# What systems and programs put beside people's files, in lower case: thumbnails, settings, deleted files.
_SYSTEM = {"@eadir", "#recycle", "@recycle", "$recycle.bin", "system volume information", "lost+found", "__macosx",
           ".ipynb_checkpoints", ".thumbnails", ".trash", ".trashes", ".spotlight-v100", ".fseventsd", ".ds_store",
           "thumbs.db", "ehthumbs.db", "desktop.ini"}
_SHOWN = 3  # names a reason


class LeftOut(NamedTuple):
    """A file or a folder (with / at its end) that gives no image, and why: one of the reasons above."""

    reason: str
    name: str


class Found(NamedTuple):
    """pictures: what may be one by its name, sorted: (path below the root, bytes, time of change in ns)."""

    root: Path
    pictures: tuple[tuple[str, int, int], ...]
    left_out: tuple[LeftOut, ...]

    @property
    def paths(self) -> list[PurePosixPath]:
        """Of the pictures, below the root."""
        return [PurePosixPath(name) for name, _, _ in self.pictures]


def find(root: Path) -> Found:
    """All that lies below `root`, links to folders followed, each folder once."""
    pictures: list[tuple[str, int, int]] = []
    left_out: list[LeftOut] = []
    visited: set[str] = set()

    def unlisted(error: OSError) -> None:
        left_out.append(LeftOut(_of_error(error), f"{_below(root, error.filename)}/"))

    for place, folders, files in os.walk(root, onerror=unlisted, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:
            left_out.append(LeftOut(SEEN, f"{_below(root, place)}/"))
            folders[:] = []
            continue
        visited.add(real)
        unwanted = {name: reason for name in folders if (reason := _unwanted(name))}
        left_out += [LeftOut(reason, f"{_below(root, place, name)}/") for name, reason in unwanted.items()]
        folders[:] = [name for name in folders if name not in unwanted]
        for name in files:
            state = _state(place, name)
            if isinstance(state, str):
                left_out.append(LeftOut(state, _below(root, place, name)))
            else:
                pictures.append((_below(root, place, name), *state))
    return Found(root, tuple(sorted(pictures)), tuple(sorted(left_out)))


def reasons(left_out: Iterable[LeftOut]) -> list[str]:
    """The counts by reason, in words: "2 unreadable (a.png, b.png)", "1 hidden (.git/)"."""
    names: dict[str, list[str]] = {}
    for reason, name in left_out:
        names.setdefault(reason, []).append(name)
    return [f"{len(names[reason]):,} {reason} ({_details(reason, names[reason])})"
            for reason in _REASONS if reason in names]


def told(left_out: Iterable[LeftOut]) -> str:
    """The same on one line, "" for nothing."""
    return ", ".join(reasons(left_out))


def _details(reason: str, names: list[str]) -> str:
    if reason == ENDING:
        counts = Counter(PurePosixPath(name).suffix.lower() or "none" for name in names)
        return ", ".join(f"{ending} {count:,}" for ending, count in counts.most_common(2 * _SHOWN)) + (
            ", …" if len(counts) > 2 * _SHOWN else "")
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _below(root: Path, place: str, name: str = "") -> str:
    return Path(place, name).relative_to(root).as_posix()


def _unwanted(name: str) -> str:
    """The reason for which a file or folder is none of the data, or ""."""
    if name.lower() in _SYSTEM or name.startswith("._"):
        return SYSTEM
    return HIDDEN if name.startswith(".") else ""


def _state(place: str, name: str) -> tuple[int, int] | str:
    """(bytes, time of change in ns) of what may be a picture, or the reason why it is none."""
    if reason := _unwanted(name):
        return reason
    if not name.lower().endswith(ENDINGS):
        return ENDING
    try:
        status = os.stat(os.path.join(place, name))
    except OSError as error:
        return LOST if isinstance(error, FileNotFoundError) else _of_error(error)
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else IRREGULAR


def _of_error(error: OSError) -> str:
    return NO_PERMISSION if isinstance(error, PermissionError) else UNREADABLE
