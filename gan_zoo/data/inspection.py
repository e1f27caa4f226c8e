"""A look at a folder of pictures before any training: what it holds, and what is odd about it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from gan_zoo.data import decoding, headers
from gan_zoo.data.arrangement import Arranged, arrange
from gan_zoo.data.attempts import attempts
from gan_zoo.data.decoding import ENDINGS, Header
from gan_zoo.data.finding import Found, LeftOut, find, told
from gan_zoo.data.folder import checked_root
from gan_zoo.errors import UserError

_FLAT = 2.0  # levels of 255: pictures with a smaller standard deviation show nothing
_KEPT = 256  # images for a trial of the training, evenly spread over the folder
_OF_A_CLASS = 12  # images that are shown of a class
_WIDE = 4 / 3  # longer over shorter side: beyond it a crop loses over a quarter
_FEW = 5000  # pictures, up to which augmentation helps


class Picture(NamedTuple):
    """name: below the folder. split, label: None without classes. image: uint8 [S, S, C]."""

    name: str
    split: str
    label: str | None
    image: np.ndarray


class Inspection(NamedTuple):
    """What a folder holds.

    read: how many pictures could be. splits, classes, formats, modes, sizes: numbers of pictures. equal: groups of
    names that give the same image; flat: names of such as show nothing. across: groups of `equal` that lie in several
    splits. wide: pictures of which a crop loses much. remarks: lines. shape: (S, S, C) of an image. kept: some, evenly
    spread. by_class: some of each class. odd: what is in equal, but for the first of a group, and in flat.
    """

    read: int
    left_out: tuple[LeftOut, ...]
    splits: dict[str, int]
    classes: dict[str, int]
    formats: Counter
    modes: Counter
    sizes: Counter
    equal: list[list[str]]
    across: list[list[str]]
    flat: list[str]
    wide: int
    remarks: list[str]
    shape: tuple[int, int, int]
    kept: list[Picture]
    by_class: dict[str, list[Picture]]
    odd: list[Picture]


def inspect(data_dir: str, image_size: int | None, channels: int | None, fit: str) -> Inspection:
    """Reads every picture below the folder once. UserError if there is none, or none can be read."""
    found = find(checked_root(data_dir))
    arranged = arrange(found.paths)
    known = {path: header for path, header in headers.headers(found).items() if path in arranged.classes}
    readable = {path: header for path, header in known.items() if isinstance(header, Header)}
    if not readable:
        broken = [LeftOut(headers.reason(header), path.as_posix()) for path, header in known.items()
                  if isinstance(header, Exception)]
        said = told([*found.left_out, *arranged.left_out, *broken])
        raise UserError(f"--data_dir={data_dir} holds no pictures that can be read ({' '.join(ENDINGS)})"
                        + (f": {said}" if said else ""))
    size = image_size or headers.default_size(list(readable.values()))
    look = _Look(found, arranged, size, channels or headers.default_channels(list(readable.values())), fit)
    look.at(list(known))
    return look.result({path: header for path, header in readable.items() if path in look.read}, image_size is not None)


class _Look:
    """What is learned of the pictures of a folder while each is decoded once."""

    def __init__(self, found: Found, arranged: Arranged, size: int, channels: int, fit: str):
        self.found, self.arranged, self.fit = found, arranged, fit
        self.headers, self.whites = headers.headers(found), headers.whites(found)
        self.shape = size, size, channels
        self.split_of = {path: split for split, paths in arranged.splits.items() for path in paths}
        self.read: dict[PurePosixPath, bytes] = {}  # picture → the hash of its image
        self.broken: list[LeftOut] = []
        self.flat: list[PurePosixPath] = []
        self.images: dict[PurePosixPath, Picture] = {}

    def at(self, paths: Sequence[PurePosixPath]) -> None:
        """Decodes these and learns of them."""
        kept, shown = set(_spread(paths, _KEPT)), set()
        for name in self.arranged.names:
            shown |= set(_spread([path for path in paths if self.arranged.classes[path] == name], _OF_A_CLASS))
        first: dict[bytes, PurePosixPath] = {}
        for path, image in zip(paths, attempts(self._decode, paths), strict=True):
            if isinstance(image, Exception):
                self.broken.append(LeftOut(headers.reason(image), path.as_posix()))
                continue
            self.read[path] = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
            is_flat, is_second = bool(image.std() < _FLAT), self.read[path] in first
            self.flat += [path] * is_flat
            first.setdefault(self.read[path], path)
            if path in kept or path in shown or is_flat or is_second:
                self.images[path] = Picture(path.as_posix(), self.split_of[path], self.arranged.classes[path], image)

    def _decode(self, path: PurePosixPath) -> np.ndarray:
        header = self.headers[path]
        if isinstance(header, Exception):
            raise header
        return decoding.decode(self.found.root / path, *self.shape[1:], self.fit, self.whites)

    def result(self, known: dict[PurePosixPath, Header], asked_size: bool) -> Inspection:
        """known: the headers of what was read."""
        groups: dict[bytes, list[PurePosixPath]] = {}
        for path, digest in self.read.items():
            groups.setdefault(digest, []).append(path)
        equal = [paths for paths in groups.values() if len(paths) > 1]
        across = [paths for paths in equal if len({self.split_of[path] for path in paths}) > 1]
        classes = Counter(self.arranged.classes[path] for path in known)
        kept = [self.images[path] for path in _spread(list(known), _KEPT) if path in self.images]
        by_class = {name: [picture for picture in self.images.values() if picture.label == name][:_OF_A_CLASS]
                    for name in self.arranged.names}
        odd = {path.as_posix() for path in [*self.flat, *(path for paths in equal for path in paths[1:])]}
        remarks = headers.remarks(known, self.shape[0], asked_size, self.fit, self.whites)
        return Inspection(
            len(known), (*self.found.left_out, *self.arranged.left_out, *self.broken),
            {split: sum(path in known for path in paths) for split, paths in self.arranged.splits.items()},
            {name: classes[name] for name in self.arranged.names},
            Counter(header.format.lower() for header in known.values()),
            Counter(header.mode for header in known.values()),
            Counter(f"{header.width}x{header.height}" for header in known.values()),
            _names(equal), _names(across), [path.as_posix() for path in self.flat],
            sum(max(header.width, header.height) > _WIDE * header.shorter_side for header in known.values()),
            [*self.arranged.remarks, *remarks], self.shape, kept, by_class,
            [picture for picture in self.images.values() if picture.name in odd])


def suggested(of: Inspection, data_dir: str, fit: str | None) -> list[str]:
    """Flags of gan-zoo train beside the model, for these pictures. fit: what was asked for, if anything was."""
    flags = ["--dataset=folder", f"--data_dir={data_dir}", f"--image_size={of.shape[0]}"]
    if fit or 2 * of.wide > of.read:
        flags.append(f"--fit={fit or 'pad'}")
    trained_on = of.splits.get("train") or of.read
    if "train" not in of.splits:
        flags.append(f"--split={'+'.join(of.splits)}")
    if len(of.classes) > 1 and sum(of.classes.values()) == of.read:
        flags.append("--conditional")
    if trained_on < _FEW:
        flags.append("--augment=color + translate + cutout")
    return flags


def _spread(paths: Sequence[PurePosixPath], most: int) -> list[PurePosixPath]:
    """At most so many of them, evenly."""
    places = np.unique(np.linspace(0, len(paths) - 1, min(most, len(paths))).astype(int))
    return [paths[place] for place in places]


def _names(groups: list[list[PurePosixPath]]) -> list[list[str]]:
    return [[path.as_posix() for path in paths] for paths in groups]
