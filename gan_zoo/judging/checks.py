"""A cheap look at what is generated: a few hundred images against real ones, in a space that costs nothing.

The statistics and what each is good for: docs/reading_a_run.md. All are relative to their floor, what real images of
the same data get in place of generated ones, so that 1 is as good as real.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.stats

from gan_zoo.data import Dataset
from gan_zoo.features import Features, pca
from gan_zoo.features.base import rows_of
from gan_zoo.features.raw import flat
from gan_zoo.judging.groups import CLUSTERS, grouped
from gan_zoo.metrics.frechet import frechet_distance, moments

COUNT = 512  # images that a check generates
_REFERENCE = 1024  # real images that they are to cover
_LABELLED = 4096  # real images, these among them, by which the class of a generated one is read
_MOMENTS = 10_000  # real images whose mean and covariance, with the labelled ones', they are held against
_TINY = 1e-12  # the floor where all real images are the same
_FEWEST = 12  # real images; fewer are repeated
_NEIGHBOURS = 5  # of coverage
_DRAWS = 8  # of real images, whose mean is the floor
# Times as many pairs that look the same as among real images, and how many at least: n pairs tell the number of images
# to a share of 1/√n.
_SURELY, _ENOUGH = 4, 20
_NEAR = 0.02  # of the mean squared distance: closer ones look the same
_COUNTED = 10  # images of a class or mode among as many real ones as a check takes; a rarer one is not looked for
_CHANCE = 1e-4  # with which a class that is made as often as it should be may count as missing
_MISSING = 0.25  # of its share of real images: a class with less is missing; other classes are mistaken for it
STATISTICS = ("frechet", "coverage", "spread", "distinct", "worst_class", "classes", "top_class", "churn", "movement")


class Looked(NamedTuple):
    """What a check saw, for the next one to compare with. mean: of the images in the space, [d]. groups: int [n]."""

    mean: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True)
class Floor:
    """What real images get: means over draws of as many as a check generates.

    frechet: distance. coverage: share in [0, 1]. spread: mean squared distance of two. pairs: share of pairs that
    look the same.
    """

    frechet: float
    coverage: float
    spread: float
    pairs: float


class Checks:
    """Checks of one run: what it takes from the data, once, and the statistics of generated images.

    count: images that a check takes, at most 512. group_count: of the groups that real images fall into, without
    classes too rare to count; kind: what these are, "classes", "modes" of points of a known mixture, or else
    "clusters". space: in which images are compared.
    floor: what real images get. All of it is a function of the data alone.
    """

    def __init__(self, data: Dataset):
        self._embed = pca.fitted(data) if data.has_pixels and len(data.images) > 1 else flat
        self.space = str(self._embed) if isinstance(self._embed, Features) else "raw"
        order = np.random.default_rng(0).permutation(len(data.images))
        order = np.resize(order, max(_FEWEST, len(order)))  # of very few images each stands for several
        labelled, others = np.split(order, [min(_LABELLED, max(2, 2 * len(order) // 3))])
        self._labelled = rows_of(data.images, labelled, self._embedded)
        rest = rows_of(data.images, np.sort(others[:_MOMENTS]), self._embedded)
        self.count = min(COUNT, len(rest))
        self._reals = self._labelled[:_REFERENCE]
        between = _squared(self._labelled, self._labelled)
        self._radii = _radii(between[:_REFERENCE, :_REFERENCE])
        self._moments = moments(np.concatenate([self._labelled, rest]))
        self._groups = grouped(data, labelled, self._labelled, between)
        # Of real images that are grouped as generated ones will be, so that errors of the grouping cancel.
        shares = self._shares_of(self._groups.of(_squared(rest, self._labelled)))
        self._shares, self.kind = shares, self._groups.kind
        expected = shares * self.count
        if self.kind == CLUSTERS:
            self._counted, least = shares > 0, _MISSING * expected
        else:
            self._counted = expected >= min(_COUNTED, expected.max())
            least = np.minimum(_MISSING * expected, scipy.stats.poisson.ppf(_CHANCE, expected))
        self._least = least[self._counted]
        self.group_count = int(self._counted.sum())
        self.floor = self._floor(rest)

    def look(self, images: np.ndarray, before: Looked | None = None) -> tuple[dict[str, float], Looked]:
        """The statistics of generated images [n, H, W, C], uint8 or float32 points, and what to keep for the next look.

        before: what the look at the last check saw, of the same noise. The statistics:
        frechet: Fréchet distance over its floor. coverage: over its floor. spread: mean squared distance of two over
        that of real ones. distinct: how many different images there seem to be, from how many pairs look the same
        (birthday problem, arXiv:1706.08224); NaN where real images have as many such pairs, or there are too few pairs
        to tell. worst_class: the least share of a class that is counted, or cluster, over its share of the real ones.
        classes: how many have a quarter of their share, or as few as chance allows. top_class: the largest share in [0,
        1]. churn: share of noises whose class has changed. movement: squared distance of the mean image from the last
        check's, over the real spread. NaN where there was none before.
        """
        rows = self._embedded(images)
        distances = _squared(rows, self._labelled)
        mean, groups = rows.mean(axis=0), self._groups.of(distances)
        moved, churn = np.nan, np.nan
        if before is not None:
            moved = float(((mean - before.mean) ** 2).sum() / self.floor.spread)
            churn = float((groups != before.groups).mean())
        spread, pairs = _pairs(rows)
        alike = pairs > _SURELY * self.floor.pairs and pairs * len(rows) * (len(rows) - 1) / 2 >= _ENOUGH
        found = {"frechet": frechet_distance(rows, self._moments) / self.floor.frechet,
                 "coverage": self._coverage(distances[:, :len(self._reals)]) / self.floor.coverage,
                 "spread": spread / self.floor.spread, "distinct": 1 / pairs if alike else np.nan}
        return found | self._of_groups(groups) | {"churn": churn, "movement": moved}, Looked(mean, groups)

    def _embedded(self, images: np.ndarray) -> np.ndarray:
        return np.asarray(self._embed(np.asarray(images)), np.float32)

    def _of_groups(self, groups: np.ndarray) -> dict[str, float]:
        shares = self._shares_of(groups)
        ratios = shares[self._counted] / self._shares[self._counted]
        there = shares[self._counted] * len(groups) >= self._least
        return {"worst_class": float(ratios.min()), "classes": float(there.sum()), "top_class": float(shares.max())}

    def _shares_of(self, groups: np.ndarray) -> np.ndarray:
        return np.bincount(groups, minlength=self._groups.count) / len(groups)

    def _coverage(self, distances: np.ndarray) -> float:
        """Share of real images that have a generated one nearer than their k-th neighbour (arXiv:2002.09797).

        distances: squared, of generated to real ones, [n, m].
        """
        return float((distances.min(axis=0) < self._radii).mean())

    def _floor(self, others: np.ndarray) -> Floor:
        random, found = np.random.default_rng(1), []
        for _ in range(_DRAWS):
            rows = others[random.permutation(len(others))[:self.count]]
            found.append([frechet_distance(rows, self._moments), self._coverage(_squared(rows, self._reals)),
                          *_pairs(rows)])
        frechet, coverage, spread, pairs = np.mean(found, axis=0)
        return Floor(max(frechet, _TINY), max(coverage, _TINY), max(spread, _TINY), pairs)


def _pairs(rows: np.ndarray) -> tuple[float, float]:
    """(mean squared distance of two different rows, share of pairs nearer than a fiftieth of that)."""
    rows = rows - rows[:1]  # equal rows are zeros then, and have no distance, not even by rounding
    distances, count = _squared(rows, rows), len(rows) * (len(rows) - 1)
    mean = float(distances.sum(dtype=np.float64)) / count
    return mean, float((distances <= _NEAR * mean).sum() - len(rows)) / count


def _radii(distances: np.ndarray) -> np.ndarray:
    """The squared distance of each row to its k-th neighbour, or the last if there are fewer. distances: [n, n]."""
    k = min(_NEIGHBOURS, len(distances) - 1)
    return np.partition(distances, k, axis=1)[:, k]


def _squared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances [n, m], not below 0."""
    products = one @ other.T
    return np.maximum((one**2).sum(axis=1)[:, None] - 2 * products + (other**2).sum(axis=1)[None], 0)
