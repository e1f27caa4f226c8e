"""Whether two experiments train the same, however their flags are written."""

from gan_zoo.declaring import as_number
from gan_zoo.errors import UserError
from gan_zoo.experiment import NUMBERS_OR_CALLS, Experiment, flags
from gan_zoo.labels import split_classes
from gan_zoo.registry import Registry, parse

_SPECS = ("model", "objective", "latent", "discriminator_optimizer", "generator_optimizer")


def changed(old: dict, new: Experiment) -> list[tuple[str, object, object]]:
    """(flag, old value, new value) for each flag that changes what is trained.

    A flag that an older run did not know had its default. Where one of both leaves it to the data how large an image is
    and of how many channels, the data's fingerprint tells whether these are the same.
    """
    compared = [(item.name, old.get(item.name, item.default), getattr(new, item.name)) for item in flags()
                if not item.metadata["resumable"]]
    return [(name, was, now) for name, was, now in compared
            if canonical(name, was) != canonical(name, now) and _meaning(name, was) != _meaning(name, now)
            and not (None in (was, now) and Experiment.__dataclass_fields__[name].metadata["of_data"])]


def canonical(name: str, value):
    """The value of a flag with what is only a way of writing taken out. UserError for a spec that can't be parsed."""
    if name in _SPECS:
        return parse(value)
    if name in NUMBERS_OR_CALLS:  # records of older runs hold numbers
        number = as_number(value)
        return parse(value) if number is None else number
    if name in _CANONICAL:
        return _CANONICAL[name](value)
    return value


def _parsed_if_it_can_be(dataset: str):
    """The calls of a spec; the text itself of a name for TensorFlow Datasets, such as cats:1.0.0."""
    try:
        return parse(dataset)
    except UserError:
        return dataset


_CANONICAL = {"augment": lambda value: parse(value) if value else None, "dataset": _parsed_if_it_can_be,
              "classes": lambda value: set(split_classes(value))}


def _meaning(flag: str, value):
    """What the calls of a flag mean, their defaults filled in; the value in its canonical form if it has no calls."""
    registry = _registries().get(flag)
    if registry is None or value is None or as_number(value) is not None:
        return canonical(flag, value)
    try:
        return [registry.meaning(call) for call in parse(value)]
    except UserError:  # a name of TensorFlow Datasets, or of a version that had other builders
        return canonical(flag, value)


def _registries() -> dict[str, Registry]:
    # Imported here: the folder of a run is looked at by commands that need no TensorFlow.
    from gan_zoo.augmentation import augmentations
    from gan_zoo.data import datasets
    from gan_zoo.latents import latents
    from gan_zoo.models import models
    from gan_zoo.objectives import objectives
    from gan_zoo.schedules import schedules
    from gan_zoo.training.averaging import averages
    from gan_zoo.training.players import optimizers

    return {"model": models, "objective": objectives, "latent": latents, "dataset": datasets,
            "augment": augmentations, "instance_noise": schedules, "generator_average": averages,
            "discriminator_optimizer": optimizers, "generator_optimizer": optimizers}
