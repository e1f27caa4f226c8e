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
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gan_zoo.data import ImageDataset
from gan_zoo.registry import Registry, parse

metrics = Registry("metric")


class Counts(NamedTuple):
    """How often row k meets column l: integers [K, L]; and what rows and columns are, for the axes of a picture."""

    counts: np.ndarray
    rows: str
    columns: str


Result = dict[str, float | int | str | Counts]


@dataclass(frozen=True)
class Subject:
    """A generator, and the real images to hold its own against.

    generate: count → its first `count` images, uint8 [count, H, W, C], the same at every call and a beginning of
    those of a larger count; fewer if real images stand in and run out. load: "train", "validation" or "test" →
    these images. model: the loaded SavedModel with the signatures of gan_zoo.export, and about: what it says of
    itself; None and {} if real images stand in. seed: of the generated images, whose latent points the signature
    noise gives. labels: count → the classes of the first `count` generated images, those that the generator was asked
    for, int32 [count], as many as there are images; None if it takes no labels, or real images have none.
    """

    generate: Callable[[int], np.ndarray]
    load: Callable[[str], ImageDataset]
    model: Any = None
    about: dict = field(default_factory=dict)
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
