"""The nouns of the data: what is asked for, and where it comes from.

A new dataset is one file here with a registered builder, whose arguments may be set in --dataset=NAME(…). It
returns a Source of images to be decoded, for which it takes the DataRequest as `request`, or at once a
finished PointDataset.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import UserError, check_count
from gan_zoo.labels import class_number
from gan_zoo.registry import Call, Registry, one_call

datasets = Registry("dataset", context=["request"])

SMALLEST_SIZE, LARGEST_SIZE = 8, 1024  # pixels a side
BATCH = 64  # images that a source decodes at a time

Batch = tuple[np.ndarray, np.ndarray | None]


class DataRequest(NamedTuple):
    """What the flags ask for; made by data.request alone, since the defaults are those of the flags.

    dataset: a call of a registered one, or the name of any image dataset of TensorFlow Datasets. data_dir:
    where prepared TFDS data lie, or the folder of images. split: in the syntax of TFDS, such as
    "train[:80%]+test". classes: numbers or names, () for all. image_size: pixels a side, None for the
    source's own. channels: 1 or 3, None for the source's own. fit: how images that are not square become so, as of
    --fit. image_key, label_key: of the examples of TFDS, None for the first that fits. download: whether TFDS may
    download. resident_mib: data up to this size are kept in memory, larger ones streamed from a file in cache_dir
    (None: ~/.cache/gan_zoo).
    """

    dataset: str
    data_dir: str | None
    split: str
    classes: tuple[str, ...]
    image_size: int | None
    channels: int | None
    fit: str
    image_key: str | None
    label_key: str | None
    download: bool
    resident_mib: int
    cache_dir: str | None


class Source(NamedTuple):
    """Images that can be decoded, from the first to the last, as often as wanted.

    name: for people and file names. identity: everything besides the shape and the classes that determines
    the pixels. most: an upper bound on the number of images. image_shape: (H, W, C). class_names: () if the
    images have no labels. batches: iterates over (uint8 [b, H, W, C], integer [b] or None); for its own
    faults it raises UserError, never OSError. splits: all that a request may name, with their numbers of images.
    made_of: another source, of which these are made anew for every batch (`Made`): that one's images are decoded and
    kept, and `batches` is not called. notes: what a person should be told once the images are read, lines, given how
    many that were. label_note: what to tell where a game makes no use of the labels, or can't, "" for nothing. slow:
    decoding takes so long that the images are kept on disk, be they ever so few.
    """

    name: str
    identity: tuple
    most: int
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    batches: Callable[[], Iterator[Batch]]
    splits: dict[str, int] = {}
    made_of: "Made | None" = None
    notes: Callable[[int], list[str]] = lambda read: []
    label_note: str = ""
    slow: bool = False

    @property
    def most_bytes(self) -> int:
        return self.most * math.prod(self.image_shape)


class Made(NamedTuple):
    """source: of the images that are kept. make: these as an ImageDataset → the dataset that is made of them.

    same_images: whether it has those very images, only with other classes: then its own images are what is judged.
    """

    source: Source
    make: Callable
    same_images: bool = False


def registered_call(dataset: str) -> Call | None:
    """The call of a registered builder that --dataset spells, or None if it is a name for TensorFlow Datasets.

    Raises UserError for a call that can't be parsed, and for a sum.
    """
    head = re.match(r"\s*(\w+)\s*([(+]|$)", dataset)
    return one_call(dataset) if head and head[1] in datasets else None


def build(request: DataRequest):
    """What the registered builder gives; an error that names no flag is about the arguments in --dataset."""
    try:
        return datasets.build(registered_call(request.dataset) or Call("tfds"), request=request)
    except UserError as error:
        if str(error).startswith("--"):
            raise
        raise UserError(f"--dataset={request.dataset}: {error}") from None


def source_of(request: DataRequest, of, word: str) -> Source:
    """The images that a dataset is made of, `of` being their --dataset. word: its builder, what is done to them."""
    if not isinstance(of, str):
        raise UserError(f"{word}: of must be the name of a dataset in quotes, as in {word}(\"mnist\"), got {of!r}")
    source = build(request._replace(dataset=of))
    if not isinstance(source, Source):
        raise UserError(f"{word}: {of} has points, and only images can be {word}: name a dataset of images")
    if source.made_of:
        raise UserError(f"{word}: {of} is itself made of other images: name a dataset as it is")
    return source


def check_request(request: DataRequest) -> None:
    """Raises UserError, naming the flag, for what no source could fulfil."""
    size, channels = request.image_size, request.channels
    if size is not None and (type(size) is not int or not SMALLEST_SIZE <= size <= LARGEST_SIZE):
        raise UserError(f"--image_size must be a whole number from {SMALLEST_SIZE} to {LARGEST_SIZE} (pixels a "
                        f"side), got {size!r}")
    if channels is not None and (type(channels) is not int or channels not in (1, 3)):
        raise UserError(f"--channels must be 1 (grey) or 3 (colour), got {channels!r}")
    check_count("--resident_mib", request.resident_mib, least=0)


def check_no_keys(request: DataRequest) -> None:
    """Raises UserError for a key of the examples of TensorFlow Datasets, of a source that is not of them."""
    for flag in ("image_key", "label_key"):
        if value := getattr(request, flag):
            raise UserError(f"--{flag}={value} names a part of the examples of TensorFlow Datasets, and --dataset="
                            f"{request.dataset} is none of these: leave --{flag} out")


def within_limits(size: int) -> int:
    """The nearest size that --image_size accepts."""
    return min(max(size, SMALLEST_SIZE), LARGEST_SIZE)


def class_numbers(wanted: tuple[str, ...], names: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the wanted classes in ascending order, () for all; a name goes before a number."""
    if wanted and not names:
        raise UserError(f"--classes={','.join(wanted)} cannot be chosen: these images have no labels; leave "
                        "--classes out")
    numbers = set()
    for entry in wanted:
        number = class_number(entry, names)
        if number is None:
            raise UserError(_unknown_class(entry, names))
        numbers.add(number)
    return tuple(sorted(numbers))


def _unknown_class(entry: str, names: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(entry, names, n=1, cutoff=0.6)
    guess = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(f"{i}={name}" if name != str(i) else name for i, name in enumerate(names[:24]))
    more = f", … {len(names) - 1}={names[-1]}" if len(names) > 24 else ""
    return f"--classes: there is no class {entry!r}; {guess}classes: {shown}{more}"
