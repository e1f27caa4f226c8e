"""The registry of feature spaces, and what a space is.

A new space is one file here. Its registered builder takes the hyperparameters that a spec sets, checks them, and
returns an object with a method `fit`, which looks at real images and gives the finished Features:

    @features.register("mean_and_spread")
    @dataclass(frozen=True)
    class MeanAndSpread:
        \"\"\"Mean and standard deviation of the grey levels of an image.\"\"\"

        def fit(self, parts: Parts) -> Features:
            return Features("mean_and_spread", lambda images: np.stack(
                [images.mean(axis=(1, 2, 3)), images.std(axis=(1, 2, 3))], axis=1).astype(np.float32))
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gan_zoo.data import Dataset
from gan_zoo.errors import UserError
from gan_zoo.registry import Registry, one_call

features = Registry("feature space")

# The real images of a part: "train" (what the generator was trained on), "validation", "test", or "all", what can be
# learned from whatever the run was trained on: the whole train split, with all its classes.
Parts = Callable[[str], Dataset]


@dataclass(frozen=True)
class Features:
    """A finished space; called with images [N, H, W, C], uint8 (or float32 points), it gives float32 [N, D].

    name: its call, as text. identity: a hash of what it has learned or drawn, "" if that is nothing: values of unlike
    identities can't be compared. facts: what a reader of the numbers should know, as {"accuracy": 0.993}. classify:
    images → probabilities of the classes, float32 [N, K], or None if the space knows no classes.
    """

    name: str
    embed: Callable[[np.ndarray], np.ndarray]
    identity: str = ""
    facts: Mapping[str, float | int | str] = field(default_factory=dict)
    classify: Callable[[np.ndarray], np.ndarray] | None = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self.embed(images)

    def __str__(self) -> str:
        return f"{self.name} {self.identity}".strip()


class Space(Protocol):
    """What a builder returns."""

    def fit(self, parts: Parts) -> Features:
        """Learns what there is to learn; UserError if these images can't serve."""
        ...


def build(spec: str) -> Space:
    """The space of a spec, one call such as "pca(components=64)"; UserError for what is none."""
    if not isinstance(spec, str):
        raise UserError(f"{spec!r} is not a feature space: name one as text, as in features='pca'")
    return features.build(one_call(spec))


def digest(arrays: Iterable[np.ndarray]) -> str:
    """The identity of a space that consists of these numbers."""
    hashed = hashlib.blake2b(digest_size=6)
    for array in arrays:
        hashed.update(repr((array.shape, array.dtype.str)).encode() + np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


def rows_of(images: np.ndarray, chosen: np.ndarray, embed: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The vectors of some of many images, which may lie in a file: a thousand are read at a time."""
    parts = np.split(chosen, range(1000, len(chosen), 1000))
    return np.concatenate([embed(np.asarray(images[part])) for part in parts])


def in_parts(embed: Callable[[np.ndarray], np.ndarray], size: int = 1000) -> Callable[[np.ndarray], np.ndarray]:
    """The same for any number of images, `size` at a time, so that memory is bounded."""
    def embed_all(images: np.ndarray) -> np.ndarray:
        parts = [embed(images[start:start + size]) for start in range(0, max(len(images), 1), size)]
        return np.concatenate(parts)

    return embed_all
