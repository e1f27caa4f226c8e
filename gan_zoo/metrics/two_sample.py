"""Whether the nearest neighbour of an image tells if it is generated: a two-sample test without parameters."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_zoo.metrics.base import metrics
from gan_zoo.metrics.comparing import Comparison
from gan_zoo.metrics.distances import nearest_distances, neighbour_radii


class Told(NamedTuple):
    """Which vectors are taken for what they are: 1, or 0, or 1/2 where both kinds are as near; float64 [N] each."""

    generated: np.ndarray
    real: np.ndarray


def told_apart(generated: np.ndarray, real: np.ndarray) -> Told:
    """Each of N generated and N real vectors [N, D], N ≥ 2, taken for what the nearest of all the others is.

    Leave-one-out accuracy of a nearest-neighbour classifier (Lopez-Paz and Oquab 2017, Revisiting classifier two-sample
    tests, arXiv:1610.06545). ValueError unless there are as many of both.
    """
    if len(generated) != len(real):
        raise ValueError(f"as many generated as real vectors are wanted, got {len(generated)} and {len(real)}")
    return Told(_nearer(neighbour_radii(generated, 1), nearest_distances(generated, real)),
                _nearer(neighbour_radii(real, 1), nearest_distances(real, generated)))


def _nearer(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (own < other) + (own == other) / 2


@metrics.register("two_sample")
@dataclass(frozen=True)
class TwoSample(Comparison):
    """Share of images whose nearest neighbour is of their kind, generated or real (arXiv:1610.06545); 0.5 at best.

    two_sample_accuracy_generated, two_sample_accuracy_real: of those images alone. Both near 1: the two kinds lie
    apart. Generated higher than real: little variety, since generated images lie near each other. Both below 0.5: each
    kind lies nearer to the other than to itself, as copies do (Xu et al. 2018, arXiv:1806.07755). Of as many images of
    either kind, drawn at random where there are more; the draw is the same every time.
    """

    samples: int = 5000
    suits_points = True
    _name = "two_sample"

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]; the standard error is that of N independent images.

        Of 2 N not independent ones: two that are each other's nearest are right or wrong together.
        """
        count, random = min(len(generated), len(real)), np.random.default_rng(0)
        told = told_apart(*(rows[np.sort(random.permutation(len(rows))[:count])] for rows in (generated, real)))
        accuracy = float(np.concatenate(told).mean())
        return {"two_sample_accuracy": accuracy,
                "two_sample_accuracy_standard_error": float(np.sqrt(accuracy * (1 - accuracy) / count)),
                "two_sample_accuracy_generated": float(told.generated.mean()),
                "two_sample_accuracy_real": float(told.real.mean())}
