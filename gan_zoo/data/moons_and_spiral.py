"""Two moons and two arms of a spiral: curves in the plane on which a generator can lose ends, arms and gaps.

Both are mixtures of many small Gaussians along their curve, a standard deviation apart, so that the density is known:
away from the ends it is that of the curve to a part in 10⁸. None of them is a mode.
"""

import numpy as np
import tensorflow_probability as tfp

from gan_zoo.data.point_dataset import PointDataset
from gan_zoo.data.source import datasets
from gan_zoo.errors import UserError, check_number
from gan_zoo.registry import Call

tfd = tfp.distributions

_MOST = 500  # Gaussians on a curve: a draw takes one of each


@datasets.register("moons")
def moons(std=0.05, count=100_000) -> PointDataset:
    """Points of the plane about two half circles of radius 1 that reach into each other (scikit-learn's make_moons).

    The upper one is about (0, 0), the lower one about (1, 0.5). std: of either coordinate about the curve. count:
    points that are called an epoch.
    """
    check_number("std", std, above=0)
    angles = _along(np.pi, std)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _curves(Call("moons", (), {"std": std}), [upper, [1.0, 0.5] - upper], std, count)


@datasets.register("spiral")
def spiral(turns=1.0, std=0.02, count=100_000) -> PointDataset:
    """Points of the plane about two arms from the origin to a circle of radius 1, one opposite to the other.

    turns: of an arm about the origin, at an even distance from turn to turn; points are as dense everywhere on it.
    std: of either coordinate about the curve. count: points that are called an epoch.
    """
    check_number("turns", turns, above=0, most=100)
    check_number("std", std, above=0)
    full = 2 * np.pi * turns
    length = (full * np.hypot(1, full) + np.arcsinh(full)) / (2 * full)  # of r = angle / full
    angles = _angles(_along(length, std), full)
    radius = (angles / full)[:, np.newaxis]
    arm = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _curves(Call("spiral", (), {"turns": turns, "std": std}), [arm, -arm], std, count)


def _along(length: float, std: float) -> np.ndarray:
    """Places on a curve of this length, evenly spread, at the middles of as many parts: float64 [K]."""
    parts = max(2, int(np.ceil(length / std)))
    if parts > _MOST:
        raise UserError(f"std must be at least {length / _MOST:.2g} for a curve as long as this, got {std!r}")
    return length * (np.arange(parts) + 0.5) / parts


def _angles(lengths: np.ndarray, full: float) -> np.ndarray:
    """The angles at which an arm r = angle / full has these lengths; interpolated in a fine table."""
    angles = np.linspace(0, full, 200 * len(lengths))
    return np.interp(lengths, (angles * np.hypot(1, angles) + np.arcsinh(angles)) / (2 * full), angles)


def _curves(spec: Call, curves: list[np.ndarray], std: float, count: int) -> PointDataset:
    """Gaussians of one width along curves [K, 2] each, all as frequent."""
    centres = np.concatenate(curves).astype(np.float32)
    components = tfd.MultivariateNormalDiag(centres, np.full_like(centres, std))
    distribution = tfd.MixtureSameFamily(tfd.Categorical(np.zeros(len(centres), np.float32)), components)
    identity = (spec.name, *map(float, spec.kwargs.values()))
    return PointDataset(spec.name, distribution, identity, count, str(spec), has_modes=False)
