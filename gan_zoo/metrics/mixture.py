"""Points against the modes of the mixture that they are to follow."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.special

from gan_zoo.data.modes import Modes, modes
from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.metrics.base import Result, Subject, enough, metrics
from gan_zoo.metrics.classes import divergence_error, shares
from gan_zoo.metrics.comparing import MOST_IMAGES, sides, with_floor

_FEWEST = 2


def nearest_modes(points: np.ndarray, known: Modes) -> tuple[np.ndarray, np.ndarray]:
    """(the nearest mode, its distance in standard deviations) of points [N, D]: int64 [N], float64 [N].

    The distance is Mahalanobis's, √Σ ((x − centre) / stddev)².
    """
    squares = sum(((points[:, [axis]].astype(np.float64) - known.centres[:, axis]) / known.stddevs[:, axis]) ** 2
                  for axis in range(known.centres.shape[1]))
    distances = np.sqrt(squares)
    return distances.argmin(axis=1), distances.min(axis=1)


@metrics.register("mixture")
@dataclass(frozen=True)
class Mixture:
    """Of points of a known mixture: captured modes, the share of high quality, and reverse KL (arXiv:1712.04086).

    A point is of high quality if it is within `within` standard deviations of its nearest mode; modes_captured: those
    that are nearest to one of them. reverse_kl: KL(generated ‖ data) of how many points are nearest to each mode, in
    nats; a perfect generator of N points gets (K − 1) / 2N. Its high_quality is that of the floor, in two dimensions
    0.98889 within 3: more than that are points that shrink onto the centres.
    """

    samples: int = 2500
    within: float = 3.0
    takes_points = True

    def __post_init__(self):
        check_count("mixture: samples", self.samples, least=_FEWEST)
        check_number("mixture: samples", self.samples, most=MOST_IMAGES)
        check_number("mixture: within", self.within, above=0)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Points whose modes are known."""
        return modes(subject.test) is not None

    def __call__(self, subject: Subject) -> Result:
        known = modes(subject.test)
        if known is None:
            raise UserError(f"mixture: the modes of {subject.test.name} are not known: leave it out, or take a "
                            "mixture, as in --dataset=ring")
        _, generated, stand_in = sides(subject, self.samples)
        enough("mixture", len(generated), _FEWEST)
        values, floor = (self.of(points.reshape(len(points), -1), known) for points in (generated, stand_in.images))
        return {**with_floor(values, floor), "modes": len(known.weights), "samples": len(generated)}

    def of(self, points: np.ndarray, known: Modes) -> dict[str, float]:
        """Values by name, of points [N, D]."""
        nearest, distances = nearest_modes(points, known)
        good = distances < self.within
        share, p = float(good.mean()), shares(np.bincount(nearest, minlength=len(known.weights)))
        divergence = float(scipy.special.rel_entr(p, known.weights).sum())
        logs = np.log(np.where(p > 0, p / known.weights, 1))
        error = divergence_error((p @ logs**2 - divergence**2) / len(points), len(p), 1 / len(points))
        return {"modes_captured": float(len(np.unique(nearest[good]))), "high_quality": share,
                "high_quality_standard_error": math.sqrt(share * (1 - share) / len(points)),
                "reverse_kl": divergence, "reverse_kl_standard_error": error}
