"""A quiet TensorFlow: its import speaks past Python's standard error, and its graphs warn of each other."""

import contextlib
import faulthandler
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

from gan_zoo.errors import RunStopped, UserError

VERBOSE = "GAN_ZOO_VERBOSE_STARTUP"
_STDERR = 2  # the file descriptor: TensorFlow's C++ code writes past sys.stderr
_told: set[str] = set()
_held: list[list[str]] = []  # what is told within quiet, one list for each that is open


@contextlib.contextmanager
def quiet():
    """Keeps what TensorFlow's import and first operations write to standard error off the screen.

    The text is shown after all if the body raises anything but a UserError or a RunStopped. With
    GAN_ZOO_VERBOSE_STARTUP=1 in the environment nothing is held back: try it if the process dies wordlessly.
    """
    stderr = None if os.environ.get(VERBOSE, "0") not in ("", "0") else _duplicate(_STDERR)
    if stderr is None:
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _held.append([])
    with tempfile.TemporaryFile() as captured:
        _point_stderr_at(captured.fileno())
        show = False
        try:
            yield
        except (UserError, RunStopped, KeyboardInterrupt):
            raise
        except BaseException:
            show = True
            raise
        finally:
            _point_stderr_at(stderr)
            os.close(stderr)
            if show:
                _replay(captured)
            for line in _held.pop():
                _tell(line)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Ends the process, exit code 1, saying where it is, if the body takes longer.

    To be entered before `quiet`. For waits in C++ that hold Python's lock, so that no thread or signal ends them.
    """
    with os.fdopen(os.dup(_STDERR), "w") as error:
        faulthandler.dump_traceback_later(seconds, exit=True, file=error)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def tell(line: str) -> None:
    """A warning to a person about the data, once a process; within quiet it waits for its end."""
    if line not in _told:
        _told.add(line)
        _tell(line)


def _tell(line: str) -> None:
    if _held:
        _held[-1].append(line)
    else:
        from absl import logging as absl_logging  # imported here: it takes as long as a help text

        # Names of files may hold what no text can (PEP 383), and not every handler of a log gets along with that.
        absl_logging.warning("%s", line.encode(errors="backslashreplace").decode())


@contextlib.contextmanager
def without_retracing_warnings():
    """Keeps back what TensorFlow logs when the same lines build several graphs: each run has to have its own."""
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_not_of_retracing)
    try:
        yield
    finally:
        logger.removeFilter(_is_not_of_retracing)


def _is_not_of_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()


def _duplicate(descriptor: int) -> int | None:
    """A copy of the descriptor, or None if it is closed."""
    try:
        return os.dup(descriptor)
    except OSError:
        return None


def _point_stderr_at(descriptor: int) -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
    os.dup2(descriptor, _STDERR)


def _replay(captured) -> None:
    captured.seek(0)
    with open(_STDERR, "wb", closefd=False) as stderr:
        shutil.copyfileobj(captured, stderr)
