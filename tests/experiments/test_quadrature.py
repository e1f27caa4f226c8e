"""Divergences by quadrature against closed forms, and the nearest normal distributions against published ones."""

import numpy as np
import pytest
from scipy import stats

from gan_zoo.experiments.quadrature import Normal, divergence, moments, nearest_normal
from gan_zoo.objectives import f_divergence

POINTS = np.linspace(-20, 25, 20_001)
# For 0.33 N(-1, 0.0625) + 0.67 N(2, 2): least divergence, and μ and σ there. The first three digits are those
# of the paper's table 2, whose integrals have an error of 1 to 3 % (Nowozin et al. 2016, arXiv:1606.00709).
NEAREST = {"kl": (0.2881, 1.0100, 1.8304), "reverse_kl": (0.2507, 1.5841, 1.6294), "js": (0.1298, 1.3125, 1.7525),
           "jeffrey": (0.5791, 1.3249, 1.7023), "pearson": (0.6616, 0.5663, 1.9268),
           "hellinger": (0.1366, 1.3175, 1.7316), "neyman": (0.4072, 1.8286, 1.5171)}


def _mixture(x):
    return np.logaddexp(np.log(0.33) + stats.norm.logpdf(x, -1, 0.25), np.log(0.67) + stats.norm.logpdf(x, 2, 2**0.5))


@pytest.mark.parametrize(("name", "value"), [
    ("kl", 0.5), ("reverse_kl", 0.5), ("jeffrey", 1), ("pearson", np.e - 1), ("hellinger", 2 - 2 * np.exp(-1 / 8)),
    ("total_variation", 2 * stats.norm.cdf(0.5) - 1), ("js", 0.222843), ("gan", 0.222843 - np.log(4))])
def test_two_normal_distributions(name, value):
    """P = N(0, 1), Q = N(1, 1)."""
    found = divergence(f_divergence.build(name), stats.norm.logpdf, Normal(1, 1), POINTS)
    assert found == pytest.approx(value, abs=1e-6)


def test_moments():
    mean = 0.33 * -1 + 0.67 * 2
    variance = 0.33 * (0.0625 + 1) + 0.67 * (2 + 4) - mean**2
    assert moments(_mixture, POINTS) == pytest.approx((mean, variance**0.5), abs=1e-8)


@pytest.mark.parametrize("name", NEAREST)
def test_nearest_normal(name):
    row = f_divergence.build(name)
    found = nearest_normal(row, _mixture, moments(_mixture, POINTS), POINTS)
    least, mean, stddev = NEAREST[name]
    assert found == pytest.approx((mean, stddev), abs=1e-4)
    assert divergence(row, _mixture, found, POINTS) == pytest.approx(least, abs=5e-5)


def test_the_nearest_by_kullback_leibler_has_the_moments():
    """The maximum-likelihood normal distribution."""
    start = moments(_mixture, POINTS)
    found = nearest_normal(f_divergence.build("kl"), _mixture, Normal(0, 1), POINTS)
    assert found == pytest.approx(start, abs=1e-4)
