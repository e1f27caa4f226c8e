"""What the folder of a run tells of it: run.json, the series of its checks, metrics.json, its newest picture."""

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.errors import UserError
from gan_zoo.evaluation.records import RESULTS, read_records
from gan_zoo.evaluation.run_record import read_run_record
from gan_zoo.experiment import flags as declared

_ENDS = {"complete": "finished", "stopped": "stopped"}
_SERIES = "series/"
# What reading such a file raises that was truncated or altered, in zipfile or NumPy.
_DAMAGED = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError,
            SyntaxError, struct.error, MemoryError)


@dataclass(frozen=True)
class RunRecord:
    """A run as its folder has it.

    name: short, for people. record: run.json. flags: by name, all that this version knows and others. series: of the
    checks, "step" and statistics, [checks] each; {} if none are kept. measured: metrics.json, by the metric's call.
    """

    name: str
    path: Path
    record: Mapping[str, Any]
    flags: Mapping[str, Any]
    series: Mapping[str, np.ndarray]
    measured: Mapping[str, Mapping[str, Any]]

    @property
    def step(self) -> int:
        return self.record.get("step") or 0

    @property
    def steps(self) -> int:
        """Rounds of the whole run; as many as were played if it isn't said."""
        return self.flags["steps"] or self.step

    @property
    def progress(self) -> str:
        """As "350 of 600", or "600"."""
        return f"{self.step:,}" if self.step == self.steps else f"{self.step:,} of {self.steps:,}"

    @property
    def status(self) -> str:
        """finished, finished early, stopped or unfinished."""
        ended = _ENDS.get(str(self.record.get("status")), "unfinished")
        return "finished early" if ended == "finished" and self.step < self.steps else ended

    @property
    def minutes(self) -> float | None:
        """Of training."""
        seconds = self.record.get("seconds_training")
        return None if seconds is None else round(seconds / 60, 2)

    @property
    def verdict(self) -> str | None:
        return self.record.get("verdict")

    @property
    def best(self) -> Mapping[str, Any]:
        """The best check: its step and the value that says so; {} if there was none."""
        return (self.record.get("evaluation") or {}).get("best") or {}

    @property
    def images_per_round(self) -> int:
        """Real images that a round shows to the discriminator."""
        return self.flags["batch_size"] * self.flags["discriminator_updates"]

    @property
    def data_fingerprint(self) -> str:
        """Of the images; what follows in run.json, of a conditional run, is of the labels."""
        return re.sub(r"^((?:stacked-)?[^-]*).*", r"\1", str(self.record.get("data_fingerprint")))

    def at(self, step: int, name: str) -> float | None:
        """A statistic of the check at that step, None if none is kept."""
        found = np.flatnonzero(self.series.get("step", np.zeros(0)) == step)
        return float(self.series[name][found[0]]) if len(found) else None

    @property
    def grid(self) -> Path | None:
        """The newest picture of samples."""
        grids = [path for path in (self.path / "samples").glob("step_*.png") if path.stem[5:].isdigit()]
        return max(grids, key=lambda path: int(path.stem[5:]), default=None)


def read_run(path: Path, name: str) -> RunRecord:
    """The run in a folder. UserError for a run.json or metrics.json that can't be read."""
    try:
        record = read_run_record(path)
    except UserError as error:
        raise UserError(f"{error}: leave this run out") from None
    measured = read_records(str(path))
    for call, found in measured.items():
        parts = [found.get(key) for key in ("results", "provenance")] if isinstance(found, dict) else [None]
        if not all(isinstance(part, dict) for part in parts):
            raise UserError(f"{path / RESULTS} has {call} without its provenance, from an older version: measure it "
                            f"again with python -m gan_zoo.evaluate --run_dir={path}")
    return RunRecord(name, path, record, all_flags(record["flags"]), series(path), measured)


def all_flags(known: Mapping[str, Any]) -> dict[str, Any]:
    """The flags of a run, with the defaults of those that it did not know."""
    return {item.name: item.default for item in declared()} | dict(known)


def series(path: Path, damaged: list[Path] | None = None) -> dict[str, np.ndarray]:
    """The checks of a run, as its newest checkpoint that can be read has them; {} if there is none.

    damaged: gets the files of newer ones, which can't be read.
    """
    return _kept(path, "judged.npz", damaged, _SERIES)


def history(path: Path, damaged: list[Path] | None = None) -> dict[str, np.ndarray]:
    """Likewise the losses, accuracies and the objective's diagnostics of every round, by name."""
    return _kept(path, "history.npz", damaged)


def _kept(path: Path, name: str, damaged: list[Path] | None, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays in a file of the newest checkpoint of which it can be read, those whose names begin so."""
    kept = [found for found in (path / "checkpoints").glob("step_*") if re.fullmatch("step_[0-9]{1,18}", found.name)]
    for checkpoint in sorted(kept, key=lambda found: int(found.name.removeprefix("step_")), reverse=True):
        try:
            with np.load(checkpoint / name) as file:
                return {key.removeprefix(prefix): file[key] for key in file.files if key.startswith(prefix)}
        except FileNotFoundError:  # of a run that is not judged
            continue
        except _DAMAGED:
            if damaged is not None:
                damaged.append(checkpoint / name)
    return {}
