"""Runs of train.py as processes that are forked from one that has TensorFlow imported, or as processes of their own.

TensorFlow's import takes 5 to 10 seconds, its runtime starts with the first operation. So the process that forks
imports everything and computes nothing, and a child of it does what `python train.py` does from its first line on.
"""

import argparse
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def warm_up() -> None:
    """Imports what a run needs, without an operation of TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from gan_zoo.quiet import quiet

    with quiet():
        import tensorboard.backend.event_processing.event_file_loader  # noqa: F401
        from tensorflow.python.eager import context

        import gan_zoo.run  # noqa: F401
        from gan_zoo.commands import startup, train  # noqa: F401
        from gan_zoo.training import loop, machine  # noqa: F401
    if context.context_safe() is not None and context.context_safe()._initialized:
        raise RuntimeError("TensorFlow has already started: a child that is forked now would hang")


def folder_for(parser: argparse.ArgumentParser, asked: Path | None, prefix: str) -> Path:
    """Where things are to lie: an empty folder, a temporary one if none is asked for."""
    if asked is None:
        return Path(tempfile.mkdtemp(prefix=prefix))
    asked.mkdir(parents=True, exist_ok=True)
    if any(asked.iterdir()):
        parser.error(f"--out={asked} is not empty")
    return asked.absolute()


class Process:
    """A train.py with its output: `out` so far, `errors` once it has ended."""

    def __init__(self, flags: Sequence[str], folder: Path, spawn: bool = False):
        """flags: of train.py. folder: where its errors are kept. spawn: whether it is a process of its own."""
        self.out, self.began, self.code = "", time.monotonic(), None
        self._errors = folder / "errors.txt"
        self._reading, writing = os.pipe()
        with self._errors.open("wb") as errors:
            start = _spawn if spawn else _fork
            self.pid = start(list(flags), writing, errors.fileno())
        os.close(writing)
        self.spawned = spawn

    @property
    def errors(self) -> str:
        return self._errors.read_text(errors="replace")

    def poll(self, seconds: float = 0.0) -> bool:
        """Reads what has been said, for at most so long; whether it still runs."""
        if self._reading >= 0 and select.select([self._reading], [], [], seconds)[0]:
            text = os.read(self._reading, 65536)
            self.out += text.decode(errors="replace")
            if not text:
                self.close_pipe()
        elif self._reading < 0:
            time.sleep(seconds)
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is None

    def close_pipe(self) -> None:
        """Nobody reads its output any more."""
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1

    def wait(self, seconds: float) -> int | None:
        """Its exit code, negative for a signal; None, and it is killed, if it has not ended after so long."""
        deadline = time.monotonic() + seconds
        while self.poll(0.02):
            if time.monotonic() > deadline:
                self.send(signal.SIGKILL)
                while self.poll(0.02):
                    pass
                self.code = None
                break
        while self._reading >= 0:  # what is left in the pipe
            self.poll()
        return self.code

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def has_tensorflow(self) -> bool:
        """Whether it has come as far as to load TensorFlow."""
        try:
            return "_pywrap_tensorflow" in Path(f"/proc/{self.pid}/maps").read_text()
        except OSError:
            return False


def _spawn(flags: list[str], out: int, errors: int) -> int:
    command = [sys.executable, str(ROOT / "train.py"), *flags]
    process = subprocess.Popen(command, stdout=out, stderr=errors, stdin=subprocess.DEVNULL,
                               preexec_fn=_usual_signals)
    process.returncode = 0  # it is waited for here, not by Popen
    return process.pid


def _usual_signals() -> None:
    """As in a terminal, also where this process was told to ignore some, by nohup or by & in a script."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _fork(flags: list[str], out: int, errors: int) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for descriptor, standard in ((out, 1), (errors, 2)):
            os.dup2(descriptor, standard)
        os.closerange(3, 256)
        _usual_signals()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        from gan_zoo.commands import startup, train

        sys.argv = [str(ROOT / "train.py"), *flags]
        code = startup.main(train.run)
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def in_a_child(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns, JSON, computed in a fork; {"error": traceback} if it raises."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            answer = function(*arguments)
        except BaseException:
            answer = {"error": traceback.format_exc()}
        with os.fdopen(writing, "w") as file:
            json.dump(answer, file)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else {"error": "it died without a word"}
