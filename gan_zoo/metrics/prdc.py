"""Do generated images look real, and do real ones have generated counterparts: by balls around neighbours."""

from dataclasses import dataclass

import numpy as np

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, enough, metrics
from gan_zoo.metrics.comparing import Comparison
from gan_zoo.metrics.distances import blocks, neighbour_radii


def prdc(generated: np.ndarray, real: np.ndarray, k: int = 5) -> dict[str, float]:
    """Precision, recall, density and coverage of generated vectors [N, D] against real ones [M, D]; N, M > k ≥ 1.

    The ball of a vector reaches, without its surface, to the k-th nearest other one of its own set. precision: share of
    generated vectors in a ball of a real one. recall: share of real ones in a ball of a generated one (Kynkäänniemi et
    al. 2019, arXiv:1904.06991). density: balls of real ones that a generated vector is in, over k, on average; above 1
    where they crowd. coverage: share of real balls with a generated vector in them (Naeem et al. 2020,
    arXiv:2002.09797). Of two sets of one distribution the density tends to 1, the coverage to about 1 − 2^−k.
    """
    real_radii, made_radii = neighbour_radii(real, k), neighbour_radii(generated, k)
    balls = np.zeros(len(generated))  # of real vectors that each generated one is in
    recalled, covered = np.zeros([2, len(real)], bool)
    for rows, distances in blocks(real, generated):
        inside = distances < real_radii[rows, None]
        balls += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (distances < made_radii).any(axis=1)
    return {"precision": float((balls > 0).mean()), "recall": float(recalled.mean()),
            "density": float(balls.mean() / k), "coverage": float(covered.mean())}


@metrics.register("prdc")
@dataclass(frozen=True)
class PRDC(Comparison):
    """Precision, recall (arXiv:1904.06991), density and coverage (arXiv:2002.09797) of images in a feature space.

    neighbours: k, how far the ball of an image reaches; its authors take 3 for the first two, 5 for the others. All
    four depend on it, and precision and recall on the number of samples: compare values of one k and one number only.
    """

    samples: int = 5000
    neighbours: int = 5
    suits_from = 6

    def __post_init__(self):
        super().__post_init__()
        check_count("prdc: neighbours", self.neighbours)
        check_number("prdc: neighbours", self.neighbours, most=self.samples - 1)

    def compare(self, generated: np.ndarray, real: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D] and [M, D]; UserError unless N, M > k."""
        enough(f"prdc with neighbours={self.neighbours}", min(len(generated), len(real)), self.neighbours + 1)
        return prdc(generated, real, self.neighbours)

    def _described(self, space: Features, generated: int) -> Result:
        return {**super()._described(space, generated), "neighbours": self.neighbours}
