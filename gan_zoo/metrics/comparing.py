"""What most metrics share: two sets of images in a feature space, or one set, and the floor of real images.

The floor is the same metric, at the same number of images, of real images that stand in for generated ones. A perfect
generator gets the floor, not 0 or 1. A subclass of Comparison or Property says only how arrays are compared:

    @metrics.register("centre")
    @dataclass(frozen=True)
    class Centre(Comparison):
        \"\"\"Distance of the means of generated and real images in a feature space.\"\"\"

        def compare(self, generated: np.ndarray, real: np.ndarray) -> dict:
            return {"centre": float(np.linalg.norm(generated.mean(axis=0) - real.mean(axis=0)))}
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import Features
from gan_zoo.features import build as build_space
from gan_zoo.metrics.base import Result, Sample, Subject, enough

MOST_IMAGES = 1_000_000


def facts(space: Features) -> Result:
    """What a result tells of a space."""
    return {"features": str(space), **{f"features_{name}": value for name, value in space.facts.items()}}


@dataclass(frozen=True)
class _InASpace:
    """What metrics in a feature space are told.

    features: the space, a call such as "pca(components=64)"; None: the classifier's if there are classes, else pca.
    samples: generated images, fewer if there are fewer real ones to set the floor.
    """

    features: str | None = None
    samples: int = 10_000
    fewest = 2  # images without which the metric means nothing; not a hyperparameter
    takes_points = True
    suits_points = False  # whether coordinates are features whose measure means something
    suits_from = 2  # images on either side, that the settings by default need

    def __post_init__(self):
        check_count(f"{self._name}: samples", self.samples, least=self.fewest)
        check_number(f"{self._name}: samples", self.samples, most=MOST_IMAGES)
        if self.features is not None:
            build_space(self.features)

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """Images, for some metrics points, if there are enough."""
        return (subject.test.has_pixels or cls.suits_points) and there_are(subject, cls.suits_from)

    @property
    def _name(self) -> str:
        return type(self).__name__.lower()

    def _described(self, space: Features, generated: int) -> Result:
        return {"samples": generated, **facts(space)}


@dataclass(frozen=True)
class Comparison(_InASpace, ABC):
    """A metric of generated against real images."""

    @abstractmethod
    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Values by name, of float32 [N, D] and [M, D]."""

    def __call__(self, subject: Subject) -> Result:
        space = subject.space(self.features)
        reference, generated, stand_in = sides(subject, self.samples)
        enough(self._name, min(len(reference.images), len(generated)), self.fewest)
        real = subject.embedded(space, "reference", reference.images)
        values = self.compare(subject.embedded(space, "generated", generated), real)
        floor = self.compare(subject.embedded(space, "stand_in", stand_in.images), real)
        return {**with_floor(values, floor), "real_images": len(real), **self._described(space, len(generated))}


@dataclass(frozen=True)
class Property(_InASpace, ABC):
    """A metric of one set of images, such as its variety; the floor is that of real ones."""

    @abstractmethod
    def of(self, images: np.ndarray) -> dict[str, float]:
        """Values by name, of float32 [N, D]."""

    def __call__(self, subject: Subject) -> Result:
        space = subject.space(self.features)
        _, generated, stand_in = sides(subject, self.samples)
        enough(self._name, len(generated), self.fewest)
        values = self.of(subject.embedded(space, "generated", generated))
        floor = self.of(subject.embedded(space, "stand_in", stand_in.images))
        return {**with_floor(values, floor), **self._described(space, len(generated))}


def there_are(subject: Subject, count: int) -> bool:
    """Whether there are `count` generated images, and as many real ones on either side."""
    sets = subject.reference(count).images, subject.stand_in(count).images, subject.generate(count)
    return min(map(len, sets)) >= count


def sides(subject: Subject, samples: int) -> tuple[Sample, np.ndarray, Sample]:
    """(real images, generated ones, real ones that stand in for them: as many)."""
    reference, stand_in = subject.reference(samples), subject.stand_in(samples)
    generated = subject.generate(len(stand_in.images))
    if len(generated) < len(stand_in.images):
        stand_in = subject.stand_in(len(generated))
    return reference, generated, stand_in


def with_floor(values: dict[str, float], floor: dict[str, float]) -> dict[str, float]:
    """Each value with its floor behind it."""
    together = {}
    for name, value in values.items():
        together[name] = value
        if name in floor:
            together[f"{name}_floor"] = floor[name]
    return together
