"""Disks: what a run needs of them, and what they say when they fail."""

import errno
import shutil
from pathlib import Path

import tensorflow as tf

from gan_zoo.errors import one_line

_MIB = 1 << 20
_BORNE = 512 * _MIB  # bytes that the checkpoints of a run may take unless somebody asks for more
_FEWEST, _MOST = 2, 3  # checkpoints: with two, a damaged one still has one before it
_OF_FILES = (tf.errors.PermissionDeniedError, tf.errors.NotFoundError, tf.errors.UnavailableError,
             tf.errors.FailedPreconditionError, tf.errors.DataLossError)
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


def reason(error: BaseException) -> str | None:
    """Why something could not be written or read, in a few words; None if the error is of another kind."""
    if isinstance(error, OSError) and error.errno is not None:
        name = f": {error.filename}" if error.filename and error.errno != errno.ENOSPC else ""
        return f"{error.strerror}{name}"
    text = one_line(error, most=300)
    if isinstance(error, (OSError, tf.errors.OpError)):
        full = next((words for words in _FULL if words in text), None)
        if full or isinstance(error, (OSError, *_OF_FILES)):
            return full or text
    return None


def kept(asked: int | None, size: int) -> int:
    """How many checkpoints of `size` bytes are kept: as many as asked for, else as a laptop bears."""
    return asked or min(_MOST, max(_FEWEST, _BORNE // max(size, 1)))


def need(size: int, keep: int, folder: Path) -> str:
    """What a run's checkpoints need, and what there is: a line for a person. size: bytes of one."""
    whole = size * (keep + 1)  # a new one is whole before the oldest goes
    line = f"checkpoints of {_shown(size)}, the newest {keep} are kept: up to {_shown(whole)} in {folder}"
    free = shutil.disk_usage(folder).free
    if free < whole:
        line += f", where {_shown(free)} are free: make room, or set --keep_checkpoints=1"
    return line


def _shown(size: int) -> str:
    return f"{size / _MIB:,.0f} MiB" if size >= 10 * _MIB else f"{size / _MIB:.1f} MiB"
