"""The table of f-divergences against a transcription of its column f(u), from which all the others follow.

f′ is its derivative, f* its Legendre transform sup_u (u t − f(u)), and D_f(P‖Q) the integral of q f(p/q).
"""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_zoo.objectives.f_divergence import Divergence, divergences
from gan_zoo.registry import one_call
from tests.objectives.closed_forms import MIDDLE, SCORES
from tests.objectives.transcriptions import ROWS

each_row = pytest.mark.parametrize("spec", ROWS)
each_smooth_row = pytest.mark.parametrize("spec", [spec for spec in ROWS if spec != "total_variation"])

U = np.geomspace(1e-3, 1e3, 61)  # 1 among them
U[30] = 1
V = np.linspace(-5, 5, 1001)
WIDE = np.concatenate([np.arange(-80, 81), np.linspace(-1, 1, 100)])


def _row(spec: str) -> Divergence:
    return divergences.build(one_call(spec))


def _f(spec: str, u) -> np.ndarray:
    with np.errstate(all="ignore"):  # at u = 0 some are infinite
        return ROWS[spec].f(u)


def _call(function, values, dtype=np.float64) -> np.ndarray:
    return function(tf.constant(values, dtype)).numpy()


def _value_and_slope(function, v, dtype=np.float64):
    v = tf.constant(v, dtype)
    with tf.GradientTape() as tape:
        tape.watch(v)
        value = function(v)
    return value.numpy(), tape.gradient(value, v).numpy()


def _slope(function, x, step=1e-5) -> np.ndarray:
    """The derivative by central differences, with steps relative to x."""
    step = step * np.maximum(np.abs(x), 1e-3)
    return (function(x + step) - function(x - step)) / (2 * step)


def test_every_divergence_has_a_transcription():
    assert {spec.partition("(")[0] for spec in ROWS} == set(divergences)


@each_row
def test_f(spec):
    row = _row(spec)
    np.testing.assert_allclose(_call(row.f, U), _f(spec, U), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(_call(row.f, 1), -2 * np.log(2) if spec == "gan" else 0, atol=1e-15)
    np.testing.assert_allclose(_call(row.derivative, U), _slope(ROWS[spec].f, U), rtol=1e-6, atol=1e-8)
    assert (np.diff(_call(row.derivative, U)) >= 0).all()  # f is convex
    np.testing.assert_allclose(row.threshold, ROWS[spec].threshold, rtol=1e-15)
    np.testing.assert_allclose(row.threshold, _slope(ROWS[spec].f, 1), atol=1e-8)


@each_row
def test_the_conjugate_is_the_supremum(spec):
    """Over u ≥ 0; Pearson's over all real u, which is above where t < −2."""
    row = _row(spec)
    grid = np.concatenate([[0], np.geomspace(1e-6, 1e6, 100_001)])
    t = _call(row.activation, np.linspace(-3, 3, 25))
    found = _call(row.conjugate, t)
    supremum = np.array([np.max(grid * each - _f(spec, grid)) for each in t])
    if spec == "pearson":
        assert (found >= supremum - 1e-6).all()
        assert (found > supremum)[t < -2].all()
        everywhere = np.linspace(-10, 10, 20_001)
        supremum = np.array([np.max(everywhere * each - _f(spec, everywhere)) for each in t])
    np.testing.assert_allclose(found, supremum, rtol=1e-6, atol=1e-7)


@each_row
def test_the_fenchel_young_equality(spec):
    row = _row(spec)
    slope = _call(row.derivative, U)
    np.testing.assert_allclose(_call(row.conjugate, slope), U * slope - _f(spec, U), rtol=1e-9, atol=1e-11)


@each_row
@settings(max_examples=40)
@given(st.floats(1e-3, 1e3), st.floats(-20, 20))
def test_the_fenchel_young_inequality(spec, u, v):
    """u t − f(u) ≤ f*(t) for any u and any score: F is a bound, whatever the discriminator."""
    row = _row(spec)
    t, conjugate = _call(row.activation, v), _call(row.fused, v)
    assert u * t - _f(spec, u) <= conjugate + 1e-12 * (1 + abs(u * t) + abs(conjugate))


@each_row
def test_the_activation_increases_within_the_domain(spec):
    row = _row(spec)
    t = _call(row.activation, V)
    assert (np.diff(t) > 0).all()
    low, high = row.domain
    assert low < t[0]
    assert t[-1] < high
    assert (np.diff(_call(row.activation, np.sort(WIDE))) >= 0).all()


@each_row
def test_the_domain_is_where_the_conjugate_is_finite(spec):
    """It ends at the supremum of f′: the supremum over u diverges beyond, and nothing lies between."""
    low, high = _row(spec).domain
    assert low == (-0.5 if spec == "total_variation" else -np.inf)
    if high == np.inf:
        assert ROWS[spec].supremum == np.inf
        return
    np.testing.assert_allclose(high, ROWS[spec].supremum, atol=1e-15)
    far = 10.0 ** np.arange(5, 11)
    assert (np.diff(far * (high + 0.01) - _f(spec, far)) > 100).all()
    near = _slope(ROWS[spec].f, 1e12, step=0.1)
    np.testing.assert_allclose(near, high, atol=2e-3)


@each_row
def test_the_fused_form_is_the_composition(spec):
    """Up to what the composition loses: rounding in 1 − g_f, which e⁵ magnifies at the ends."""
    row = _row(spec)
    composed = _call(lambda v: row.conjugate(row.activation(v)), V)
    np.testing.assert_allclose(_call(row.fused, V), composed, rtol=1e-12, atol=1e-13)


@each_smooth_row
def test_the_slope_of_the_fused_form(spec):
    """d f*(g_f(v))/dv = u dg_f/dv with u = (f′)⁻¹(g_f(v)), since the derivative of f* inverts that of f."""
    row = _row(spec)
    v = np.linspace(-2 if spec == "pearson" else -20, 20, 801)
    (_, fused), (_, activation) = _value_and_slope(row.fused, v), _value_and_slope(row.activation, v)
    np.testing.assert_allclose(fused, np.exp(_call(row.log_ratio, v)) * activation, rtol=1e-10, atol=1e-13)


@each_row
@pytest.mark.parametrize("function", ["activation", "fused"])
def test_single_precision(spec, function):
    """Finite and right for scores up to ±80, with its gradient."""
    function = getattr(_row(spec), function)
    v = np.clip(WIDE, -79, 79) if spec == "alpha(alpha=0.5)" else WIDE  # beyond, the power is cut off
    value, slope = _value_and_slope(function, WIDE, np.float32)
    assert value.dtype == slope.dtype == np.float32
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    value, slope = _value_and_slope(function, v, np.float32)
    np.testing.assert_allclose(value, _call(function, v), rtol=3e-5, atol=1e-6)
    differences = _slope(lambda x: _call(function, x), v)
    np.testing.assert_allclose(slope, differences, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec", SCORES)
@pytest.mark.parametrize("function", ["activation", "fused"])
def test_closed_forms_of_far_scores(spec, function):
    """At all scores of single precision's test, and at those of ±10⁴ that it can hold, with finite gradients."""
    forms, found = SCORES[spec], getattr(_row(spec), function)
    expected = getattr(forms, function)
    np.testing.assert_allclose(_call(found, WIDE), expected(WIDE.astype(float)), rtol=1e-9, atol=1e-12)
    far = np.array([-1.0, 1.0]) * forms.largest
    value, slope = _value_and_slope(found, far, np.float32)
    np.testing.assert_allclose(value, expected(far), rtol=3e-5)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("alpha", [0.9, 0.97])
def test_a_power_that_single_precision_cannot_hold_is_cut_off(alpha):
    fused, end = _row(f"alpha(alpha={alpha})").fused, 1 / (1 - alpha)
    value, slope = _value_and_slope(fused, np.sort(WIDE), np.float32)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    assert (np.diff(value) >= 0).all()
    exact = ((np.logaddexp(0, np.log(np.expm1(end)) - V) / end) ** (-alpha * end) - 1) / alpha
    np.testing.assert_allclose(_call(fused, V, np.float32), exact, rtol=1e-4, atol=1e-6)


def test_networks_start_at_the_threshold_of_an_alpha_near_one():
    """Score by score it is the Kullback–Leibler row, whose threshold is at 1, in single precision too."""
    near, kl = _row("alpha(alpha=0.99999)"), _row("kl")
    for dtype, tolerance in ((np.float64, 3e-4), (np.float32, 1e-3)):
        for value, expected in ((_call(near.activation, V, dtype), _call(kl.activation, V + 1) - 1),
                                (_call(near.fused, V, dtype), _call(kl.fused, V + 1) - 1),
                                (_call(near.log_ratio, V, dtype), V)):
            np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance)


def test_the_log_ratio_where_the_softplus_underflows():
    """(1 − α) softplus(c − v) is then (1 − α) exp(c − v)."""
    value, slope = _value_and_slope(_row("alpha(alpha=0.25)").log_ratio, [200.0, 1e4], np.float32)
    np.testing.assert_allclose(value, (np.array([200, 1e4]) - MIDDLE - np.log(0.75)) / 0.75, rtol=1e-6)
    np.testing.assert_allclose(slope, 1 / 0.75, rtol=1e-6)


@pytest.mark.parametrize("pi", [1e-3, 0.3, 0.999])
def test_the_weighted_row_is_finite_at_all_scores(pi):
    """Far above zero 1 − s(v)^(1/π) is exp(−v)/π."""
    row, far = _row(f"weighted_js(pi={pi})"), np.array([60.0, 88.0, 120.0, 1e4])
    for function, form in ((row.fused, lambda v: (1 - pi) * (np.log(1 - pi) + v + np.log(pi))),
                           (row.log_ratio, lambda v: np.log(1 - pi) + v)):
        value, slope = _value_and_slope(function, far, np.float32)
        np.testing.assert_allclose(value, form(far), rtol=1e-6)
        assert np.isfinite(slope).all()
        assert np.isfinite(np.stack(_value_and_slope(function, -far, np.float32))).all()


OPTIMA = {
    "kl": lambda u: 1 + np.log(u), "reverse_kl": np.log, "js": np.log, "gan": np.log,
    "hellinger": lambda u: np.log(u) / 2, "neyman": lambda u: 2 * np.log(u), "pearson": lambda u: 2 * (u - 1),
    "jeffrey": lambda u: 1 + np.log(u) - 1 / u}


@each_row
def test_the_optimal_score(spec):
    row = _row(spec)
    scores = _call(row.optimum, U)
    np.testing.assert_allclose(_call(row.activation, scores), _slope(ROWS[spec].f, U), rtol=1e-6, atol=1e-8)
    if spec in OPTIMA:
        np.testing.assert_allclose(scores, OPTIMA[spec](U), rtol=1e-12)


@each_smooth_row
def test_the_density_ratio_inverts_the_optimal_score(spec):
    row = _row(spec)
    np.testing.assert_allclose(_call(row.log_ratio, _call(row.optimum, U)), np.log(U), rtol=1e-9, atol=1e-11)
    v = np.linspace(_call(row.optimum, 1e-3), 5, 101)
    np.testing.assert_allclose(_call(row.optimum, np.exp(_call(row.log_ratio, v))), v, rtol=1e-9, atol=1e-11)


def test_total_variation_has_no_density_ratio():
    row = _row("total_variation")
    assert row.log_ratio is None
    np.testing.assert_array_equal(_call(row.optimum, [0.5, 1, 2]), [-np.inf, 0, np.inf])


X = np.linspace(-14, 14, 28_001)  # the trapezoid rule is exact to rounding for smooth integrands


def _normals(mean=1.0, deviation=1.0):
    return scipy.stats.norm.pdf(X), scipy.stats.norm.pdf(X, mean, deviation)


def _integral(values) -> float:
    return np.trapezoid(values, X)


@each_row
def test_normal_distributions(spec):
    """P = N(0, 1), Q = N(1, 1): the divergence, and the bound F, which is tight at V* and less elsewhere."""
    (p, q), row, expected = _normals(), _row(spec), ROWS[spec].normal
    if expected is None:  # from its definition, π KL(P‖M) + (1 − π) KL(Q‖M)
        mixture = 0.8 * p + 0.2 * q
        expected = _integral(0.8 * p * np.log(p / mixture) + 0.2 * q * np.log(q / mixture))

    def bound(scores):
        return _integral(p * _call(row.activation, scores) - q * _call(row.fused, scores))

    np.testing.assert_allclose(_integral(q * _call(row.f, p / q)), expected, atol=6e-7)
    best = _call(row.optimum, p / q)
    np.testing.assert_allclose(bound(best), expected, atol=6e-7)
    furthest = 2 if spec == "total_variation" else 20  # V* is infinite there
    finite = np.clip(best, -furthest, furthest)
    for offset in (-1, -0.1, 0.1, 1, np.sin(3 * X), 0.1 * np.cos(X), -finite):
        assert bound(finite + offset) < bound(best) - 1e-4


@pytest.mark.parametrize(("spec", "expected"), [
    ("kl", np.log(2) + (1 + 0.25) / 8 - 0.5), ("reverse_kl", -np.log(2) + (4 + 0.25) / 2 - 0.5),
    ("hellinger", 2 - 2 * np.sqrt(2 * 1 * 2 / (1 + 4)) * np.exp(-0.25 / (4 * 5)))])
def test_normal_distributions_of_different_width(spec, expected):
    """P = N(0, 1), Q = N(½, 2²), by the closed forms."""
    p, q = _normals(0.5, 2)
    np.testing.assert_allclose(_integral(q * _call(_row(spec).f, p / q)), expected, rtol=1e-9)
