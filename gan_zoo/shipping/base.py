"""What a form of shipping gets and gives."""

import importlib.util
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.export.model import Model
from gan_zoo.export.priors import priors
from gan_zoo.registry import Registry

formats = Registry("format")

POINTS = 16  # images by which what is shipped is held against the export
_SEED = 1
# What is shipped, and the signature of the export that it is.
_NETWORKS = {"generator": "serving_default", "discriminator": "discriminate", "recognizer": "recognize"}


class Shipped(NamedTuple):
    """A file, and what was found on looking at it."""

    path: Path
    words: str


class Format(ABC):
    """A form. needs: the packages that it can't do without. ending: of its files' names.

    program: Markdown that shows how the generator's {file} is run, with {label} and {shape} for what it takes; "" if
    nobody has to know.
    """

    needs: ClassVar[Sequence[str]] = ()
    ending: ClassVar[str]
    program: ClassVar[str] = ""

    def check(self, source: "Source") -> None:  # noqa: B027 (most have nothing to refuse)
        """UserError for an export that can't be had in this form, before anything is written."""

    @abstractmethod
    def ship(self, source: "Source", folder: Path) -> list[Shipped]:
        """Writes an export's files to a folder."""


@dataclass(frozen=True)
class Network:
    """A function to ship. name: "generator", "discriminator" or "recognizer".

    function: takes and gives tensors by name. inputs: batches of any size. examples: what it is tried on. wanted: what
    it gave for these, by the export itself.
    """

    name: str
    function: Callable[..., dict[str, tf.Tensor]]
    inputs: Mapping[str, tf.TensorSpec]
    examples: Mapping[str, np.ndarray]
    wanted: Mapping[str, np.ndarray]


class Source:
    """An export that is to be shipped. path: where it lies. title: what people call it. run: its run's folder, if any.

    int8: whether weights shall be of 8 bits, where a form leaves the choice.
    """

    def __init__(self, path: Path, title: str, run: Path | None = None, int8: bool = False):
        self.path, self.title, self.run, self.int8 = path, title, run, int8
        self.model = Model.read(str(path), "export")
        self.description = self.model.description

    @property
    def words(self) -> str:
        """What it is, in a line."""
        metadata = self.description.metadata
        flags = metadata.get("flags") or {}
        height, width, channels = self.description.image_shape
        parts = [f"{flags['model']} trained on {flags['dataset']}" if {"model", "dataset"} <= flags.keys() else "",
                 f"step {metadata['step']:,}" if metadata.get("step") is not None else "",
                 "points" if self.description.are_points else
                 f"{width} × {height} pixels, {'grey' if channels == 1 else f'{channels} channels'}"]
        return ", ".join(filter(None, parts))

    @cached_property
    def networks(self) -> list[Network]:
        """Those that the export has."""
        drawn = self.model.draw(POINTS * self.description.packing, _SEED)
        latent = {"noise": drawn.noise} | ({} if drawn.labels is None else {"label": drawn.labels})
        generator = self._network("generator", latent)
        images = {"images": self.model.decode(drawn)} | latent
        judges = [self._network(name, images) for name in ("discriminator", "recognizer")
                  if _NETWORKS[name] in self.model.signatures]
        return [generator, *judges]

    def _network(self, name: str, given: Mapping[str, np.ndarray]) -> Network:
        signature: Any = self.model.signatures[_NETWORKS[name]]
        specs = {key: _batched(key, spec) for key, spec in signature.structured_input_signature[1].items()}
        examples = {key: given[key] for key in specs}
        found = signature(**{key: tf.constant(value, specs[key].dtype) for key, value in examples.items()})
        wanted = {key: value.numpy() for key, value in found.items()}
        return Network(name, signature, specs, examples, wanted)


def _batched(name: str, spec: tf.TensorSpec) -> tf.TensorSpec:
    """An input of unknown rank, a class for all or for each, as a class for each."""
    return tf.TensorSpec([None] if spec.shape.rank is None else spec.shape, spec.dtype, name)


def difference(wanted: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> float:
    """The largest |a − b| / max(1, |a|) over all outputs, wherever the export's is finite; UserError if b isn't."""
    worst = 0.0
    for name, value in wanted.items():
        finite = np.isfinite(value)
        wanted_there, there = value[finite], found[name].astype(np.float64)[finite]
        if not np.isfinite(there).all():
            raise UserError(f"what was written gives {name} that are not finite, where the export's are: leave this "
                            "form out of --format")
        distance = np.abs(wanted_there - there) / np.maximum(1, np.abs(wanted_there))
        worst = max(worst, float(distance.max(initial=0)))
    return worst


def grey_levels(source: Source, images: np.ndarray) -> np.ndarray:
    """How far images in the value range lie from the export's, in grey levels of 255."""
    low, high = source.description.value_range or (0.0, 255.0)
    return np.abs(images - source.networks[0].wanted["images"]) * 255 / (high - low)


def check_installed(name: str, form: Format) -> None:
    """Raises UserError if a package that a form needs isn't installed."""
    missing = [package for package in form.needs if importlib.util.find_spec(package) is None]
    if missing:
        names = " ".join(package.replace("_", "-") for package in missing)
        raise UserError(f"--format={name} needs what is not installed: pip install {names}")


def properties(source: Source) -> dict[str, Any]:
    """What whoever runs the networks must know of them, for JSON."""
    about = source.description
    told: dict[str, Any] = {"title": source.title, "image_shape": list(about.image_shape),
            "value_range": about.value_range and list(about.value_range), "latent_size": about.latent_size,
            "noise": list(priors(about)), "spherical": about.spherical, "packing": about.packing,
            "codes": [code.as_dict() for code in about.codes]}
    if about.classes:
        told |= {"classes": list(about.classes.trained), "class_names": list(about.classes.names)}
    return told


def text(value: Any) -> str:
    """A property as text: itself, or as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
