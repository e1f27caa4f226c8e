"""The Fréchet distance of two Gaussians in a feature space."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_zoo.metrics.base import enough, metrics
from gan_zoo.metrics.comparing import Comparison

_SIZES = 15  # of the regression on 1/N
_SMALLEST = 0.3  # of the largest of these sizes


class Moments(NamedTuple):
    """mean: [D], covariance: [D, D] with N − 1; both float64."""

    mean: np.ndarray
    covariance: np.ndarray


def moments(rows: np.ndarray) -> Moments:
    """The moments of vectors [N, D], N ≥ 2."""
    rows = np.asarray(rows, np.float64)
    return Moments(rows.mean(axis=0), np.cov(rows, rowvar=False).reshape(rows.shape[1], -1))


def frechet_distance(one: np.ndarray | Moments, other: np.ndarray | Moments) -> float:
    """‖μ₁ − μ₂‖² + Tr(C₁ + C₂ − 2 (C₁ C₂)^½) of two sets of vectors [N, D], [M, D], or of their moments.

    The trace of the root is the sum of the roots of the eigenvalues of C₁^½ C₂ C₁^½, which is symmetric
    (Heusel et al. 2017, arXiv:1706.08500, eq. 6).
    """
    one, other = (each if isinstance(each, Moments) else moments(each) for each in (one, other))
    values, vectors = np.linalg.eigh(one.covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    cross = np.linalg.eigvalsh(root @ other.covariance @ root)
    trace = np.trace(one.covariance) + np.trace(other.covariance) - 2 * np.sqrt(np.maximum(cross, 0)).sum()
    return max(0.0, float(((one.mean - other.mean) ** 2).sum() + trace))


def unbiased_frechet_distance(one: np.ndarray, other: np.ndarray, seed: int = 0) -> float:
    """FD∞: what the distance tends to as the first set grows, by a line through FD(N) over 1/N at 15 sizes N.

    The line's value at 1/N = 0 (Chong and Forsyth 2020, arXiv:1911.07023); may fall below 0 by noise.
    """
    sizes = np.linspace(max(2, _SMALLEST * len(one)), len(one), _SIZES).astype(int)
    random, known = np.random.default_rng(seed), moments(other)
    distances = [frechet_distance(one[random.permutation(len(one))[:size]], known) for size in sizes]
    return float(np.polyfit(1 / sizes, distances, 1)[1])


@metrics.register("frechet")
@dataclass(frozen=True)
class Frechet(Comparison):
    """Fréchet distance in a feature space, FID's formula (arXiv:1706.08500), and without its bias (arXiv:1911.07023).

    frechet falls as samples grow, to frechet_infinity: compare values of one number of samples only. It takes more
    images than there are features.
    """

    suits_points = True
    suits_from = 65  # more than the features of any space that is taken where none is named
    differences = ("frechet_infinity",)

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]; UserError unless N, M > D: covariances of fewer vectors are singular."""
        dimensions = generated.shape[1]
        enough(f"frechet in a space of {dimensions:,} feature{'s'[:dimensions != 1]}", min(len(generated), len(real)),
               dimensions + 1)
        return {"frechet": frechet_distance(generated, real),
                "frechet_infinity": unbiased_frechet_distance(generated, real)}
