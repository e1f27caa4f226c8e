"""The kernel distance: an unbiased estimate of a squared maximum mean discrepancy."""

from dataclasses import dataclass

import numpy as np

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, metrics
from gan_zoo.metrics.comparing import Comparison

_FEWEST_BLOCKS = 10  # as long as there are two vectors for each
_LARGEST_BLOCK = 5000


def kernel_distance(one: np.ndarray, other: np.ndarray) -> float:
    """The unbiased MMD² of two sets of vectors [N, D], [M, D], N, M ≥ 2, with the kernel (x·y / D + 1)³.

    Mean kernel of two different x, plus that of two different y, less twice that of an x and a y (Bińkowski et al.
    2018, arXiv:1801.01401, eq. 4). On average 0 for two sets of one distribution, so often below 0.
    """
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return _mean_of_pairs(one) + _mean_of_pairs(other) - 2 * float(_kernel(one, other).mean())


def _kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one @ other.T / one.shape[1] + 1) ** 3


def _mean_of_pairs(rows: np.ndarray) -> float:
    """The mean kernel of two different rows."""
    kernel, count = _kernel(rows, rows), len(rows)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))


def in_blocks(one: np.ndarray, other: np.ndarray, block: int = 1000) -> np.ndarray:
    """The kernel distances of disjoint random parts of two sets of vectors [N, D], [M, D], N, M ≥ 2: float64 [B].

    block: the most vectors in a part of the smaller set. There are at least 10 parts, unless there would be fewer than
    two vectors in one. Disjoint parts are independent, so that their mean has a standard error; the parts are the same
    at every call.
    """
    fewer = min(len(one), len(other))
    count = min(max(-(-fewer // block), _FEWEST_BLOCKS), fewer // 2)
    random = np.random.default_rng(0)  # of both sets, lest equal orders of their classes be kept together
    parts = [np.array_split(rows[random.permutation(len(rows))], count) for rows in (one, other)]
    return np.array([kernel_distance(*pair) for pair in zip(*parts, strict=True)])


@metrics.register("kid")
@dataclass(frozen=True)
class KID(Comparison):
    """Kernel distance in a feature space, KID's formula (arXiv:1801.01401), 0 at best; has no bias by few samples.

    The mean over disjoint blocks of at most `block` images of either kind, drawn at random but the same every time,
    with its standard error. Not multiplied by anything; the paper takes blocks of 1000, which may overlap.
    """

    block: int = 1000
    differences = ("kid",)

    def __post_init__(self):
        super().__post_init__()
        check_count("kid: block", self.block, least=2)
        check_number("kid: block", self.block, most=_LARGEST_BLOCK)

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]."""
        found = in_blocks(generated, real, self.block)
        error = {"kid_standard_error": float(found.std(ddof=1) / np.sqrt(len(found)))} if len(found) > 1 else {}
        return {"kid": float(found.mean()), **error}

    def _described(self, space: Features, generated: int) -> Result:
        return {**super()._described(space, generated), "block": self.block}
