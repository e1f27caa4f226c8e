"""Which parts of an example of TensorFlow Datasets are the image and its class."""

import contextlib
from typing import NamedTuple

from absl import logging

from gan_zoo.data.source import DataRequest
from gan_zoo.errors import UserError, nearest

_IMAGE, _LABEL = "image", "label"  # what the parts are called in most sets
_MOST_CLASSES = 1000  # of labels that have no names: larger numbers are no classes but numbers of things
_READ_TOGETHER = 1024  # examples
_highest: dict[tuple[str, str], int] = {}  # (folder of the set, key) → the highest number, read once a process


class Keys(NamedTuple):
    """image, label: their names in an example, label None without one. note: what is told where there are others."""

    image: str
    label: str | None
    note: str


@contextlib.contextmanager
def unwarned():
    """Keeps back what TFDS warns of and nobody here can mend, such as its own deprecated calls."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def keys(builder, request: DataRequest) -> Keys:
    """Those that the flags name, else the set's own supervised pair, else "image" and "label", else the first by name.

    UserError if there is no image, or not what a flag names.
    """
    import tensorflow_datasets as tfds

    features = dict(sorted(dict(getattr(builder.info.features, "items", dict)()).items()))
    supervised = [key for key in builder.info.supervised_keys or () if isinstance(key, str) and key in features]
    images = [key for key, feature in features.items() if isinstance(feature, tfds.features.Image)]
    labels = [key for key, feature in features.items() if isinstance(feature, tfds.features.ClassLabel)]
    numbers = [key for key, feature in features.items() if key not in labels and _is_number(feature)]
    if not images:
        held = ", ".join(features) or "other data"
        raise UserError(f"--dataset={builder.info.full_name} has no images, only {held}; choose an image dataset of "
                        "https://www.tensorflow.org/datasets/catalog")
    image = _chosen("image_key", request.image_key, images, images, [*supervised, _IMAGE])
    by_itself = [*labels, *(key for key in numbers if key in (*supervised, _LABEL))]
    label = _chosen("label_key", request.label_key, [*labels, *numbers], by_itself, [*supervised, _LABEL])
    asked = {"image": request.image_key, "label": request.label_key}
    notes = [f"of its {kind}s {', '.join(known)} {key} is taken (--{kind}_key takes another)"
             for kind, key, known in (("image", image, images), ("label", label, by_itself))
             if len(known) > 1 and not asked[kind] and key not in supervised]
    return Keys(str(image), label, "; ".join(notes))


def class_names(builder, key: str | None, request: DataRequest) -> tuple[str, ...]:
    """The names of the classes; of numbers without names "0", "1", … up to the highest in any split; () for none.

    The set must be prepared. UserError if --label_key names numbers that can't be those of classes.
    """
    if key is None:
        return ()
    feature = builder.info.features[key]
    if getattr(feature, "num_classes", None):
        return tuple(feature.names)
    place = str(builder.data_path), key
    if place not in _highest:
        _highest[place] = max(_highest_in(builder, split, key) for split in builder.info.splits)
    if _highest[place] < _MOST_CLASSES:
        return tuple(str(number) for number in range(_highest[place] + 1))
    if request.label_key:
        raise UserError(f"--label_key={key}: its numbers go up to {_highest[place]:,}, and classes without names may "
                        f"be {_MOST_CLASSES:,} at most: name another part of the examples, or leave --label_key out")
    return ()


def _chosen(flag: str, asked: str | None, known: list[str], by_itself: list[str], first: list[str]) -> str | None:
    """What a flag asks for, else of those that are taken by themselves one of the first, else the first by name."""
    if asked is None:
        return next((key for key in (*first, *by_itself) if key in by_itself), None)
    if asked not in known:
        raise UserError(f"--{flag}={asked} is no {flag.partition('_')[0]} of these examples: {nearest(asked, known)}")
    return asked


def _is_number(feature) -> bool:
    """Whether it is one whole number."""
    return getattr(feature, "shape", None) == () and getattr(getattr(feature, "np_dtype", None), "kind", "") in "iu"


def _highest_in(builder, split: str, key: str) -> int:
    import tensorflow_datasets as tfds

    needed = tfds.decode.PartialDecoding({key: builder.info.features[key]})
    with unwarned():
        data = builder.as_dataset(split=split, decoders=needed, read_config=tfds.ReadConfig(try_autocache=False))
    return max((int(batch[key].max()) for batch in data.batch(_READ_TOGETHER).as_numpy_iterator()), default=-1)
