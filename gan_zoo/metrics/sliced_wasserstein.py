"""The sliced Wasserstein distance: transport along one direction at a time, averaged over directions."""

from dataclasses import dataclass

import numpy as np

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, metrics
from gan_zoo.metrics.comparing import Comparison

_MOST_DIRECTIONS = 100_000
_NUMBERS = 2**21  # that are sorted at a time, 16 MiB


def squared_transports(one: np.ndarray, other: np.ndarray, directions: int = 1000) -> np.ndarray:
    """W₂² of two sets of vectors [N, D], [M, D] projected on random directions: float64 [directions].

    The directions are uniform on the sphere, the same at every call. W₂² on a line is the mean squared difference of
    the quantile functions, here without interpolation, so exact for any N and M. The mean over directions is the
    squared sliced Wasserstein distance SW₂² (Bonneel et al. 2015, doi:10.1007/s10851-014-0506-3).
    """
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    chosen = np.random.default_rng(0).normal(size=[directions, one.shape[1]])
    chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
    rows, other_rows, weights = _coupling(len(one), len(other))
    together = max(1, _NUMBERS // len(rows))
    parts = []
    for some in np.split(chosen, range(together, directions, together)):
        moved = np.sort(some @ one.T, axis=1)[:, rows] - np.sort(some @ other.T, axis=1)[:, other_rows]
        parts.append(moved**2 @ weights)
    return np.concatenate(parts)


def _coupling(count: int, other_count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(ranks in the first set, those in the other that they go to, the mass that does): [P] each; the masses sum to 1.

    In units of 1 / (count · other_count), so that steps of both quantile functions meet exactly.
    """
    steps = np.union1d(np.arange(count + 1) * other_count, np.arange(other_count + 1) * count)
    return steps[:-1] // other_count, steps[:-1] // count, np.diff(steps) / (count * other_count)


@metrics.register("sliced_wasserstein")
@dataclass(frozen=True)
class SlicedWasserstein(Comparison):
    """Sliced Wasserstein distance SW₂ in a feature space, and MIND = 3 D SW₂² of its D features (arXiv:2605.06797).

    Unlike the Fréchet distance it is 0 only if all of two distributions is equal, not their moments alone; of samples
    it is above 0, the more, the fewer they are: compare with the floor. The standard errors are those of random
    directions, which are the same every time, and not of the samples. Not the distance of patches of Laplacian
    pyramids that has this name too (arXiv:1710.10196).
    """

    samples: int = 5000
    directions: int = 1000
    suits_points = True
    _name = "sliced_wasserstein"

    def __post_init__(self):
        super().__post_init__()
        check_count("sliced_wasserstein: directions", self.directions, least=2)
        check_number("sliced_wasserstein: directions", self.directions, most=_MOST_DIRECTIONS)

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]."""
        squares, scale = squared_transports(generated, real, self.directions), 3 * generated.shape[1]
        mean, error = float(squares.mean()), float(squares.std(ddof=1) / np.sqrt(len(squares)))
        distance = mean**0.5
        return {"sliced_wasserstein": distance,
                "sliced_wasserstein_standard_error": error / (2 * distance) if distance else 0.0,
                "mind": scale * mean, "mind_standard_error": scale * error}

    def _described(self, space: Features, generated: int) -> Result:
        return {**super()._described(space, generated), "directions": self.directions}
