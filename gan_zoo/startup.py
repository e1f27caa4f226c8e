"""What entry points share: a quiet import of TensorFlow, and errors shown as they deserve."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable

from gan_zoo.errors import RunStopped, UserError

VERBOSE = "GAN_ZOO_VERBOSE_STARTUP"
_STDERR = 2  # the file descriptor: TensorFlow's C++ code writes past sys.stderr


@contextlib.contextmanager
def quiet():
    """Keeps what TensorFlow's import and first operations write to standard error off the screen.

    The text is shown after all if the body raises anything but a UserError. With the environment variable
    GAN_ZOO_VERBOSE_STARTUP=1 nothing is held back: look there when the process dies without a word.
    """
    stderr = None if os.environ.get(VERBOSE, "0") not in ("", "0") else _duplicate(_STDERR)
    if stderr is None:
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryFile() as captured:
        _point_stderr_at(captured.fileno())
        show = False
        try:
            yield
        except UserError:
            raise
        except BaseException:
            show = True
            raise
        finally:
            _point_stderr_at(stderr)
            os.close(stderr)
            if show:
                _replay(captured)


def main(run: Callable[[list[str]], int | None]) -> NoReturn:
    """Calls `run` with the command line's arguments and ends the process with the code that it returns.

    A UserError becomes one line on standard error and exit code 2, a RunStopped one line and exit code 1;
    anything else keeps its traceback.
    """
    try:
        code = run(sys.argv[1:])
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        code = 2
    except RunStopped as error:
        print(f"stopped: {' '.join(str(error).split())}", file=sys.stderr)
        code = 1
    sys.exit(code)


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
