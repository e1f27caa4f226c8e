"""The folder of a run: what it is, whether it may go on, and the records about it."""

import fcntl
import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TextIO

from absl import logging

from gan_zoo import experiment as experiments
from gan_zoo.errors import UserError
from gan_zoo.evaluation.run_record import read_run_record
from gan_zoo.experiment import Experiment
from gan_zoo.files import write_text

FORMAT = 2  # of the checkpoints; raised when what is in them changes
SEED = "seed_"  # what the folders of one configuration's seeds begin with, in a folder of their own
_PACKAGES = ("tensorflow", "keras", "tensorflow-probability", "tensorflow-datasets", "numpy")


class RunDirectory:
    """runs/NAME: run.flags, run.json, events, real.png, samples/, curves.png, GIFs, checkpoints/, export/."""

    def __init__(self, path: str):
        self.path = Path(path)
        self.samples = self.path / "samples"
        self.checkpoints = self.path / "checkpoints"
        self.export = self.path / "export"
        self.real = self.path / "real.png"
        self.curves = self.path / "curves.png"
        self.progress = self.path / "progress.gif"
        self.epochs = self.path / "epochs.csv"
        self.flags = self.path / "run.flags"
        self.record_file = self.path / "run.json"
        self.record: dict = {}
        self._held: TextIO | None = None

    def check_path(self) -> None:
        """Raises UserError if there can be no run here."""
        flag = f"--run_dir={self.path}"
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{flag} is a file: name a folder")
        parent = next(p for p in [self.path, *self.path.absolute().parents] if p.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise UserError(f"{flag} is not writable: name another folder")

    def check(self, experiment: Experiment, data_fingerprint: str, needs_total: bool = False) -> None:
        """Raises UserError, having written nothing, if this experiment can't be run or resumed here.

        needs_total: whether another length would be another run, because a schedule depends on it.
        """
        flag = f"--run_dir={self.path}"
        if not self.check_flags(experiment):
            return
        old = self.record["flags"]
        if needs_total and old.get("steps") != experiment.steps:
            raise UserError(f"{flag} was trained with a schedule over --steps={_shown(old.get('steps'))}, not over "
                            f"{_shown(experiment.steps)}: name another --run_dir for a new run, or give the schedule "
                            "steps of its own, as in cosine(2e-4, 5e-5, steps=10000)")
        if self.record.get("data_fingerprint", data_fingerprint) != data_fingerprint:
            raise UserError(f"{flag} was trained on other images or labels than --dataset={experiment.dataset} now "
                            "gives: name another --run_dir for a new run, or bring the old data back")

    def check_flags(self, experiment: Experiment) -> bool:
        """As `check`, as far as the flags tell before data are loaded. Returns whether there is a run that goes on."""
        flag = f"--run_dir={self.path}"
        if not self._has_begun():
            return False
        try:
            self.record = read_run_record(self.path)
        except UserError as error:
            raise UserError(f"{flag} holds other files and no readable run.json ({error}): name a new or empty "
                            "folder") from None
        old = self.record["flags"]
        self._check_format()
        for name, was, now in experiments.changed(old, experiment):
            raise UserError(f"{flag} was trained with --{name}={_shown(was)}, not --{name}={_shown(now)}: "
                            "name another --run_dir for a new run, or give the old value to go on")
        return True

    def _check_format(self) -> None:
        if self.record.get("format") != FORMAT and any(self.checkpoints.glob("step_*")):
            raise UserError(f"--run_dir={self.path} was trained by another version of gan_zoo "
                            f"({self.record.get('git_revision') or 'unknown'}), whose checkpoints this one can't read: "
                            "name another --run_dir, or go on with that version; its export works as before")

    def _has_begun(self) -> bool:
        """Whether anything is here but what a run makes before its run.json."""
        own = {self.samples, self.checkpoints}
        entries = [path for path in self.path.glob("*") if path.name != ".lock"]
        return any(path not in own or any(path.iterdir()) for path in entries)

    def claim(self) -> None:
        """Makes the folder and keeps other processes out of it for as long as this one lives."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._held = (self.path / ".lock").open("w")
        except OSError as error:
            raise UserError(f"--run_dir={self.path} can't be made: {error.strerror}") from None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"--run_dir={self.path} is in use by another process: wait for it, or name another "
                            "folder") from None
        except OSError as error:
            logging.warning("%s can't be locked (%s): start no second run in it", self.path, error.strerror)

    def release(self) -> None:
        """Lets other processes in again."""
        if self._held:
            self._held.close()

    def begin(self, experiment: Experiment, facts: dict) -> None:
        """Writes run.flags and run.json. facts: for run.json."""
        self.samples.mkdir(exist_ok=True)
        self.checkpoints.mkdir(exist_ok=True)
        for ended in ("exported_step", "reason", "verdict", "verdicts"):  # of an earlier end, beyond which it goes
            self.record.pop(ended, None)
        lines = ["# This run again, or its continuation:", f"# {self.command()}", *experiment.to_flags(), ""]
        write_text(self.flags, "\n".join(lines))
        self.update(format=FORMAT, flags=experiment.values(), versions=_versions(), git_revision=_git_revision(),
                    status="running", started=self.record.get("started", now()), **facts)

    def command(self) -> str:
        """What starts this run again, or goes on with it."""
        program = "python train.py" if Path("train.py").is_file() or "train.py" in sys.argv[0] else "gan-zoo train"
        return f"{program} --flagfile={shlex.quote(str(self.flags))}"

    def update(self, **facts) -> None:
        """Adds facts to run.json, which is replaced whole."""
        self.record |= facts
        write_text(self.record_file, json.dumps(self.record, indent=2) + "\n")


def readable_checkpoints(path: Path) -> bool:
    """Whether the folder of a run has checkpoints of this version."""
    return recorded(path).get("format") == FORMAT and any(RunDirectory(str(path)).checkpoints.glob("step_*"))


def is_complete(path: Path) -> bool:
    """Whether a run has come to its end, as far as its folder tells; a folder without checkpoints has nothing newer."""
    return recorded(path).get("status") == "complete" or not readable_checkpoints(path)


def exported_step(path: Path) -> int | None:
    """The step of what a run that has come to its end exported; None of a run that goes on."""
    return recorded(path).get("exported_step")


def recorded(path: Path) -> dict:
    """What run.json says, {} if it can't be read."""
    try:
        return read_run_record(path)
    except UserError:
        return {}


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _shown(value) -> str:
    return "" if value is None else str(value)


def _versions() -> dict[str, str]:
    return {"python": sys.version.split()[0], **{name: metadata.version(name) for name in _PACKAGES}}


def _git_revision() -> str | None:
    """The revision of the code, with "-dirty" if it was changed since; None outside a checkout of it."""
    # An environment may lie in the repository of another project, which doesn't track what is installed in it.
    if _git("ls-files", "--error-unmatch", Path(__file__).name) is None:
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=40") or None


def _git(*arguments: str) -> str | None:
    """What git says of the folder of this file; None if it fails, or there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, text=True, capture_output=True,
                               timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.strip()
