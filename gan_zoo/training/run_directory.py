"""The folder of a run: what it is, whether it may go on, and the records about it."""

import fcntl
import json
import os
import shlex
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from gan_zoo import files
from gan_zoo.errors import UserError
from gan_zoo.evaluation.run_record import UnreadableError, read_run_record
from gan_zoo.experiment import Experiment
from gan_zoo.files import write_text
from gan_zoo.training import sameness, versions

FORMAT = 2  # of the checkpoints; raised when what is in them changes
_LONGEST = 3900  # bytes of a path, of 4096 that Linux takes
SEED = "seed_"  # what the folders of one configuration's seeds begin with, in a folder of their own
_OF_AN_END = ("ended", "exported_step", "export_checksum", "reason", "verdict", "verdicts")


class Tie(NamedTuple):
    """What binds checkpoints to a run: its id, None for any, and the last step that an older version saved."""

    run: str | None = None
    since: int = 0

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Tie":
        """From what run.json says; a run of an older version has no id."""
        run, since = record.get("id"), record.get("id_since")
        return cls(run, since if isinstance(since, int) else 0) if isinstance(run, str) else cls(None, sys.maxsize)


class RunDirectory:
    """runs/NAME: run.flags, run.json, events, real.png, samples/, curves.png, GIFs, checkpoints/, export/.

    And post_mortem.json after a number that was not finite.
    """

    def __init__(self, path: str):
        self.given, self.path = path, Path(path)
        self.samples = self.path / "samples"
        self.checkpoints = self.path / "checkpoints"
        self.export = self.path / "export"
        self.real = self.path / "real.png"
        self.curves = self.path / "curves.png"
        self.progress = self.path / "progress.gif"
        self.epochs = self.path / "epochs.csv"
        self.flags = self.path / "run.flags"
        self.record_file = self.path / "run.json"
        self.post_mortem = self.path / "post_mortem.json"
        self.report = self.path / "report.html"  # of gan-zoo view, which may be written before there is anything else
        self.lock = self.path / ".lock"
        self.record: dict = {}
        self._held: TextIO | None = None
        self._is_new = False

    @property
    def name(self) -> str:
        """What people call the run: its folder, and where that is one of several seeds' the folder of these before."""
        path = self.path.absolute()
        return f"{path.parent.name}/{path.name}" if path.name.startswith(SEED) else path.name

    def check_path(self) -> None:
        """Raises UserError if there can be no run here."""
        flag = f"--run_dir={self.path}"
        files.check_local("--run_dir", self.given)
        files.check_no_pattern(flag, self.path)
        if len(os.fsencode(self.path.absolute())) > _LONGEST:
            raise UserError(f"{str(flag)[:80]}… is too long a path for the files in it: name a shorter one")
        # os.path's, since a Path raises PermissionError in a folder that can't be entered
        if os.path.exists(self.path) and not os.path.isdir(self.path):
            raise UserError(f"{flag} is a file: name a folder")
        parent = next(p for p in [self.path, *self.path.absolute().parents] if os.path.exists(p))
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise UserError(f"{flag} is not writable: name another folder")
        self.check_kinds()

    def check_kinds(self) -> None:
        """Raises UserError if there is a file where a folder of the run belongs, or the other way round."""
        folders = (self.samples, self.checkpoints, self.export)
        for path in (*folders, self.record_file, self.flags, self.curves, self.progress, self.epochs, self.real,
                     self.lock, self.post_mortem):
            if path.exists() and path.is_dir() != (path in folders):
                is_, wanted = ("folder", "file") if path.is_dir() else ("file", "folder")
                raise UserError(f"{path} is a {is_}, where the run's {wanted} belongs: move it away")
        if self.export.is_dir() and any(self.export.iterdir()) and not (self.export / "saved_model.pb").is_file():
            raise UserError(f"{self.export} is in the way of the run's export: it is no SavedModel; move it away")

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
        known, now = f"{self.record.get('data_fingerprint', data_fingerprint)}-", f"{data_fingerprint}-"
        if not (known.startswith(now) or now.startswith(known)):  # one of both may lack the hash of all images
            was = f" ({self.record['data']})" if self.record.get("data") else ""
            raise UserError(f"{flag} was trained on other images or labels{was} than --dataset={experiment.dataset} "
                            "now gives: name another --run_dir for a new run, or bring the old data back")

    def check_flags(self, experiment: Experiment) -> bool:
        """As `check`, as far as the flags tell before data are loaded. Returns whether there is a run that goes on."""
        flag = f"--run_dir={self.path}"
        if not self._has_begun():
            return False
        self.read()
        old = self.record["flags"]
        for name, was, now in sameness.changed(old, experiment):
            raise UserError(f"{flag} was trained with --{name}={_shown(was)}, not --{name}={_shown(now)}: "
                            "name another --run_dir for a new run, or give the old value to go on")
        return True

    def read(self) -> None:
        """Sets `record` to what run.json says; UserError if it can't be read, or is of another version."""
        self.record = self._read_record()
        self._check_format()

    def _read_record(self) -> dict:
        try:
            return read_run_record(self.path)
        except UnreadableError:
            raise
        except UserError as error:
            raise UserError(f"--run_dir={self.path} holds other files and no readable run.json ({error}): name a new "
                            "or empty folder") from None

    def _check_format(self) -> None:
        if self.record.get("format") != FORMAT and any(self.checkpoints.glob("step_*")):
            raise UserError(f"--run_dir={self.path} was trained by another version of gan_zoo "
                            f"({self.record.get('git_revision') or 'unknown'}), whose checkpoints this one can't read: "
                            "name another --run_dir, or go on with that version; its export works as before")

    def _has_begun(self) -> bool:
        """Whether anything is here but what a run makes before its run.json is whole."""
        first = {self.lock, self.flags, self.samples, self.checkpoints, self.report}
        entries = [path for path in self.path.iterdir() if not files.is_temporary(path)] if self.path.exists() else []
        return any(path not in first or (path.is_dir() and any(path.iterdir())) for path in entries)

    def check_step(self, restored: int | None) -> None:
        """Raises UserError if run.json knows of rounds, but there is no checkpoint of any; warns if the last is gone.

        restored: the step of the newest that can be read.
        """
        step = self.record.get("step") or 0
        if restored is None and step > 0:
            raise UserError(f"{self.record_file} says step {step:,}, but {self.checkpoints} holds no checkpoint: bring "
                            "it back, or name another --run_dir to begin anew")
        if restored is not None and restored < step:
            _warn("%s says step %d, but the newest checkpoint that can be read is of step %d: goes on from "
                            "there", self.record_file, step, restored)

    def claim(self) -> None:
        """Makes the folder and keeps other processes out of it for as long as this one lives."""
        self._is_new = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._held = self.lock.open("w")
        except OSError as error:
            raise UserError(f"--run_dir={self.path} can't be made: {error.strerror}") from None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._is_new = False  # the other process has it
            raise UserError(f"--run_dir={self.path} is in use by another process: wait for it, or name another "
                            "folder") from None
        except OSError as error:
            _warn("%s can't be locked (%s): start no second run in it", self.path, error.strerror)

    def release(self) -> None:
        """Lets other processes in again."""
        if self._held:
            self._held.close()

    def give_up(self) -> None:
        """Takes away the folder that `claim` made, if it is there and nothing else was written in it."""
        if self._is_new and self.path.is_dir() and list(self.path.iterdir()) == [self.lock]:
            self.lock.unlink()
            self.path.rmdir()

    def clear(self) -> None:
        """Takes away what killed processes had begun to write; to be called with the folder claimed."""
        for folder in (self.path, self.samples):
            files.remove_temporaries(folder)

    def tie(self, step: int) -> Tie:
        """What binds checkpoints to this run, which gets its id here if it has none. step: that it has come to."""
        if not isinstance(self.record.get("id"), str):
            self.record |= {"id": uuid.uuid4().hex, "id_since": step}
        return Tie.of(self.record)

    def begin(self, experiment: Experiment, facts: dict) -> None:
        """Writes run.json and run.flags. facts: for run.json."""
        for ended in _OF_AN_END:  # beyond which it goes
            self.record.pop(ended, None)
        self.update(format=FORMAT, flags=experiment.values(), versions=versions.of_packages(),
                    git_revision=versions.git_revision(), status="running",
                    started=self.record.get("started", now()), **facts)
        self.write_flags(experiment)
        self.samples.mkdir(exist_ok=True)
        self.checkpoints.mkdir(exist_ok=True)

    def export_fault(self) -> str:
        """What is wrong with the export of a complete run, in words that follow its path; "" if nothing is."""
        # Imported here: the folder of a run is looked at by commands that need no TensorFlow.
        from gan_zoo.export.checksums import checksum, verify_checksums

        if not (self.export / "saved_model.pb").is_file():
            return "is not there"
        written = self.record.get("export_checksum")
        try:
            verify_checksums(str(self.export))
        except UserError as error:
            return str(error).removeprefix(f"{self.export} ")
        return "is of another run" if written not in (None, checksum(str(self.export))) else ""

    def write_flags(self, experiment: Experiment) -> None:
        """Writes run.flags."""
        lines = ["# This run again, or its continuation:", f"# {self.command()}", *experiment.to_flags(), ""]
        write_text(self.flags, "\n".join(lines))

    def end(self, status: str, reason: str = "", **facts) -> None:
        """Says in run.json how the run has ended; on a full disk no more than the status, which needs no room."""
        try:
            self.update(status=status, ended=now(), reason=reason, **facts)
        except OSError:
            with self.record_file.open("r+b") as file:
                written = file.read()
                place, word = written.find(b'"running"'), b'"stopped"'
                if place >= 0:
                    file.seek(place)
                    file.write(word)
            raise

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


def _warn(text: str, *values) -> None:
    from absl import logging  # imported here: it takes as long as a help text

    logging.warning(text, *values)


def _shown(value) -> str:
    return "" if value is None else str(value)
