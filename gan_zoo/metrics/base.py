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

What compares generated images with real ones in a feature space, or looks at one set of images, is written as a
function of arrays: see `gan_zoo.metrics.comparing`, which adds the floor.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from gan_zoo import features
from gan_zoo.data import Dataset
from gan_zoo.errors import UserError
from gan_zoo.features import Features, Parts
from gan_zoo.game import LatentSample
from gan_zoo.registry import Call, Registry, parse

metrics = Registry("metric")


class Counts(NamedTuple):
    """How often row k meets column l: integers [K, L]; and what rows and columns are, for the axes of a picture.

    row_names, column_names: of the classes, () for their numbers.
    """

    counts: np.ndarray
    rows: str
    columns: str
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()


class Tiles(NamedTuple):
    """Images to look at, uint8 [R, C, H, W, channels], a row of the picture each, and what they show."""

    images: np.ndarray
    title: str


class Sample(NamedTuple):
    """images: [N, H, W, C], uint8, or float32 of points. labels: int32 [N], or None."""

    images: np.ndarray
    labels: np.ndarray | None = None

    @property
    def classes(self) -> np.ndarray:
        """The labels; ValueError if there are none."""
        if self.labels is None:
            raise ValueError("these images have no labels")
        return self.labels


class Generator(Protocol):
    """What a metric may ask of a model (gan_zoo.export.model.Model)."""

    @property
    def description(self) -> Any:
        """Its export's account: codes (latents.Block), classes, value_range and more."""

    def draw(self, count: int, seed: int) -> LatentSample:
        """What a seed gives: noise [N, Z], and classes int32 [N] or None."""

    def recognize(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What is recognized in images uint8 [N, H, W, C], by the names of the signature's outputs."""


Picture = Counts | Tiles
Result = dict[str, float | int | str | Picture]


@dataclass(frozen=True)
class Subject:
    """A generator, and the real images to hold its own against.

    generate: count → its first `count` images, uint8 [count, H, W, C], the same at every call and a beginning of
    those of a larger count; fewer if real images stand in and run out. load: "train", "validation", "test" or "all"
    (see features.Parts) → these images. model: what generates them, or None if other images stand in. seed: of the
    generated images, whose noise model.draw gives, and of what is drawn from the real ones. labels: count → the classes
    of the first `count` generated images, those that the generator was asked for, int32 [count], as many as there are
    images; None if it takes no labels, or real images have none. class_names: of these, if they have names. held_out:
    whether no test image was trained on. spaces: those that are finished, by their spec, kept for other subjects with
    the same real images.
    """

    generate: Callable[[int], np.ndarray]
    load: Callable[[str], Dataset]
    model: Generator | None = None
    seed: int = 0
    labels: Callable[[int], np.ndarray] | None = None
    held_out: bool = True
    spaces: dict[str, Features] = field(default_factory=dict, repr=False)
    class_names: tuple[str, ...] = ()
    _embedded: dict[tuple, np.ndarray] = field(default_factory=dict, init=False, repr=False)
    _looked_at: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def train(self) -> Dataset:
        """What the generator was trained on."""
        return self.load("train")

    @property
    def validation(self) -> Dataset:
        """What a metric may choose its own parameters by."""
        return self.load("validation")

    @property
    def test(self) -> Dataset:
        """What a metric scores."""
        return self.load("test")

    def drawn(self, part: str, count: int) -> Sample:
        """`count` images of a part, drawn at random by the seed without repetition, or all if there are no more."""
        return _rows(getattr(self, part), self._order(part), count)

    def reference(self, count: int) -> Sample:
        """At most `count` real images to hold generated ones against: of the test images."""
        return self.drawn("test", count) if self.held_out else _rows(self.test, self._order("test")[::2], count)

    def stand_in(self, count: int) -> Sample:
        """At most `count` real images, none of them in `reference`, to be judged as if they were generated: the floor.

        Of the images trained on; if test images were among those, of the other half of these.
        """
        return self.drawn("train", count) if self.held_out else _rows(self.test, self._order("test")[1::2], count)

    def space(self, spec: str | None = None) -> Features:
        """The finished feature space of a spec; None: the classifier's if there are classes, else the default."""
        spec = spec or self._own_space()
        return self.kept_space(spec, features.build(spec).fit)

    def kept_space(self, name: str, fit: Callable[[Parts], Features]) -> Features:
        """The space of that name, finished by `fit` if it isn't yet.

        What it looked at then is loaded each time, so that whoever watches `load` sees what every metric depends on.
        """
        if name not in self.spaces:
            seen = self._looked_at.setdefault(name, [])

            def load(part: str) -> Dataset:
                seen.append(part)
                return self.load(part)

            self.spaces[name] = fit(load)
        for part in self._looked_at.get(name, ()):
            self.load(part)
        return self.spaces[name]

    def _own_space(self) -> str:
        data = self.load("all")
        if not data.has_pixels:
            return "raw"
        return "pca" if data.labels is None or len(np.unique(data.labels)) < 2 else "classifier"

    def embedded(self, space: Features, what: str, images: np.ndarray) -> np.ndarray:
        """The images in a space, float32 [N, D]. what: names them, so that metrics on the same ones share the work."""
        key = str(space), what, len(images)
        if key not in self._embedded:
            self._embedded[key] = space(images)
        return self._embedded[key]

    def _order(self, part: str) -> np.ndarray:
        """All rows of a part in random order."""
        stream = int.from_bytes(hashlib.blake2b(part.encode(), digest_size=4).digest(), "big")
        return np.random.default_rng([self.seed % 2**32, stream]).permutation(len(getattr(self, part).images))


def _rows(data: Dataset, rows: np.ndarray, count: int) -> Sample:
    """Those of `rows` that come first, in the order in which they lie."""
    chosen = np.sort(rows[:count])
    return Sample(np.asarray(data.images[chosen]), None if data.labels is None else np.asarray(data.labels)[chosen])


# A metric's result is a flat dict of JSON values, and of pictures. X_standard_error is shown as ± behind X, X_floor
# beside it: what real images get in place of generated ones. "warning" is a sentence that the reader of the numbers
# has to know; "features" names the feature space with its identity. Numbers that may differ by the seed are floats,
# counts among them, and settings are ints. A builder's `differences` names what has no meaningful ratio to its floor.
Metric = Callable[[Subject], Result]


def build(spec: str) -> dict[str, Metric]:
    """The metrics of a spec such as "parzen + kde(samples=4096)", each by the text of its call."""
    return {str(call): metrics.build(call) for call in parse(spec)}


def fitting(subject: Subject) -> dict[str, Metric]:
    """The metrics of a default measurement, by name: those whose `suits(subject)` says that they can serve it.

    `suits` is called without an instance, and so speaks for the settings by default; a metric that lacks it is measured
    only when it is asked for.
    """
    suited = {name: getattr(metrics[name], "suits", None) for name in metrics}
    return {name: metrics.build(Call(name)) for name, suits in suited.items() if suits and suits(subject)}


def pixels(images: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, C] → [N, D] without a copy."""
    return images.reshape(len(images), -1)


def enough(name: str, count: int, least: int) -> int:
    """The count, unless it is too small for a metric to mean anything; name: the metric's."""
    if count < least:
        raise UserError(f"{name} needs at least {least:,} images on either side, here are {count:,}: take more "
                        "samples, or more data")
    return count
