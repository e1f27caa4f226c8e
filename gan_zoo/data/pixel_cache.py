"""Where decoded images are kept: in memory, or once and for all in a file that is memory-mapped.

The file is an ordinary .npy of uint8 [N, H, W, C], with the labels beside it. It appears under its name only
when it is whole, and is taken for whole only if its header and its length agree.
"""

import contextlib
import hashlib
import io
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_zoo import files
from gan_zoo.data.source import Batch, Source
from gan_zoo.errors import UserError

_FORMAT = 1  # raise it when decoding changes, so that older files are not taken for new ones
_ABANDONED_SECONDS = 3600  # a live build writes far more often than this


class UnusableError(UserError):
    """A folder in which no images can be kept; the images are not to blame."""


class Stored(NamedTuple):
    """images: uint8 [N, H, W, C]. labels: int32 [N] or None."""

    images: np.ndarray
    labels: np.ndarray | None


def default_cache_dir() -> Path:
    """~/.cache/gan_zoo, or what XDG_CACHE_HOME says."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan_zoo"


def in_memory(source: Source, classes: tuple[int, ...]) -> Stored:
    """Decodes the images of `classes` (() for all) into one array."""
    images = np.empty((source.most, *source.image_shape), np.uint8)
    labels, count = [], 0
    for batch, numbers in _chosen(source, classes):
        images[count:count + len(batch)] = batch
        labels.append(numbers)
        count += len(batch)
    return Stored(images[:count], _joined(labels, source))


def on_disk(source: Source, classes: tuple[int, ...], folder: Path) -> Stored:
    """The same, memory-mapped from a file in `folder`, which is written if it is not there. UnusableError if not."""
    identity = repr((_FORMAT, source.identity, source.image_shape, classes))
    name = re.sub(r"[^\w.-]+", "-", source.name)
    path = folder / f"{name}-{hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()}.npy"
    stored = _opened(path, source)
    if stored is None:
        _build(path, source, classes)
        stored = _opened(path, source)
    if stored is None:
        raise UnusableError(f"--cache_dir={folder}: {path.name} cannot be read back; name another folder")
    return stored


def _chosen(source: Source, classes: tuple[int, ...]) -> Iterator[Batch]:
    """The batches without the images of other classes; UserError if none is left."""
    count = 0
    for images, labels in source.batches():
        if classes and labels is not None:
            keep = np.isin(labels, classes)
            images, labels = images[keep], labels[keep]
        count += len(images)
        yield images, labels
    if not count:
        raise UserError(f"--classes: no image of {source.name} in this --split is of the chosen classes")


def _joined(labels: list, source: Source) -> np.ndarray | None:
    if not source.class_names:
        return None
    return np.concatenate(labels).astype(np.int32)


def _header(count: int, image_shape: tuple[int, int, int]) -> bytes:
    """The head of a .npy file; NumPy leaves room in it for any count, so its length does not depend on it."""
    head = io.BytesIO()
    shape = (count, *image_shape)
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return head.getvalue()


def _labels_path(path: Path) -> Path:
    return path.with_suffix(".labels.npy")


def _opened(path: Path, source: Source) -> Stored | None:
    """What `path` holds, or None if it is not there or not whole."""
    offset = len(_header(0, source.image_shape))
    image_bytes = source.most_bytes // source.most
    try:
        count, rest = divmod(path.stat().st_size - offset, image_bytes)
        with path.open("rb") as file:
            if count < 1 or rest or file.read(offset) != _header(count, source.image_shape):
                return None
        images = np.memmap(path, np.uint8, "r", offset, (count, *source.image_shape))
        labels = np.load(_labels_path(path), allow_pickle=False) if source.class_names else None
    except (OSError, ValueError, EOFError):
        return None
    if labels is not None and (labels.shape != (count,) or labels.dtype != np.int32):
        return None
    return Stored(images, labels)


def _build(path: Path, source: Source, classes: tuple[int, ...]) -> None:
    """Decodes the source into `path`. Sources raise no OSError, so that one here is the cache folder's."""
    partial = path.with_suffix(f".{files.own()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        _check_room(path.parent, source, classes)
        print(f"decoding {source.name} once, up to {source.most:,} images and {source.most_bytes / 2**20:,.0f} MiB, "
              f"into {path}", file=sys.stderr)
        labels = _write(partial, source, classes)
        if labels is not None:
            _write_labels(_labels_path(path), labels)
        os.replace(partial, path)
    except OSError as error:
        raise UnusableError(f"--cache_dir={path.parent}: {error.strerror or error}; name a folder that can be written "
                            f"and has room for {source.most_bytes / 2**20:,.0f} MiB") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(path: Path, source: Source, classes: tuple[int, ...]) -> np.ndarray | None:
    labels, count = [], 0
    with path.open("wb") as file:
        file.write(_header(0, source.image_shape))
        for images, numbers in _chosen(source, classes):
            file.write(np.ascontiguousarray(images).data)
            labels.append(numbers)
            count += len(images)
        file.seek(0)
        file.write(_header(count, source.image_shape))
        file.flush()
        os.fsync(file.fileno())
    return _joined(labels, source)


def _write_labels(path: Path, labels: np.ndarray) -> None:
    partial = path.with_suffix(f".{files.own()}.tmp")
    try:
        with partial.open("wb") as file:
            np.save(file, labels)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _remove_abandoned(path: Path) -> None:
    """Removes what builds of this file left behind that were killed."""
    for partial in path.parent.glob(f"{path.stem}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):  # its process may be done with it just now
            if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                partial.unlink()


def _check_room(folder: Path, source: Source, classes: tuple[int, ...]) -> None:
    free = shutil.disk_usage(folder).free
    if not classes and free < source.most_bytes:
        raise UnusableError(f"--cache_dir={folder} has {free / 2**20:,.0f} MiB free, {source.name} needs "
                            f"{source.most_bytes / 2**20:,.0f}; name a folder with more room, or lower --image_size")
