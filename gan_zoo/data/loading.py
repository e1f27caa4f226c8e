"""From an experiment to a request, and from a request to a dataset."""

from pathlib import Path

import numpy as np

from gan_zoo.data import pixel_cache
from gan_zoo.data.dataset import Dataset
from gan_zoo.data.image_dataset import ImageDataset, described
from gan_zoo.data.source import DataRequest, Source, build, check_request, class_numbers
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment, of_images
from gan_zoo.labels import split_classes
from gan_zoo.quiet import tell


def request(experiment: Experiment, **changes) -> DataRequest:
    """What the experiment's flags ask for, with other values for some fields, such as split="test"."""
    values = {name: getattr(experiment, name) for name in DataRequest._fields}
    values["classes"] = split_classes(experiment.classes)
    return DataRequest(**values | changes)


def locate(request: DataRequest) -> Source | Dataset:
    """Where the images come from that `request` asks for, none of them decoded yet, or a dataset that has no images.

    UserError as for load.
    """
    check_request(request)
    source = build(request)
    if not isinstance(source, Source):
        _check_without_images(request)
    return source


def load(request: DataRequest, source: Source | Dataset | None = None, judged: bool = False) -> Dataset:
    """The data that `request` asks for, images decoded; UserError says which flag is wrong and what to do.

    source: what locate has found for it, if that was wanted before. judged: as what is generated is held against, with
    the images' own classes and no clusters.
    """
    source = source or locate(request)
    if not isinstance(source, Source):
        return source
    if made := source.made_of:
        kept = load(request, made.source)
        return kept if judged and made.same_images else made.make(kept)
    classes = class_numbers(request.classes, source.class_names)
    images, labels = _stored(source, classes, request)
    for note in source.notes(len(images)):
        tell(note)
    title, names, label_note = f"{source.name} {request.split}", source.class_names, source.label_note
    if labels is not None and (unlabelled := int(np.sum(labels < 0))):
        label_note = (f"{unlabelled:,} of its {len(labels):,} images have no class (label −1), so that none of them is "
                      "taken for one of a class; --classes leaves them out")
        tell(f"--split={request.split} of {source.name}: {label_note}")
        labels, names = None, ()
    return ImageDataset(source.name, images, labels, names, described(title, images, labels), label_note)


def _check_without_images(asked: DataRequest) -> None:
    default = request(Experiment())
    for flag in of_images():
        value = getattr(asked, flag)
        if value != getattr(default, flag):
            shown = ",".join(value) if isinstance(value, tuple) else value
            raise UserError(f"--{flag}={shown} says nothing about --dataset={asked.dataset}, which draws points from "
                            f"a distribution: leave --{flag} out")


def _stored(source: Source, classes: tuple[int, ...], request: DataRequest) -> pixel_cache.Stored:
    """In memory if the images fit there, else on disk; what is slow to decode is on disk too, if there is a way."""
    most_resident_bytes = request.resident_mib * 2**20
    fits = source.most_bytes <= most_resident_bytes
    if fits and not source.slow:
        return pixel_cache.in_memory(source, classes)
    folder = Path(request.cache_dir).expanduser() if request.cache_dir else pixel_cache.default_cache_dir()
    try:
        stored = pixel_cache.on_disk(source, classes, folder)
    except pixel_cache.UnusableError as error:
        if not fits or request.cache_dir:
            raise
        tell(f"{error}; until then the images are decoded each time")
        return pixel_cache.in_memory(source, classes)
    if stored.images.nbytes <= most_resident_bytes:
        return stored._replace(images=np.array(stored.images))
    return stored
