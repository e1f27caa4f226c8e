"""Checkpoints that are whole or absent: a folder each, written under another name and renamed."""

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import logging

from gan_zoo.errors import UserError, nearest

# What reading a truncated, altered or incomplete checkpoint raises, in TensorFlow, NumPy or json.
_DAMAGED = (tf.errors.OpError, zipfile.BadZipFile, OSError, ValueError, TypeError, RuntimeError, IndexError, KeyError,
            EOFError, AssertionError)


class Restored(NamedTuple):
    """step: rounds played so far. history: per-round series by name, each [step]. judged: what Monitor.state gave."""

    step: int
    history: dict[str, np.ndarray]
    judged: dict[str, np.ndarray] = {}


class Checkpoints:
    """The checkpoints of a run under `folder`, the newest `keep` of them."""

    def __init__(self, folder: Path, keep: int = 3):
        self.folder, self.keep = folder, keep

    def paths(self) -> list[Path]:
        """The whole checkpoints, oldest first."""
        whole = [path for path in self.folder.glob("step_*") if path.name.removeprefix("step_").isdigit()]
        return sorted(whole, key=lambda path: int(path.name.removeprefix("step_")))

    def save(self, checkpoint: tf.train.Checkpoint, step: int, history: dict[str, np.ndarray],
             judged: Mapping[str, np.ndarray] | None = None) -> Path:
        """Writes the state after `step` rounds, then removes what is older than the newest `keep`."""
        target = self.folder / _name(step)
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        checkpoint.write(str(partial / "state"))
        np.savez(partial / "history.npz", **history)  # type: ignore[arg-type]
        if judged:
            np.savez(partial / "judged.npz", **judged)  # type: ignore[arg-type]
        (partial / "step.json").write_text(json.dumps({"step": step}))
        for file in partial.iterdir():
            _to_disk(file)
        if target.exists():
            target.rename(target.with_suffix(".old"))
        partial.rename(target)
        _to_disk(self.folder)
        for old in [*self.paths()[:-self.keep], *self.folder.glob("step_*.old"), *self.folder.glob("step_*.damaged")]:
            shutil.rmtree(old)
        return target

    def named(self, name: str) -> Path:
        """The checkpoint of that name, as step_00000500, or of that step; UserError if there is none."""
        wanted = name if name.startswith("step_") else _name(int(name)) if name.isdigit() else name
        for path in self.paths():
            if path.name == wanted:
                return path
        raise UserError(f"there is no checkpoint {name!r} in {self.folder}: "
                        f"{nearest(wanted, [path.name for path in self.paths()])}")

    def read_newest(self, checkpoint: tf.train.Checkpoint, paths: Sequence[Path] | None = None) -> Restored:
        """Reads the newest checkpoint that can be read and leaves the folder as it is; UserError if there is none.

        paths: those to choose from, oldest first; default: all.
        """
        for path in reversed(self.paths() if paths is None else paths):
            try:
                return _read(checkpoint, path)
            except _DAMAGED:
                continue
        which = ", ".join(path.name for path in paths) if paths else "none of the checkpoints"
        raise UserError(f"{which} in {self.folder} can{'not' if paths else ''} be read")

    def restore(self, checkpoint: tf.train.Checkpoint) -> Restored | None:
        """Reads the newest checkpoint that can be read; None if there is none at all.

        A damaged one is passed over with a warning. Raises UserError if every one is damaged.
        """
        for partial in self.folder.glob("step_*.partial"):
            shutil.rmtree(partial)
        damaged = []
        for path in reversed(self.paths()):
            try:
                restored = _read(checkpoint, path)
            except _DAMAGED as error:
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                logging.warning("%s is damaged (%s); trying the one before", path, reason[:120])
                damaged.append(path)
                continue
            for other in damaged:  # so that they do not count among those to keep
                other.rename(other.with_suffix(".damaged"))
            return restored
        if damaged:
            raise UserError(f"none of the checkpoints in {self.folder} can be read: name another --run_dir, "
                            "or delete that folder to start again")
        return None


def newest_history(folder: Path) -> dict[str, np.ndarray]:
    """The history of the newest checkpoint, or none if it can't be read."""
    for path in Checkpoints(folder).paths()[-1:]:
        with contextlib.suppress(*_DAMAGED), np.load(path / "history.npz") as file:
            return dict(file)
    return {}


def _name(step: int) -> str:
    return f"step_{step:08d}"


def _read(checkpoint: tf.train.Checkpoint, path: Path) -> Restored:
    step = json.loads((path / "step.json").read_text())["step"]
    if path.name != _name(step):
        raise ValueError(f"its step.json says {step}")
    history, judged = (_arrays(path / name) for name in ("history.npz", "judged.npz"))
    checkpoint.read(str(path / "state")).assert_consumed()
    return Restored(step, history, judged)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """What a file holds; {} if there is none, as in a run that is not judged."""
    if path.name == "judged.npz" and not path.exists():
        return {}
    with np.load(path) as file:
        return dict(file)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
