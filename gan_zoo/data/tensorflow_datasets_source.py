"""Any image dataset of TensorFlow Datasets (TFDS), which is imported only when one is asked for."""

import difflib
import os
import re
import shlex
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.data.download import prepare
from gan_zoo.data.headers import FIT_WORDS
from gan_zoo.data.resizing import fit
from gan_zoo.data.source import BATCH, DataRequest, Source, datasets, within_limits
from gan_zoo.data.tensorflow_datasets_keys import class_names, keys, unwarned
from gan_zoo.errors import UserError, one_line
from gan_zoo.experiment import NO_CHOICES

_DEFAULT_SIZE = 64  # pixels a side, where the dataset's images are not all of one square size
_READ_TOGETHER = 1  # files; with one the images come in the order of the split
_DECODED_TOGETHER = 64  # examples; TFDS's own choice wakes a thread for each, and takes twice as long
_MOST_VALUES_TOGETHER = 256 * 256 * 3  # larger images are finished one by one, in less memory


@datasets.register("tfds")
def tfds_source(request: DataRequest) -> Source:
    """Any image dataset of TensorFlow Datasets, by its own name: mnist, fashion_mnist, cifar10, celeb_a, …"""
    builder = _builder(request)
    with unwarned():
        image_key, label_key, note = keys(builder, request)
        prepared = builder.is_prepared()
    if not prepared:
        prepare(builder, request)
    count = _count(builder, request.split)
    shape = _image_shape(builder.info.features[image_key].shape, request)
    names = class_names(builder, label_key, request)
    parts = _Parts(image_key, label_key if names else None, shape, request.fit)

    def batches():
        return _batches(builder, request.split, parts)

    def notes(read):
        unused = f"{label_key} holds numbers that are no classes, or no class at all" if label_key and not names else ""
        lines = [note, unused, _on_fit(builder.info.features[image_key].shape, request.fit)]
        return [f"--dataset={request.dataset}: {line}" for line in lines if line]

    splits = {name: info.num_examples for name, info in builder.info.splits.items()}
    identity = _identity(builder, request.split, parts)
    return Source(builder.info.full_name, identity, count, shape, names, batches, splits, notes=notes,
                  slow=True)


class _Parts(NamedTuple):
    """What is read of an example, and what its image becomes. label: None without one. shape: (H, W, C)."""

    image: str
    label: str | None
    shape: tuple[int, int, int]
    fit: str


def _builder(request: DataRequest):
    import tensorflow_datasets as tfds

    if request.dataset == "tfds":
        raise UserError("--dataset=tfds: give the dataset's own name, such as --dataset=mnist")
    if request.data_dir and not tf.io.gfile.isdir(os.path.expanduser(request.data_dir)):
        raise UserError(f"--data_dir={request.data_dir} does not exist: name the folder of prepared TFDS data, or make "
                        "this one to download into")
    data_dir = request.data_dir or os.environ.get("TFDS_DATA_DIR") or None
    try:
        with unwarned():
            return tfds.builder(request.dataset, data_dir=os.path.expanduser(data_dir) if data_dir else None)
    except Exception as error:  # of many kinds: AssertionError for a wrong version, ValueError for a configuration, …
        known = tfds.list_builders(with_community_datasets=False)
        if re.split("[:/]", request.dataset)[0] not in known:
            raise UserError(_unknown(request.dataset, known)) from None
        raise UserError(f"--dataset={request.dataset}: {one_line(error, most=300)}") from error


def _unknown(name: str, known: list[str]) -> str:
    if os.path.isdir(os.path.expanduser(name)):
        return (f"--dataset={name} is a folder: for the pictures in it write --dataset=folder "
                f"--data_dir={shlex.quote(name)}")
    own = [entry for entry in datasets if entry not in NO_CHOICES]
    close = difflib.get_close_matches(name.partition("(")[0].lower(), [*own, *known], n=1, cutoff=0.6)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return (f"--dataset={name} is unknown: {guess}choices: {', '.join(own)}, or any image dataset of "
            "https://www.tensorflow.org/datasets/catalog")


def _count(builder, split: str) -> int:
    available = ", ".join(f"{name} ({info.num_examples})" for name, info in builder.info.splits.items())
    try:
        count = builder.info.splits[split].num_examples
    except Exception as error:
        reason = one_line(error, most=300)
        raise UserError(f"--split={split}: {reason}; splits of {builder.info.full_name}: {available}") from None
    if count < 1:
        raise UserError(f"--split={split} selects no image; splits of {builder.info.full_name}: {available}")
    return count


def _image_shape(stored: tuple[int | None, ...], request: DataRequest) -> tuple[int, int, int]:
    height, width, channels = stored
    side = height if height == width and height else min(height or _DEFAULT_SIZE, width or _DEFAULT_SIZE, _DEFAULT_SIZE)
    size = request.image_size or within_limits(side)
    return size, size, request.channels or (1 if channels == 1 else 3)


def _on_fit(stored: tuple[int | None, ...], how: str) -> str:
    """What is to be told of images that are not square, "" of others and where the set doesn't say."""
    height, width, _ = stored
    return f"its images are {width}x{height}: {FIT_WORDS[how]}" if height and width and height != width else ""


def _identity(builder, split: str, parts: _Parts) -> tuple:
    stored = [(name, info.num_examples, info.num_bytes) for name, info in builder.info.splits.items()]
    return "tfds", builder.info.full_name, str(builder.data_path), split, stored, parts.image, parts.label, parts.fit


def _batches(builder, split: str, parts: _Parts):
    def finished(example):
        return (fit(example[parts.image], parts.shape, parts.fit),
                example[parts.label] if parts.label else tf.constant(0))

    try:
        for images, labels in _pipeline(builder, split, parts, finished).as_numpy_iterator():
            yield images, np.asarray(labels) if parts.label else None
    except tf.errors.OpError as error:
        raise UserError(f"--dataset={builder.info.full_name}: the data in {builder.data_path} cannot be read "
                        f"({one_line(error, most=120)}); remove that folder and prepare it again") from error


def _pipeline(builder, split: str, parts: _Parts, finished) -> tf.data.Dataset:
    """Batches of `finished` examples in the order of the split, small ones of one shape batch by batch."""
    import tensorflow_datasets as tfds

    config = tfds.ReadConfig(try_autocache=False, interleave_cycle_length=_READ_TOGETHER,
                             num_parallel_calls_for_decode=_DECODED_TOGETHER)
    with unwarned():
        data = builder.as_dataset(split=split, read_config=config, decoders=_needed(builder, parts))
    values = data.element_spec[parts.image].shape.num_elements()
    together = values is not None and values <= _MOST_VALUES_TOGETHER
    data = data.batch(BATCH) if together else data
    data = data.map(finished, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return (data if together else data.batch(BATCH)).prefetch(2)


def _needed(builder, parts: _Parts):
    """Decodes these two features only; others, such as masks, may be large."""
    import tensorflow_datasets as tfds

    return tfds.decode.PartialDecoding({key: builder.info.features[key] for key in (parts.image, parts.label) if key})
