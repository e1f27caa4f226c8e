"""A folder of pictures, flat or with one subfolder a class."""

import hashlib
import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from absl import logging

from gan_zoo.data import decoding
from gan_zoo.data.source import BATCH, DataRequest, Source, class_numbers, datasets
from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError, one_line

_LEAST_DEFAULT, _MOST_DEFAULT = 8, 64  # pixels a side


@datasets.register("folder")
def folder(request: DataRequest) -> Source:
    """The PNG, JPEG, BMP and GIF pictures below --data_dir; immediate subfolders are the classes."""
    root = _root(request.data_dir)
    paths = _pictures(root)
    names = _class_names(paths)
    splits = {"train": len(paths)}
    paths = _of_split(paths, request.split, splits)
    wanted = class_numbers(request.classes, names)
    if wanted:
        paths = [path for path in paths if names.index(path.parts[0]) in wanted]
    if not paths:
        raise UserError(f"--classes={','.join(request.classes)}: none of these classes is in --split={request.split}")
    size, channels = _defaults(root, paths, request)
    labels = np.array([names.index(path.parts[0]) for path in paths], np.int32) if names else None

    def batches():
        return _batches(root, paths, labels, size, channels)

    return Source(f"folder/{root.resolve().name}", _identity(root, paths), len(paths), (size, size, channels), names,
                  batches, splits)


def _root(data_dir: str | None) -> Path:
    wants = f"name a folder of pictures ({' '.join(decoding.ENDINGS)})"
    if not data_dir:
        raise UserError(f"--dataset=folder needs --data_dir: {wants}")
    root = Path(data_dir).expanduser()
    if not root.exists():
        raise UserError(f"--data_dir={data_dir} does not exist: {wants}")
    if not root.is_dir():
        raise UserError(f"--data_dir={data_dir} is not a folder: {wants}")
    return root


def _pictures(root: Path) -> list[Path]:
    """All pictures below `root`, relative to it, sorted; hidden files and folders are left out."""
    relative, visited = [], set()
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in visited else [name for name in folders if not name.startswith(".")]
        if real not in visited:
            here = Path(place).relative_to(root)
            relative += [here / name for name in files
                         if name.lower().endswith(decoding.ENDINGS) and not name.startswith(".")]
        visited.add(real)
    if not relative:
        raise UserError(f"--data_dir={root} holds no pictures: their names end in {' '.join(decoding.ENDINGS)}")
    return sorted(relative, key=Path.as_posix)


def _class_names(paths: list[Path]) -> tuple[str, ...]:
    """The immediate subfolders, or () if pictures also lie outside of them."""
    if any(len(path.parts) == 1 for path in paths):
        return ()
    return tuple(sorted({path.parts[0] for path in paths}))


def _of_split(paths: list[Path], split: str, splits: dict[str, int]) -> list[Path]:
    """The sorted paths that `split` selects.

    Slices are taken in an order by the hash of the name, as in TFDS: so train[:80%] has pictures of all classes.
    """
    dealt = sorted(paths, key=lambda path: hashlib.blake2b(path.as_posix().encode(errors="surrogateescape")).digest())
    return sorted([dealt[i] for i in positions(split, splits)], key=Path.as_posix)


def _identity(root: Path, paths: list[Path]) -> tuple:
    def state(path):
        try:
            status = (root / path).stat()
        except OSError:
            return path.as_posix(), None
        return path.as_posix(), status.st_size, status.st_mtime_ns

    return ("folder", str(root.resolve()), [state(path) for path in paths])


def _defaults(root: Path, paths: list[Path], request: DataRequest) -> tuple[int, int]:
    """(image size, channels): as requested, else from the headers of all pictures."""
    size, channels = request.image_size, request.channels
    if size is None:
        sides = _known(decoding.shorter_side, root, paths)
        size = min(max(min(sides, default=_MOST_DEFAULT), _LEAST_DEFAULT), _MOST_DEFAULT)
    if channels is None:
        channels = 1 if all(_known(decoding.is_grey, root, paths)) else 3
    return size, channels


def _known(measure, root: Path, paths: list[Path]) -> list:
    """`measure` of every picture that has a header; decoding reports the others."""

    def attempt(path):
        try:
            return measure(root / path)
        except Exception:
            return None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [value for value in map(attempt, paths) if value is not None]


def _batches(root: Path, paths: list[Path], labels: np.ndarray | None, size: int, channels: int):
    faults = _Faults(len(paths))

    def attempt(path):
        try:
            return decoding.decode(root / path, size, channels)
        except Exception as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), BATCH):
            batch = paths[start:start + BATCH]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                decoded = list(pool.map(attempt, batch))
            good = [i for i, image in enumerate(decoded) if isinstance(image, np.ndarray)]
            for i in sorted(set(range(len(batch))) - set(good)):
                faults.report(root / batch[i], decoded[i])
            if good:
                yield np.stack([decoded[i] for i in good]), None if labels is None else labels[start:][good]
    faults.conclude(root)


class _Faults:
    """Counts the unreadable files and names the first ones."""

    def __init__(self, total: int):
        self.total, self.count = total, 0

    def report(self, path: Path, error: Exception) -> None:
        self.count += 1
        logging.warning("skipping %s: %s", path, one_line(error).replace(str(path), "the file"))

    def conclude(self, root: Path) -> None:
        if self.count:
            logging.warning("%d of %d pictures in %s cannot be read and are skipped", self.count, self.total, root)
        if self.count == self.total:
            raise UserError(f"--data_dir={root}: none of its {self.total} pictures can be read")
