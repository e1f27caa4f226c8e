"""What the folder of a run holds, finished, unfinished or damaged, and in words what is wrong with it."""

import contextlib
import csv
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.commands import flags as command_line
from gan_zoo.comparison import reading
from gan_zoo.comparison.reading import RunRecord
from gan_zoo.errors import UserError, one_line
from gan_zoo.evaluation.records import read_records
from gan_zoo.evaluation.run_record import RECORD, read_run_record

_BEGUN = (RECORD, "run.flags", ".lock")  # any of which a run has from its first moment on


@dataclass
class Look:
    """A run as a report sees it.

    record: as comparison has it, with nothing in it of what can't be read. history: of every round, or the means of
    epochs, by name, "step" among them, [n] each. problems: sentences. knows_flags: whether its flags are its own, and
    not the defaults.
    """

    record: RunRecord
    history: dict[str, np.ndarray] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    knows_flags: bool = True

    @property
    def path(self) -> Path:
        return self.record.path

    def tried(self, make: Callable[["Look"], Any], otherwise: Any) -> Any:
        """What is made of this look; if that fails, `otherwise`, and a problem more."""
        return _tried(lambda: make(self), otherwise, self.path, self.problems)


def has_begun(path: Path) -> bool:
    """Whether a folder is a run, or was to become one."""
    return any((path / name).is_file() for name in _BEGUN) or all(
        (path / name).is_dir() for name in ("checkpoints", "samples"))


def look(path: Path, name: str) -> Look:
    """The run in a folder. Nothing that is wrong there raises an error."""
    problems: list[str] = []

    def tried(read: Callable[[], Any], otherwise: Any) -> Any:
        return _tried(read, otherwise, path, problems)

    record = tried(lambda: _record(path), {})
    flags = record.get("flags") or tried(lambda: _from_flagfile(path), {})
    damaged: list[Path] = []
    checks = tried(lambda: reading.series(path, damaged), {})
    if checks and not _of_one_length(checks):
        problems.append(f"{path / 'checkpoints'}: the checks in the newest checkpoint can't be read")
        checks = {}
    measured = tried(lambda: read_records(str(path)), {})
    history = tried(lambda: _history(path, damaged), {})
    problems += [f"{file} can't be read: gan-zoo check {shlex.quote(str(path))} tells more" for file in damaged]
    if record and not history and not damaged and (record.get("step") or 0) > 0:
        problems.append("there are no curves: neither a checkpoint nor epochs.csv can be read")
    return Look(RunRecord(name, path, record, reading.all_flags(flags), checks, measured), history, problems,
                bool(flags))


def _tried(read: Callable[[], Any], otherwise: Any, path: Path, problems: list[str]) -> Any:
    try:
        return read()
    except UserError as error:
        problems.append(str(error))
    except Exception as error:  # a report is of what is there, whatever that may be
        problems.append(f"{path}: a part of it can't be read ({type(error).__name__}: {one_line(error, 200)})")
    return otherwise


def _record(path: Path) -> dict[str, Any]:
    if not (path / RECORD).exists():
        raise UserError(f"there is no {RECORD}: the run was killed before its first round, or the file was removed")
    return read_run_record(path)


def _from_flagfile(path: Path) -> dict[str, Any]:
    """What run.flags says, where run.json says nothing."""
    file = path / "run.flags"
    return command_line.parse([f"--flagfile={file}"]).experiment.values() if file.is_file() else {}


def _history(path: Path, damaged: list[Path]) -> dict[str, np.ndarray]:
    """Of every round if a checkpoint has it, or else the means of epochs. damaged: as of reading.series."""
    kept = reading.history(path, damaged)
    if kept and _of_one_length(kept):
        rounds = len(next(iter(kept.values())))
        return {"step": np.arange(1, rounds + 1, dtype=np.float64), **kept} if rounds else {}
    with contextlib.suppress(FileNotFoundError), (path / "epochs.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
        columns = {name: np.array([float(row[name]) for row in rows]) for name in (rows[0] if rows else ())}
        return columns if "step" in columns else {}
    return {}


def _of_one_length(arrays: dict[str, np.ndarray]) -> bool:
    """Whether these are series of numbers side by side."""
    return len({array.shape for array in arrays.values()}) == 1 and all(
        array.ndim == 1 and array.dtype.kind in "fiu" for array in arrays.values())
