"""A folder of pictures: flat, or with folders that are classes, or splits, or both."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from gan_zoo.data import decoding, headers
from gan_zoo.data.arrangement import Arranged, arrange, canonical, listed
from gan_zoo.data.attempts import attempts
from gan_zoo.data.decoding import Header
from gan_zoo.data.finding import UNREADABLE, Found, LeftOut, find, told
from gan_zoo.data.source import BATCH, Batch, DataRequest, Source, check_no_keys, class_numbers, datasets
from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError, one_line
from gan_zoo.quiet import tell

_FORMAT = 2  # of what is made of a picture; raise it when that changes


@datasets.register("folder")
def folder(request: DataRequest) -> Source:
    """The pictures below --data_dir; folders in it are its splits (train, val, test) or the classes, or both."""
    check_no_keys(request)
    found = find(checked_root(request.data_dir))
    arranged = arrange(found.paths)
    splits = {split: len(paths) for split, paths in arranged.splits.items()}
    chosen = _chosen(found, arranged, request, splits)
    known = headers.headers(found)
    readable = [header for path in chosen.paths if isinstance(header := known[path], Header)]
    size = request.image_size or headers.default_size(readable)
    channels = request.channels or headers.default_channels(readable)
    folder_ = _Folder(found, arranged, chosen, request, size, channels)
    return Source(f"folder/{found.root.resolve().name}", folder_.identity, len(chosen.paths), (size, size, channels),
                  chosen.names, folder_.batches, splits, notes=folder_.notes, label_note=folder_.label_note)


def checked_root(data_dir: str | None) -> Path:
    """The folder that --data_dir names; UserError if there is none."""
    wants = f"name a folder of pictures ({' '.join(decoding.ENDINGS)})"
    if not data_dir:
        raise UserError(f"--dataset=folder needs --data_dir: {wants}")
    root = Path(os.path.expanduser(data_dir))
    try:
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except FileNotFoundError:
        raise UserError(f"--data_dir={data_dir} does not exist: {wants}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"--data_dir={data_dir} cannot be read ({one_line(error)}): {wants}") from None
    if not is_folder:
        raise UserError(f"--data_dir={data_dir} is not a folder: {wants}")
    return root


class _Chosen(NamedTuple):
    """The pictures that --split and --classes select, sorted; names: of the classes, () without labels."""

    paths: list[PurePosixPath]
    names: tuple[str, ...]
    remark: str


def _chosen(found: Found, arranged: Arranged, request: DataRequest, splits: dict[str, int]) -> _Chosen:
    if not found.pictures:
        other = f": {told(found.left_out)}" if found.left_out else ""
        raise UserError(f"--data_dir={found.root} holds no pictures: their names end in "
                        f"{' '.join(decoding.ENDINGS)}{other}")
    paths = _of_split(arranged.splits, canonical(request.split), splits)
    names, remark = arranged.names, ""
    without = [path for path in paths if arranged.classes[path] is None]
    if names and without:
        names, remark = (), f"{without[0]} is in no folder of a class, so --split={request.split} has no labels"
    wanted = class_numbers(request.classes, names)
    if wanted:
        paths = [path for path in paths if names.index(str(arranged.classes[path])) in wanted]
    if not paths:
        raise UserError(f"--classes={','.join(request.classes)}: none of these classes is in --split={request.split}")
    return _Chosen(paths, names, remark)


def _of_split(groups: dict[str, list[PurePosixPath]], split: str, splits: dict[str, int]) -> list[PurePosixPath]:
    """The sorted paths that `split` selects.

    Slices are taken in an order by the hash of the name, as in TFDS: so train[:80%] has pictures of all classes.
    """
    dealt = [path for paths in groups.values() for path in sorted(paths, key=_hash)]
    return sorted([dealt[i] for i in positions(split, splits)], key=PurePosixPath.as_posix)


def _hash(path: PurePosixPath) -> bytes:
    return hashlib.blake2b(path.as_posix().encode(errors="surrogateescape")).digest()


class _Folder:
    """What is chosen of a folder, and how it is decoded and told about."""

    def __init__(self, found: Found, arranged: Arranged, chosen: _Chosen, request: DataRequest, size: int,
                 channels: int):
        self._found, self._arranged, self._chosen = found, arranged, chosen
        self._fit, self._asked_size, self._size, self._channels = request.fit, request.image_size, size, channels
        self._broken: list[LeftOut] = []

    @property
    def identity(self) -> tuple:
        """Of the whole folder, since the depth of grey is that of all its pictures."""
        found, paths = self._found, [path.as_posix() for path in self._chosen.paths]
        return ("folder", _FORMAT, str(found.root.resolve()), found.pictures, paths, self._chosen.names, self._fit)

    @property
    def label_note(self) -> str:
        names = self._chosen.names
        if len(names) > 1:
            return f"the pictures are in folders by class ({listed(names)}): --conditional would generate by class"
        return "; ".join(filter(None, [*self._arranged.remarks, self._chosen.remark]))

    def batches(self) -> Iterator[Batch]:
        """As in Source. Pictures that can't be decoded are named and left out."""
        found, paths, names = self._found, self._chosen.paths, self._chosen.names
        known, whites = headers.headers(found), headers.whites(found)

        def work(path):
            header = known[path]
            if isinstance(header, Exception):
                raise header
            return decoding.decode(found.root / path, self._size, self._channels, self._fit, whites)

        self._broken = []
        images, labels = [], []
        for path, image in zip(paths, attempts(work, paths), strict=True):
            if isinstance(image, Exception):
                self._broken.append(LeftOut(headers.reason(image), path.as_posix()))
                tell(f"skipping {found.root / path}: {headers.in_words(image, found.root / path)}")
                continue
            images.append(image)
            labels.append(names.index(str(self._arranged.classes[path])) if names else -1)
            if len(images) == BATCH:
                yield np.stack(images), np.array(labels, np.int32) if names else None
                images, labels = [], []
        if len(self._broken) == len(paths):
            raise UserError(f"--data_dir={found.root}: none of its {len(paths)} pictures can be read")
        if images:
            yield np.stack(images), np.array(labels, np.int32) if names else None

    def notes(self, read: int) -> list[str]:
        """What there is to be told once the pictures are read, lines. read: how many could be."""
        found, headers_ = self._found, headers.headers(self._found)
        known = {path: headers_[path] for path in self._chosen.paths}
        missing = len(known) - read
        broken = self._broken
        if len(broken) != missing:  # images from the cache: of some it isn't known any more which could not be read
            broken = [LeftOut(headers.reason(header), path.as_posix()) for path, header in known.items()
                      if isinstance(header, Exception)]
            broken += [LeftOut(UNREADABLE, "…")] * (missing - len(broken))
        left_out = [*found.left_out, *self._arranged.left_out, *broken]
        lines = [f"{read:,} pictures read, {len(left_out):,} left out: {told(left_out)}"] if left_out else []
        lines += [*self._arranged.remarks, *filter(None, [self._chosen.remark])]
        of = {path: header for path, header in known.items() if isinstance(header, Header)}
        lines += headers.remarks(of, self._size, self._asked_size is not None, self._fit, headers.whites(found))
        return [f"--data_dir={found.root}: {line}" for line in lines]
