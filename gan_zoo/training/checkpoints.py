"""Checkpoints that are whole or absent: a folder each, written under another name and renamed.

Each says in its step.json of which run and step it is, and what is in its files, so that one that was altered, or
copied from elsewhere, is not taken for the run's own.
"""

import contextlib
import errno
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from absl import logging

from gan_zoo import files
from gan_zoo.errors import UserError, nearest, one_line
from gan_zoo.training.run_directory import Tie

# What reading a truncated, altered or incomplete checkpoint raises, in TensorFlow, NumPy or json.
DAMAGED = (tf.errors.OpError, zipfile.BadZipFile, OSError, ValueError, TypeError, RuntimeError, IndexError, KeyError,
            EOFError, AssertionError)
# What says that there is no such file, or a folder in its place; any other OSError is no damage of the checkpoint.
_ABSENT = {errno.ENOENT, errno.EISDIR, errno.ENOTDIR, None}
_ABOUT = "step.json"
_ARRAYS = ("history", "judged", "pending")


class Restored(NamedTuple):
    """step: rounds played so far. history: per-round series by name, each [step]. judged: what Monitor.state gave.

    pending: rounds that TensorBoard has not got yet.
    """

    step: int
    history: dict[str, np.ndarray]
    judged: dict[str, np.ndarray] = {}
    pending: dict[str, np.ndarray] = {}


class Checkpoints:
    """The checkpoints of a run under `folder`, the newest `keep` of them."""

    def __init__(self, folder: Path, keep: int = 3, tie: Tie = Tie()):  # noqa: B008 (it can't be changed)
        self.folder, self.keep, self.tie = folder, keep, tie

    def paths(self) -> list[Path]:
        """The whole checkpoints, oldest first. UserError if the folder can't be looked into.

        Of a step that was being saved again when the process was killed, the older one may be all there is.
        """
        try:
            found = {path.name: path for path in self.folder.iterdir()} if self.folder.exists() else {}
        except NotADirectoryError:
            raise UserError(f"{self.folder} is a file, where the run's checkpoints belong: move it away") from None
        except OSError as error:
            raise _unreadable(self.folder, error) from None
        whole = [path for name, path in found.items() if re.fullmatch(r"step_\d+", name)
                 or (re.fullmatch(r"step_\d+\.old", name) and path.stem not in found)]
        return sorted(whole, key=step_of)

    def save(self, checkpoint: tf.train.Checkpoint, step: int, history: dict[str, np.ndarray],
             judged: Mapping[str, np.ndarray] | None = None, pending: Mapping[str, np.ndarray] | None = None) -> Path:
        """Writes the state after `step` rounds, then removes what is older than the newest `keep`."""
        target = self.folder / _name(step)
        partial, old = target.with_suffix(".partial"), target.with_suffix(".old")
        files.remove(partial)
        partial.mkdir()
        try:
            self._write(partial, checkpoint, step, {"history": history, "judged": judged, "pending": pending})
        except BaseException:
            files.remove(partial)  # which makes room, if that was missing
            raise
        if target.exists():
            files.remove(old)
            target.rename(old)
        partial.rename(target)
        files.to_disk(self.folder)
        self._prune("old", "damaged")
        return target

    def _prune(self, *endings: str) -> None:
        """Removes what is older than the newest `keep`, and step_*.ENDING."""
        left = [path for ending in endings for path in self.folder.glob(f"step_*.{ending}")]
        for gone in [*self.paths()[:-self.keep], *left]:
            files.remove(gone)

    def _write(self, partial: Path, checkpoint: tf.train.Checkpoint, step: int,
               arrays: Mapping[str, Mapping[str, np.ndarray] | None]) -> None:
        checkpoint.write(str(partial / "state"))
        for name, values in arrays.items():
            if values or name == "history":
                np.savez(partial / f"{name}.npz", **values)  # type: ignore[arg-type]
        about = {"step": step, "run": self.tie.run, "files": files.digests(partial)}
        (partial / _ABOUT).write_text(json.dumps(about | {"digest": _signature(about)}))
        files.tree_to_disk(partial)

    def named(self, name: str, others: Sequence[str] = ()) -> Path:
        """The checkpoint of that name, as step_00000500, or of that step; UserError if there is none.

        others: what a user could have said instead.
        """
        wanted = name if name.startswith("step_") else _name(int(name)) if re.fullmatch("[0-9]{1,18}", name) else name
        for path in self.paths():
            if path.name == wanted:
                return path
        raise UserError(f"there is no checkpoint {name!r} in {self.folder}: "
                        f"{nearest(wanted, [*others, *(path.name for path in self.paths())])}")

    def read_newest(self, checkpoint: tf.train.Checkpoint, paths: Sequence[Path] | None = None) -> Restored:
        """Reads the newest checkpoint that can be read and leaves the folder as it is; UserError if there is none.

        paths: those to choose from, oldest first; default: all.
        """
        files.check_no_pattern(f"run_dir={self.folder.parent}", self.folder)
        for path in reversed(self.paths() if paths is None else paths):
            try:
                return self._read(checkpoint, path)
            except DAMAGED:
                continue
        which = ", ".join(path.name for path in paths) if paths else "none of the checkpoints"
        raise UserError(f"{which} in {self.folder} can{'not' if paths else ''} be read")

    def restore(self, checkpoint: tf.train.Checkpoint) -> Restored | None:
        """Reads the newest checkpoint that can be read; None if there is none at all.

        A damaged one is passed over with a warning. Raises UserError if every one is damaged.
        """
        damaged: list[Path] = []
        for path in reversed(self.paths()):
            try:
                restored = self._read(checkpoint, path)
            except DAMAGED as error:
                logging.warning("%s is damaged (%s); trying the one before", path, one_line(error, most=120))
                damaged.append(path)
                continue
            for other in damaged:  # so that they do not count among those to keep
                files.remove(other.with_suffix(".damaged"))
                other.rename(other.with_suffix(".damaged"))
            self._prune("partial")  # of a process that was killed while it saved
            return restored
        if damaged:
            raise UserError(f"none of the checkpoints in {self.folder} can be read: name another --run_dir, "
                            "or delete that folder to start again")
        return None

    def _read(self, checkpoint: tf.train.Checkpoint, path: Path) -> Restored:
        step = self.verify(path)
        history, judged, pending = (_arrays(path / f"{name}.npz") for name in _ARRAYS)
        for name, series in history.items():
            if series.shape != (step,):
                raise ValueError(f"{name} in its history is of shape {series.shape}, not of {step} rounds")
        checkpoint.read(str(path / "state")).assert_consumed()
        return Restored(step, history, judged, pending)

    def verify(self, path: Path) -> int:
        """The step of a checkpoint that is of this run and as it was written, else one of several exceptions.

        UserError if it can't be read for a reason that isn't damage.
        """
        try:
            about = json.loads((path / _ABOUT).read_text())
            step = about["step"]
            if path.with_suffix("").name != _name(step):
                raise ValueError(f"its {_ABOUT} says {step}")
            if "files" not in about and step <= self.tie.since:
                return step  # of a version that did not write what is in the files
            if about.pop("digest", None) != _signature(about):
                raise ValueError(f"its {_ABOUT} was altered")
            if self.tie.run is not None and about["run"] != self.tie.run:
                raise ValueError("it is of another run")
            found, written = files.digests(path), about["files"]
            found.pop(_ABOUT)
            for name in sorted({*found, *written}):
                if found.get(name) != written.get(name):
                    raise ValueError(f"{name} is {'not what was written' if name in found else 'not there'}")
        except OSError as error:
            if error.errno in _ABSENT:
                raise
            raise _unreadable(path, error) from None
        return step


def newest_history(folder: Path) -> dict[str, np.ndarray]:
    """The history of the newest checkpoint, or none if it can't be read."""
    with contextlib.suppress(*DAMAGED, UserError):
        for path in Checkpoints(folder).paths()[-1:]:
            return _arrays(path / "history.npz")
    return {}


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} can't be read: {error.strerror or one_line(error)}. Nothing is lost: mend that, then go "
                     "on by the same command")


def _name(step: int) -> str:
    return f"step_{step:08d}"


def step_of(path: Path) -> int:
    """The step of a checkpoint by its name, also of one that was being saved again."""
    return int(path.with_suffix("").name.removeprefix("step_"))


def _signature(about: Mapping[str, Any]) -> str:
    return files.text_digest(json.dumps(about, sort_keys=True))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """What a file holds; {} if there is none, as in a run that is not judged."""
    if path.name != "history.npz" and not path.exists():
        return {}
    with np.load(path) as file:
        return dict(file)
