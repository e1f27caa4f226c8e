"""Gaussians in a ring and in a grid, on which the modes that a generator misses can be counted.

As VEEGAN (Srivastava et al. 2017, arXiv:1705.07761) and PacGAN (Lin et al. 2017, arXiv:1712.04086) define them: 8 modes
of standard deviation 0.01 in a circle of radius 1, and 25 of 0.05 at {−4, −2, 0, 2, 4}². Both are measured on 2,500
generated points; PacGAN trains on 100,000.
"""

import numpy as np
import tensorflow_probability as tfp

from gan_zoo.data.point_dataset import PointDataset
from gan_zoo.data.source import datasets
from gan_zoo.errors import check_count, check_number
from gan_zoo.registry import Call

tfd = tfp.distributions

_MOST_MODES = 1000


@datasets.register("ring")
def ring(modes=8, radius=1.0, std=0.01, count=100_000) -> PointDataset:
    """Points of the plane about `modes` places in a circle, the first of them at (radius, 0) (arXiv:1705.07761).

    std: of either coordinate about its place. count: points that are called an epoch.
    """
    check_number("modes", check_count("modes", modes), most=_MOST_MODES)
    check_number("radius", radius, least=0)
    angles = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _plane(Call("ring", (), {"modes": modes, "radius": radius, "std": std}), centres, std, count)


@datasets.register("grid")
def grid(side=5, spacing=2.0, std=0.05, count=100_000) -> PointDataset:
    """Points of the plane about side · side places in a square grid about 0 (arXiv:1705.07761).

    spacing: between neighbouring places. std: of either coordinate about its place. count: points called an epoch.
    """
    check_number("side", check_count("side", side), most=int(_MOST_MODES**0.5))
    check_number("spacing", spacing, least=0)
    places = spacing * (np.arange(side) - (side - 1) / 2)
    centres = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
    return _plane(Call("grid", (), {"side": side, "spacing": spacing, "std": std}), centres, std, count)


def _plane(spec: Call, centres: np.ndarray, std: float, count: int) -> PointDataset:
    """Gaussians of one width at centres [K, 2], all as frequent."""
    check_number("std", std, above=0)
    components = tfd.MultivariateNormalDiag(centres.astype(np.float32), np.full_like(centres, std, np.float32))
    distribution = tfd.MixtureSameFamily(tfd.Categorical(np.zeros(len(centres), np.float32)), components)
    return PointDataset(spec.name, distribution, (spec.name, *map(float, spec.kwargs.values())), count, str(spec))
