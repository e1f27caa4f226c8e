"""f-divergences of densities on the line by quadrature, and the normal distribution nearest to a density."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy import optimize, stats

from gan_zoo.errors import UserError
from gan_zoo.objectives.f_divergence import Divergence

LogDensity = Callable[[np.ndarray], np.ndarray]  # nodes [M] → nats [M]


class Normal(NamedTuple):
    """N(mean, stddev²)."""

    mean: float
    stddev: float


class Target:
    """The distribution P with density exp(log_p), integrated over [low, high] by the trapezoid rule in float64."""

    def __init__(self, log_p: LogDensity, low: float, high: float, intervals: int = 20_000):
        self.nodes = np.linspace(low, high, intervals + 1)
        self.log_p = np.asarray(log_p(self.nodes), np.float64)

    def divergence(self, row: Divergence, q: Normal) -> float:
        """D_f(P‖Q) = ∫ q f(p/q) dx; UserError if the densities are so far apart that it leaves float64."""
        log_q = stats.norm.logpdf(self.nodes, q.mean, q.stddev)
        f = row.f(tf.exp(tf.constant(self.log_p - log_q))).numpy()
        with np.errstate(invalid="ignore"):
            value = float(np.trapezoid(np.exp(log_q) * f, self.nodes))
        if not np.isfinite(value):
            raise UserError(f"the divergence from N({q.mean:.3g}, {q.stddev:.3g}²) leaves float64: a mixture with "
                            "wider or closer components has one that can be integrated")
        return value

    def moments(self) -> Normal:
        """The normal distribution with P's mean and variance."""
        p = np.exp(self.log_p)
        mean = np.trapezoid(p * self.nodes, self.nodes)
        variance = np.trapezoid(p * np.square(self.nodes - mean), self.nodes)
        return Normal(float(mean), float(np.sqrt(variance)))

    def nearest_normal(self, row: Divergence, start: Normal | None = None) -> Normal:
        """The minimum of D_f(P‖N(μ, σ²)) that a simplex search from `start` (P's moments) finds, to about 1e-6."""
        start = start or self.moments()

        def cost(parameters):
            return self.divergence(row, Normal(parameters[0], np.exp(parameters[1])))

        best = optimize.minimize(cost, [start.mean, np.log(start.stddev)], method="Nelder-Mead",
                                  options={"xatol": 1e-6, "fatol": 1e-12})
        return Normal(float(best.x[0]), float(np.exp(best.x[1])))
