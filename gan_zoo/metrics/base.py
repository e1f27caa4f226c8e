"""The registry of metrics, and what a metric may look at.

A new metric is one file here. Its registered builder takes the hyperparameters that the spec sets, checks
them, and returns a function of a Subject:

    @metrics.register("brightness")
    @dataclass(frozen=True)
    class Brightness:
        \"\"\"Mean grey level of generated images.\"\"\"
        samples: int = 1000

        def __call__(self, subject: Subject) -> dict:
            return {"brightness": float(subject.generate(self.samples).mean()), "samples": self.samples}
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from gan_zoo.data import ImageDataset
from gan_zoo.game import LatentSample
from gan_zoo.registry import Registry, parse

metrics = Registry("metric")


class Counts(NamedTuple):
    """How often row k meets column l: integers [K, L]; and what rows and columns are, for the axes of a picture."""

    counts: np.ndarray
    rows: str
    columns: str


class Generator(Protocol):
    """What a metric may ask of a model (gan_zoo.export.model.Model)."""

    @property
    def description(self) -> Any:
        """Its export's account: codes (latents.Block), classes, value_range and more."""

    def draw(self, count: int, seed: int) -> LatentSample:
        """What a seed gives: noise [N, Z], and classes int32 [N] or None."""

    def recognize(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What is recognized in images uint8 [N, H, W, C], by the names of the signature's outputs."""


Result = dict[str, float | int | str | Counts]


@dataclass(frozen=True)
class Subject:
    """A generator, and the real images to hold its own against.

    generate: count → its first `count` images, uint8 [count, H, W, C], the same at every call and a beginning of
    those of a larger count; fewer if real images stand in and run out. load: "train", "validation" or "test" →
    these images. model: what generates them, or None if real images stand in. seed: of the generated images, whose
    noise model.draw gives. labels: count → the classes of the first `count` generated images, those that the
    generator was asked for, int32 [count], as many as there are images; None if it takes no labels, or real images
    have none.
    """

    generate: Callable[[int], np.ndarray]
    load: Callable[[str], ImageDataset]
    model: Generator | None = None
    seed: int = 0
    labels: Callable[[int], np.ndarray] | None = None

    @cached_property
    def train(self) -> ImageDataset:
        """What the generator was trained on."""
        return self.load("train")

    @cached_property
    def validation(self) -> ImageDataset:
        """What a metric may choose its own parameters by."""
        return self.load("validation")

    @cached_property
    def test(self) -> ImageDataset:
        """What a metric scores."""
        return self.load("test")


# A metric's result is a flat dict of JSON values, and of Counts, which become pictures. X_standard_error is shown as ±
# behind X; "warning" is a sentence that the reader of the numbers has to know.
Metric = Callable[[Subject], Result]


def build(spec: str) -> dict[str, Metric]:
    """The metrics of a spec such as "parzen + kde(samples=4096)", each by the text of its call."""
    return {str(call): metrics.build(call) for call in parse(spec)}


def pixels(images: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, C] → [N, D] without a copy."""
    return images.reshape(len(images), -1)
