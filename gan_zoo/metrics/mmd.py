"""Whether generated and real images can be told apart at all: a kernel two-sample test."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, metrics
from gan_zoo.metrics.comparing import Comparison
from gan_zoo.metrics.distances import squared_distances

_MOST_SAMPLES, _MOST_PERMUTATIONS = 2500, 100_000  # the kernel of all pairs has 4 samples² numbers
_TOGETHER = 500  # permutations
_ROUNDING = 1e-12  # values that differ by less are the same


class Discrepancy(NamedTuple):
    """squared: unbiased MMD², may be below 0. p_value: in (0, 1]. bandwidth: of the kernel, a distance."""

    squared: float
    p_value: float
    bandwidth: float


def discrepancy(one: np.ndarray, other: np.ndarray, bandwidth: float | None = None, permutations: int = 1000,
                ) -> Discrepancy:
    """The unbiased MMD² of vectors [N, D] and [M, D], N, M ≥ 2, with the kernel exp(−‖x − y‖² / 2h²), and its p-value.

    Gretton et al. 2012, A kernel two-sample test (JMLR 13), eq. 3. bandwidth: h; None for their heuristic, the median
    distance of two vectors of either set, among those that differ. permutations: how many random divisions of all
    vectors in N and M are drawn, the same at every call. The p-value is the share of those with as large an MMD², the
    given one among them: if all vectors are of one distribution, it is at most α with a probability of at most α.
    """
    distances = squared_distances(*[np.concatenate([one, other])] * 2)
    bandwidth = _median(distances) if bandwidth is None else bandwidth
    kernel = np.exp(distances / (-2 * bandwidth**2))
    np.fill_diagonal(kernel, 0)
    division = np.repeat([1.0, 0.0], [len(one), len(other)])[None]
    observed, random, as_large = _squared(kernel, division)[0], np.random.default_rng(0), 1
    for done in range(0, permutations, _TOGETHER):
        others = random.permuted(np.repeat(division, min(_TOGETHER, permutations - done), axis=0), axis=1)
        as_large += int((_squared(kernel, others) >= observed - _ROUNDING).sum())
    return Discrepancy(float(observed), as_large / (permutations + 1), bandwidth)


def _median(distances: np.ndarray) -> float:
    """The root of the median of what is above 0; 1 if nothing is."""
    found = distances[distances > 0]
    return float(np.sqrt(np.median(found))) if len(found) else 1.0


def _squared(kernel: np.ndarray, divisions: np.ndarray) -> np.ndarray:
    """MMD² of each division of L vectors in two, float64 [P]. kernel: [L, L], 0 on the diagonal.

    divisions: [P, L], 1.0 for vectors of the first set, 0.0 for those of the second.
    """
    of_first = divisions @ kernel
    within, all_pairs = (of_first * divisions).sum(axis=1), of_first.sum(axis=1)
    between, others = all_pairs - within, kernel.sum() - 2 * all_pairs + within
    count = divisions.sum(axis=1)
    rest = divisions.shape[1] - count
    return within / (count * (count - 1)) + others / (rest * (rest - 1)) - 2 * between / (count * rest)


@metrics.register("mmd")
@dataclass(frozen=True)
class MMD(Comparison):
    """Squared maximum mean discrepancy with an RBF kernel and the p-value of a permutation test (Gretton et al. 2012).

    mmd_squared: unbiased, about 0 at best. mmd_p_value: how often images of one kind would be as far apart by chance;
    never below 1 / (permutations + 1), and the lower, the more samples. mmd_bandwidth: of the kernel, the median
    distance unless `bandwidth` sets it: compare values of one bandwidth only.
    """

    samples: int = 1000
    bandwidth: float | None = None
    permutations: int = 1000
    suits_points = True
    differences = ("mmd_squared", "mmd_p_value", "mmd_bandwidth")

    def __post_init__(self):
        super().__post_init__()
        check_number("mmd: samples", self.samples, most=_MOST_SAMPLES)
        check_count("mmd: permutations", self.permutations)
        check_number("mmd: permutations", self.permutations, most=_MOST_PERMUTATIONS)
        if self.bandwidth is not None:
            check_number("mmd: bandwidth", self.bandwidth, above=0)

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]."""
        found = discrepancy(generated, real, self.bandwidth, self.permutations)
        return {"mmd_squared": found.squared, "mmd_p_value": found.p_value, "mmd_bandwidth": found.bandwidth}

    def _described(self, space: Features, generated: int) -> Result:
        return {**super()._described(space, generated), "permutations": self.permutations}
