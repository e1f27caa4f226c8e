"""Every state of a folder that a death could leave: what lies there before each operation of the file system."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

_NONE = -1
# The arguments of an event that are paths, each with that of the open folder to which it is relative.
_CHANGES = {"os.rename": ((0, 2), (1, 3)), "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),),
            "os.truncate": ((0, _NONE),), "os.link": ((0, 2), (1, 3)), "os.symlink": ((1, 2),)}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MISSING, _EMPTY, _HALF = "missing", "empty", "half"


class Rename(NamedTuple):
    """Within the folder, from one path to another. before: a copy of the folder without it."""

    old: str
    new: str
    before: Path

    def undo(self, folder: Path) -> None:
        """Takes it back, as a loss of power does with one that was not forced to the disk."""
        (folder / self.new).rename(folder / self.old)
        replaced = self.before / self.new
        if replaced.exists():
            (shutil.copytree if replaced.is_dir() else shutil.copy2)(replaced, folder / self.new)


class State(NamedTuple):
    """A folder as a death leaves it.

    copy: where it is kept. cause: "death" of the process, or "power loss". after: the last operation. file, how,
    length: a file in it that is missing, empty or cut to so many bytes; None if all are as they were. lost: a rename
    that has not happened.
    """

    copy: Path
    cause: str
    after: str
    file: str | None = None
    how: str = ""
    length: int = 0
    lost: Rename | None = None

    def put(self, folder: Path) -> None:
        """Makes `folder` what it was."""
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self.copy, folder, symlinks=True)
        if self.file is not None:
            file = folder / self.file
            file.unlink() if self.how == _MISSING else os.truncate(file, self.length)
        if self.lost:
            self.lost.undo(folder)

    def __str__(self) -> str:
        damaged = f", {self.file} {self.how}" if self.file else ""
        lost = f", {self.lost.new} is still {self.lost.old}" if self.lost else ""
        return f"{self.copy.name}: {self.cause} after {self.after}{damaged}{lost}"


class Recorder:
    """While entered, keeps the states that `folder` goes through, in copies under `copies`.

    A state is what lies there before an operation of Python's; C++'s operations, as of TensorFlow's own writers, show
    with the next one of these. Added are, for each file that is new or longer, the states in which its end is half
    there, it is empty, or, where several came together, missing; and for each that was renamed without being forced to
    the disk before, what a loss of power may leave of it: nothing, or a half; and where a folder was not forced to the
    disk after a rename, that this has not happened, while what came later has.
    """

    def __init__(self, folder: Path, copies: Path):
        self.folder, self.copies, self.states = Path(os.path.abspath(folder)), copies, list[State]()
        self._count = 0
        self._listening = self._busy = False
        self._seen: dict[str, tuple] = {}
        self._synced: set[tuple] = set()  # marks of files that a loss of power leaves alone
        self._unsynced: list[str] = []
        self._renamed: list[tuple[int, Rename]] = []  # with how many states there were
        self._last = "the beginning"
        self._patch = mock.patch.object(os, "fsync", self._sync(os.fsync))
        sys.addaudithook(self._hear)  # there is no way to take it away again

    def __enter__(self) -> "Recorder":
        self.copies.mkdir(parents=True, exist_ok=True)
        self._seen = _listing(self.folder)
        self._synced = set(self._seen.values())  # what has lain there for long
        self._listening = True
        self._patch.start()
        return self

    def __exit__(self, *_) -> None:
        self._patch.stop()
        self._keep("the end")
        self._listening = False

    def _sync(self, fsync: Callable) -> Callable:
        def recorded(descriptor):
            fsync(descriptor)
            status = os.fstat(descriptor)
            self._synced.add(_mark(status))
            if stat.S_ISDIR(status.st_mode):
                folder = os.path.relpath(os.readlink(f"/proc/self/fd/{descriptor}"), self.folder)
                self._renamed = [(count, each) for count, each in self._renamed
                                 if os.path.normpath(os.path.dirname(each.new) or ".") != folder]

        return recorded

    def _hear(self, event: str, arguments: tuple) -> None:
        if not self._listening or self._busy:
            return
        paths = _paths(event, arguments)
        if not any(path == self.folder or self.folder in path.parents for path in paths):
            return
        self._busy = True
        try:
            self._keep(f"{event} {' → '.join(os.path.relpath(path, self.folder) for path in paths)}")
            if event == "os.rename":
                self._note_rename(*paths)
        finally:
            self._busy = False

    def _note_rename(self, old: Path, new: Path) -> None:
        for file in [old] if old.is_file() else [path for path in old.rglob("*") if path.is_file()]:
            if _mark(file.stat()) not in self._synced:
                self._unsynced.append(os.path.relpath(new / file.relative_to(old), self.folder))
        self._renamed.append((self._count, Rename(os.path.relpath(old, self.folder), os.path.relpath(new, self.folder),
                                                  self.copies / f"{self._count - 1:04d}")))

    def _keep(self, coming: str) -> None:
        """Keeps what is there, and what else might be."""
        now = _listing(self.folder)
        if now != self._seen and self.folder.exists():
            copy = self.copies / f"{self._count:04d}"
            self._count += 1
            shutil.copytree(self.folder, copy, symlinks=True)
            self.states.append(State(copy, "death", self._last))
            self.states += self._partial(copy, now)
            for file in self._unsynced:
                if (copy / file).is_file():
                    half = (copy / file).stat().st_size // 2
                    self.states += [State(copy, "power loss", self._last, file, _EMPTY),
                                    State(copy, "power loss", self._last, file, _HALF, half)]
            self._unsynced = []
            self.states += [State(copy, "power loss", self._last, lost=each) for count, each in self._renamed
                            if self._count > count + 1 and (copy / each.new).exists() > (copy / each.old).exists()]
            self._seen = now
        self._last = coming

    def _partial(self, copy: Path, now: dict[str, tuple]) -> Iterator[State]:
        before = set(self._seen.values())  # what is renamed keeps its mark
        written = {file: self._size_before(file, mark) for file, mark in now.items() if mark[1] and mark not in before}
        events = {file for file in written if "tfevents" in file}
        for file, was in written.items():
            half = State(copy, "death", self._last, file, _HALF, (was + now[file][1]) // 2)
            if file in events:
                if len(written) == len(events):
                    yield half
                continue
            yield half
            for how in (_EMPTY, *([_MISSING] if len(written) - len(events) > 1 else [])):
                yield State(copy, "death", self._last, file, how)

    def _size_before(self, file: str, mark: tuple) -> int:
        """Of a file that has grown, what was there: only its end is new. Else 0."""
        inode, size, _ = self._seen.get(file, (None, 0, 0))
        return size if inode == mark[0] and size <= mark[1] else 0


def _paths(event: str, arguments: tuple) -> list[Path]:
    """The paths that an event changes."""
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, int) or not isinstance(flags, int) or not flags & _WRITING:
            return []
        return [Path(os.path.abspath(os.fsdecode(path)))]
    return [_absolute(arguments[path], arguments[folder] if folder != _NONE else _NONE)
            for path, folder in _CHANGES.get(event, ()) if not isinstance(arguments[path], int)]


def _absolute(path, folder: int) -> Path:
    """Of a path that may be relative to an open folder."""
    start = os.readlink(f"/proc/self/fd/{folder}") if folder >= 0 else os.getcwd()
    return Path(os.path.abspath(os.path.join(start, os.fsdecode(path))))


def _mark(status: os.stat_result) -> tuple:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _listing(folder: Path) -> dict[str, tuple]:
    """What lies in a folder: inode, size and time of writing by path; of a folder the inode only."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[str(path.relative_to(folder))] = _mark(status) if path.is_file() else (status.st_ino, 0, 0)
    return found
