"""Divergences by quadrature against closed forms, and the nearest normal distributions against published ones."""

import numpy as np
import pytest
from scipy import stats

from gan_zoo.errors import UserError
from gan_zoo.objectives import f_divergence
from gan_zoo.reproduce.quadrature import Normal, Target


def _mixture(x):
    return np.logaddexp(np.log(0.33) + stats.norm.logpdf(x, -1, 0.25), np.log(0.67) + stats.norm.logpdf(x, 2, 2**0.5))


MIXTURE = Target(_mixture, -20, 25)
# Least divergence from the mixture, and μ and σ there, integrated elsewhere for the experiment of Nowozin et al.
# 2016 (arXiv:1606.00709), whose own values are up to 3 % off.
NEAREST = {"kl": (0.2881, 1.0100, 1.8304), "reverse_kl": (0.2507, 1.5841, 1.6294), "js": (0.1298, 1.3125, 1.7525),
           "jeffrey": (0.5791, 1.3249, 1.7023), "pearson": (0.6616, 0.5663, 1.9268),
           "hellinger": (0.1366, 1.3175, 1.7316), "neyman": (0.4072, 1.8286, 1.5171)}
# The divergences of the first five (columns) at the optimum of each of them (rows).
TABLE = [[0.2881, 0.3545, 0.1366, 0.6426, 0.7576], [0.3648, 0.2507, 0.1377, 0.6155, 1.4801],
         [0.3049, 0.2769, 0.1298, 0.5819, 0.9840], [0.3107, 0.2684, 0.1303, 0.5791, 1.0298],
         [0.3171, 0.5671, 0.1677, 0.8843, 0.6616]]


@pytest.mark.parametrize(("name", "value"), [
    ("kl", 0.5), ("reverse_kl", 0.5), ("jeffrey", 1), ("pearson", np.e - 1), ("hellinger", 2 - 2 * np.exp(-1 / 8)),
    ("total_variation", 2 * stats.norm.cdf(0.5) - 1), ("js", 0.222843), ("gan", 0.222843 - np.log(4))])
def test_two_normal_distributions(name, value):
    """P = N(0, 1), Q = N(1, 1)."""
    found = Target(stats.norm.logpdf, -15, 15).divergence(f_divergence.build(name), Normal(1, 1))
    assert found == pytest.approx(value, abs=1e-6)


def test_moments():
    mean = 0.33 * -1 + 0.67 * 2
    variance = 0.33 * (0.0625 + 1) + 0.67 * (2 + 4) - mean**2
    assert MIXTURE.moments() == pytest.approx((mean, variance**0.5), abs=1e-8)


@pytest.mark.parametrize("name", NEAREST)
def test_nearest_normal(name):
    row = f_divergence.build(name)
    found = MIXTURE.nearest_normal(row)
    least, mean, stddev = NEAREST[name]
    assert found == pytest.approx((mean, stddev), abs=1e-4)
    assert MIXTURE.divergence(row, found) == pytest.approx(least, abs=5.1e-5)


def test_divergences_at_each_others_optima():
    """Each column is least on its diagonal."""
    names = list(NEAREST)[:len(TABLE)]
    rows = [f_divergence.build(name) for name in names]
    found = np.array([[MIXTURE.divergence(row, Normal(*NEAREST[name][1:])) for row in rows] for name in names])
    np.testing.assert_allclose(found, TABLE, atol=1.5e-4)
    np.testing.assert_array_equal(found.argmin(axis=0), range(len(names)))


def test_the_nearest_by_kullback_leibler_has_the_moments():
    """The maximum-likelihood normal distribution."""
    found = MIXTURE.nearest_normal(f_divergence.build("kl"), start=Normal(0, 1))
    assert found == pytest.approx(MIXTURE.moments(), abs=1e-4)


def test_densities_too_far_apart():
    far = Target(lambda x: stats.norm.logpdf(x, 0, 0.01), -50, 50)
    with pytest.raises(UserError, match="leaves float64"):
        far.divergence(f_divergence.build("reverse_kl"), Normal(0, 5))
