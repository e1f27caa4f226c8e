"""f-divergences of densities on the line by quadrature, and the normal distribution nearest to a density."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy import optimize, stats

from gan_zoo.objectives.f_divergence import Divergence

LogDensity = Callable[[np.ndarray], np.ndarray]  # points [M] → nats [M]


class Normal(NamedTuple):
    """N(mean, stddev²)."""

    mean: float
    stddev: float


def divergence(row: Divergence, log_p: LogDensity, q: Normal, points: np.ndarray) -> float:
    """D_f(P‖Q) = ∫ q f(p/q) dx by the trapezoid rule on evenly spaced `points` [M], in float64."""
    log_q = stats.norm.logpdf(points, q.mean, q.stddev)
    f = row.f(tf.exp(tf.constant(log_p(points) - log_q, tf.float64))).numpy()
    return float(np.trapezoid(np.exp(log_q) * f, points))


def nearest_normal(row: Divergence, log_p: LogDensity, start: Normal, points: np.ndarray) -> Normal:
    """The minimum of D_f(P‖N(μ, σ²)) over μ and σ that a simplex search from `start` finds, to about 1e-6."""

    def cost(parameters):
        return divergence(row, log_p, Normal(parameters[0], np.exp(parameters[1])), points)

    found = optimize.minimize(cost, [start.mean, np.log(start.stddev)], method="Nelder-Mead",
                              options={"xatol": 1e-6, "fatol": 1e-12})
    return Normal(float(found.x[0]), float(np.exp(found.x[1])))


def moments(log_p: LogDensity, points: np.ndarray) -> Normal:
    """The normal distribution with P's mean and variance."""
    p = np.exp(log_p(points))
    mean = np.trapezoid(p * points, points)
    return Normal(float(mean), float(np.sqrt(np.trapezoid(p * np.square(points - mean), points))))
