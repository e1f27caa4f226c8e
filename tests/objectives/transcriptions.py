"""The column f(u) of the table of f-divergences, transcribed: all the others follow from it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.stats
from scipy.special import xlogy


class Row(NamedTuple):
    """f(u), f′(1), the least upper bound of f′, and D_f(N(0, 1)‖N(1, 1)), a published vector or a formula."""

    f: Callable
    threshold: float
    supremum: float
    normal: float


def _weighted(pi, normal) -> Row:
    return Row(lambda u: pi * xlogy(u, u) - xlogy(1 - pi + pi * u, 1 - pi + pi * u), 0, -pi * np.log(pi), normal)


def _alpha(alpha) -> Row:
    """For these normal distributions ∫ p^α q^(1 − α) = exp(α (α − 1)/2)."""
    return Row(lambda u: (u ** alpha - 1 - alpha * (u - 1)) / (alpha * (alpha - 1)), 0,
               1 / (1 - alpha) if alpha < 1 else np.inf, np.expm1(alpha * (alpha - 1) / 2) / (alpha * (alpha - 1)))


ROWS = {
    "kl": Row(lambda u: xlogy(u, u), 1, np.inf, 0.5),
    "reverse_kl": Row(lambda u: -np.log(u), -1, 0, 0.5),
    "pearson": Row(lambda u: (u - 1) ** 2, 0, np.inf, np.e - 1),
    "neyman": Row(lambda u: (1 - u) ** 2 / u, 0, 1, np.e - 1),
    "hellinger": Row(lambda u: (np.sqrt(u) - 1) ** 2, 0, 1, 2 - 2 * np.exp(-1 / 8)),
    "jeffrey": Row(lambda u: (u - 1) * np.log(u), 0, np.inf, 1),
    "js": Row(lambda u: xlogy(u, u) - (u + 1) * np.log((1 + u) / 2), 0, np.log(2), 0.222843),
    "weighted_js(pi=0.3)": _weighted(0.3, 0.094910),
    "weighted_js(pi=0.8)": _weighted(0.8, None),
    "gan": Row(lambda u: xlogy(u, u) - (u + 1) * np.log(u + 1), -np.log(2), 0, 0.222843 - np.log(4)),
    "total_variation": Row(lambda u: abs(u - 1) / 2, 0, 0.5, 2 * scipy.stats.norm.cdf(0.5) - 1),
    **{f"alpha(alpha={alpha})": _alpha(alpha) for alpha in (0.25, 2, 3)},
    "alpha(alpha=0.5)": _alpha(0.5)._replace(normal=0.470012),
    "alpha(alpha=1.5)": _alpha(1.5)._replace(normal=0.606655),
}
