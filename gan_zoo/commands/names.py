"""Misspelt names are told before TensorFlow is imported, which takes seconds: the right ones are read from source."""

import ast
import difflib
import functools
import importlib.util
import re
import sys
from collections.abc import Collection
from pathlib import Path

from gan_zoo.commands import hints
from gan_zoo.declaring import as_number
from gan_zoo.errors import UserError, nearest
from gan_zoo.experiment import NO_CHOICES, Experiment
from gan_zoo.registry import check_literals, parse, summaries_in

# flag → the kind of name, the package whose files register such names, and the module and name of its registry
_REGISTRIES = {"model": ("model", "gan_zoo.models", "gan_zoo.models", "models"),
               "latent": ("latent", "gan_zoo.latents", "gan_zoo.latents", "latents"),
               "objective": ("objective", "gan_zoo.objectives", "gan_zoo.objectives", "objectives"),
               "augment": ("augmentation", "gan_zoo.augmentation", "gan_zoo.augmentation", "augmentations"),
               "instance_noise": ("schedule", "gan_zoo.schedules", "gan_zoo.schedules", "schedules"),
               "generator_average": ("average", "gan_zoo.training", "gan_zoo.training.averaging", "averages")}
_OPTIMIZERS = ("discriminator_optimizer", "generator_optimizer")
_HINTS = {"model": hints.for_model, "objective": hints.for_objective}
_NO_OPTIMIZERS = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")  # of Keras: base and wrappers


def check_names(experiment: Experiment) -> None:
    """Raises UserError for a spec that can't be parsed and for one that calls a name which is not registered.

    What a call's arguments have to be is checked where it is built.
    """
    for flag, (kind, *where) in _REGISTRIES.items():
        spec = getattr(experiment, flag)
        if spec is not None and as_number(spec) is None:
            _check(flag, spec, kind, _registered(*where))
    for flag in _OPTIMIZERS:
        if known := optimizer_names():
            _check(flag, getattr(experiment, flag), "optimizer", known)
    _check_dataset(experiment.dataset, _registered("gan_zoo.data", "gan_zoo.data", "datasets") - set(NO_CHOICES))


@functools.cache
def optimizer_names() -> tuple[str, ...]:
    """Keras's optimizers by their names in lower case; none if they can't be read from its source."""
    keras = importlib.util.find_spec("keras")
    if keras is None or keras.origin is None:
        return ()
    file = Path(keras.origin).with_name("optimizers") / "__init__.py"
    body = ast.parse(file.read_text(encoding="utf-8")).body if file.is_file() else []
    names = {alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names}
    return tuple(sorted(name.lower() for name in names if name[0].isupper() and name not in _NO_OPTIMIZERS))


def _registered(package: str, module: str, registry: str) -> set[str]:
    """The names in the package's source, and those that this process has registered if it has imported the module."""
    return {*summaries_in(package, registry), *getattr(sys.modules.get(module), registry, ())}


def _check(flag: str, spec: str, kind: str, known: Collection[str]) -> None:
    try:
        calls = parse(spec)
        unknown = next((call.name for call in calls if call.name not in known), None)
        if unknown is None:
            for call in calls:
                check_literals(call)
            return
        said = f"unknown {kind} {unknown!r}: {nearest(unknown, known)}"
    except UserError as error:
        said = str(error)
    named = re.match(r"\s*(\w*)\s*($|[(+])", spec)
    hint = "" if flag not in _HINTS or (named and named[1] in known) else _HINTS[flag](spec)
    raise UserError(f"--{flag}={spec}: {f'{hint}; ' if hint else ''}{said}")


def _check_dataset(dataset: str, known: Collection[str]) -> None:
    """A name without arguments may be one of TensorFlow Datasets, which are too many to know here."""
    if hint := hints.for_dataset(dataset):
        raise UserError(f"--dataset={dataset} is a path: {hint}")
    call = re.match(r"\s*(\w+)\s*\(", dataset)
    if call and call[1] not in known:
        close = difflib.get_close_matches(call[1].lower(), known, n=1, cutoff=0.6)
        guess = f"did you mean {close[0]!r}? " if close else ""
        raise UserError(f"--dataset={dataset} is unknown: {guess}choices: {', '.join(sorted(known))}, or any image "
                        "dataset of https://www.tensorflow.org/datasets/catalog")
    if call:
        _check("dataset", dataset, "dataset", known)
