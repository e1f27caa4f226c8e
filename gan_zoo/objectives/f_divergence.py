"""The f-divergences D_f(P‖Q) = ∫ q f(p/q), one row each (Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6).

A new divergence is one function here, a registered builder of a row. Every row has increasing g_f: a large
score means real. Where public code or the paper's tables print something else, the row's docstring says so.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from gan_zoo.errors import UserError, check_number
from gan_zoo.objectives.stable import expm1, log1mexp, log_omega, log_softplus
from gan_zoo.registry import Call, Registry

divergences = Registry("divergence")
Function = Callable[[tf.Tensor], tf.Tensor]

_REAL = (-math.inf, math.inf)
_LARGEST_EXPONENT = 80.0  # exp of it, times a slope of up to 1000, is within float32


@dataclass(frozen=True)
class Divergence:
    """A row of the table; its functions are elementwise on tensors of floats.

    f: of u = p/q > 0, convex. derivative: f′(u), the optimal variational value T*. conjugate:
    f*(t) = sup_u (u t − f(u)). domain: the open interval of t where f* is finite. activation: g_f(v), from raw
    scores to that domain, increasing. fused: f*(g_f(v)), in a form that stays finite in float32 for v in ±80,
    as its gradient does. threshold: f′(1), the value T between real and generated. optimum: the score v at
    which g_f(v) = f′(u). log_ratio: its inverse, log (f′)⁻¹(g_f(v)) = log p/q at the score v; None where
    f′ has no inverse.
    """

    f: Function
    derivative: Function
    conjugate: Function
    domain: tuple[float, float]
    activation: Function
    fused: Function
    threshold: float
    optimum: Function
    log_ratio: Function | None

    def bound(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """g_f(V(x)) − f*(g_f(V(G(z)))): its mean F is at most D_f(P‖Q) (equation 6)."""
        return self.activation(real) - self.fused(generated)

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        """variational_value: T = g_f(V); density_ratio: (f′)⁻¹(T), at the optimum p/q; both shaped as the scores."""
        values = {"variational_value": self.activation(scores)}
        return values | ({"density_ratio": tf.exp(self.log_ratio(scores))} if self.log_ratio else {})

    def saddle_point(self, generated: tf.Tensor) -> tf.Tensor:
        """−f*(g_f(V(G(z)))): what the generator minimises in the saddle-point game (equation 6)."""
        return -self.fused(generated)

    def trick(self, generated: tf.Tensor) -> tf.Tensor:
        """−g_f(V(G(z))): what it minimises instead, so that its gradient does not vanish (section 3.2)."""
        return -self.activation(generated)


def build(name: str, /, **arguments) -> Divergence:
    """The row of that name, such as build("alpha", alpha=0.5)."""
    return divergences.build(Call(name, (), arguments))


@divergences.register("kl")
def kl() -> Divergence:
    """Kullback–Leibler, ∫ p log(p/q)."""
    return Divergence(
        f=lambda u: tf.math.xlogy(u, u),
        derivative=lambda u: 1 + tf.math.log(u),
        conjugate=lambda t: tf.exp(t - 1),
        domain=_REAL,
        activation=tf.identity,
        fused=lambda v: tf.exp(v - 1),
        threshold=1.0,
        optimum=lambda u: 1 + tf.math.log(u),
        log_ratio=lambda v: v - 1)


@divergences.register("reverse_kl")
def reverse_kl() -> Divergence:
    """Reverse Kullback–Leibler, ∫ q log(q/p). The first arXiv version prints a decreasing g_f, −exp(v)."""
    return Divergence(
        f=lambda u: -tf.math.log(u),
        derivative=lambda u: -1 / u,
        conjugate=lambda t: -1 - tf.math.log(-t),
        domain=(-math.inf, 0.0),
        activation=lambda v: -tf.exp(-v),
        fused=lambda v: v - 1,
        threshold=-1.0,
        optimum=tf.math.log,
        log_ratio=tf.identity)


@divergences.register("pearson")
def pearson() -> Divergence:
    """Pearson χ², ∫ (p − q)²/q; f* is the paper's, over all u: for t < −2 it is above the one over u ≥ 0, −1."""
    return Divergence(
        f=lambda u: tf.square(u - 1),
        derivative=lambda u: 2 * (u - 1),
        conjugate=lambda t: tf.square(t) / 4 + t,
        domain=_REAL,
        activation=tf.identity,
        fused=lambda v: tf.square(v) / 4 + v,
        threshold=0.0,
        optimum=lambda u: 2 * (u - 1),
        log_ratio=lambda v: tf.math.log(tf.nn.relu(1 + v / 2)))


@divergences.register("neyman")
def neyman() -> Divergence:
    """Neyman χ², ∫ (p − q)²/p. The first arXiv version prints a decreasing g_f, 1 − exp(v)."""
    return Divergence(
        f=lambda u: tf.square(1 - u) / u,
        derivative=lambda u: 1 - 1 / tf.square(u),
        conjugate=lambda t: 2 - 2 * tf.sqrt(1 - t),
        domain=(-math.inf, 1.0),
        activation=lambda v: -tf.math.expm1(-v),
        fused=lambda v: -2 * tf.math.expm1(-v / 2),
        threshold=0.0,
        optimum=lambda u: 2 * tf.math.log(u),
        log_ratio=lambda v: v / 2)


@divergences.register("hellinger")
def hellinger() -> Divergence:
    """Squared Hellinger, ∫ (√p − √q)². The first arXiv version prints a decreasing g_f, 1 − exp(v)."""
    return Divergence(
        f=lambda u: tf.square(tf.sqrt(u) - 1),
        derivative=lambda u: 1 - tf.math.rsqrt(u),
        conjugate=lambda t: t / (1 - t),
        domain=(-math.inf, 1.0),
        activation=lambda v: -tf.math.expm1(-v),
        fused=tf.math.expm1,
        threshold=0.0,
        optimum=lambda u: tf.math.log(u) / 2,
        log_ratio=lambda v: 2 * v)


@divergences.register("jeffrey")
def jeffrey() -> Divergence:
    """Jeffrey, ∫ (p − q) log(p/q), the sum of both Kullback–Leibler divergences."""

    def conjugate(t):
        log_w = log_omega(1 - t)  # w = W(exp(1 − t))
        return tf.exp(log_w) + tf.exp(-log_w) + t - 2

    def derivative(u):
        return 1 + tf.math.log(u) - 1 / u

    return Divergence(
        f=lambda u: tf.math.xlogy(u - 1, u),
        derivative=derivative,
        conjugate=conjugate,
        domain=_REAL,
        activation=tf.identity,
        fused=conjugate,
        threshold=0.0,
        optimum=derivative,
        log_ratio=lambda v: -log_omega(1 - v))


@divergences.register("js")
def jensen_shannon() -> Divergence:
    """Jensen–Shannon as in the paper's table of f: 2 JSD, twice the mean of KL(P‖M) and KL(Q‖M), M = (P + Q)/2."""
    log_2 = math.log(2)
    return Divergence(
        f=lambda u: tf.math.xlogy(u, u) - tf.math.xlogy(u + 1, (1 + u) / 2),
        derivative=lambda u: tf.math.log(2 * u / (1 + u)),
        conjugate=lambda t: -tf.math.log(2 - tf.exp(t)),
        domain=(-math.inf, log_2),
        activation=lambda v: log_2 - tf.nn.softplus(-v),
        fused=lambda v: tf.nn.softplus(v) - log_2,
        threshold=0.0,
        optimum=tf.math.log,
        log_ratio=tf.identity)


@divergences.register("weighted_js")
def weighted_jensen_shannon(pi) -> Divergence:
    """Jensen–Shannon of weight 0 < pi < 1, π KL(P‖M) + (1 − π) KL(Q‖M) with M = π P + (1 − π) Q."""
    check_number("pi", pi, above=0, below=1)
    rest, log_pi, log_rest = 1 - pi, math.log(pi), math.log(1 - pi)

    far = min(20 - log_pi, _LARGEST_EXPONENT)

    def log_share(v):  # log of s(v)^(1/π), with s the sigmoid
        return -tf.nn.softplus(-v) / pi

    def log_other_share(v):  # log(1 − s(v)^(1/π)), which is log(softplus(−v)/π) where the sigmoid is all but 1
        near = v < far
        return tf.where(near, log1mexp(log_share(tf.where(near, v, tf.zeros_like(v)))),
                        log_softplus(-tf.where(near, tf.zeros_like(v), v)) - log_pi)

    def optimum(u):
        log_sigmoid = pi * (log_pi + tf.math.log(u) - tf.math.log(rest + pi * u))
        return log_sigmoid - log1mexp(log_sigmoid)

    return Divergence(
        f=lambda u: pi * tf.math.xlogy(u, u) - tf.math.xlogy(rest + pi * u, rest + pi * u),
        derivative=lambda u: pi * tf.math.log(u / (rest + pi * u)),
        conjugate=lambda t: rest * tf.math.log(rest / (1 - pi * tf.exp(t / pi))),
        domain=(-math.inf, -pi * log_pi),
        activation=lambda v: -pi * log_pi - tf.nn.softplus(-v),
        fused=lambda v: rest * (log_rest - log_other_share(v)),
        threshold=0.0,
        optimum=optimum,
        log_ratio=lambda v: log_rest - log_pi + log_share(v) - log_other_share(v))


@divergences.register("gan")
def gan() -> Divergence:
    """The game of Goodfellow et al. 2014 (arXiv:1406.2661): 2 JSD − log 4, so −log 4 where P = Q."""
    return Divergence(
        f=lambda u: tf.math.xlogy(u, u) - tf.math.xlogy(u + 1, u + 1),
        derivative=lambda u: tf.math.log(u / (u + 1)),
        conjugate=lambda t: -tf.math.log(-tf.math.expm1(t)),
        domain=(-math.inf, 0.0),
        activation=lambda v: -tf.nn.softplus(-v),
        fused=tf.nn.softplus,
        threshold=-math.log(2),
        optimum=tf.math.log,
        log_ratio=tf.identity)


@divergences.register("total_variation")
def total_variation() -> Divergence:
    """Total variation, ½ ∫ |p − q|; its scores tell which density is larger, not by how much."""
    return Divergence(
        f=lambda u: tf.abs(u - 1) / 2,
        derivative=lambda u: tf.sign(u - 1) / 2,
        conjugate=tf.identity,
        domain=(-0.5, 0.5),
        activation=lambda v: tf.tanh(v) / 2,
        fused=lambda v: tf.tanh(v) / 2,
        threshold=0.0,
        optimum=lambda u: tf.where(u == 1, tf.zeros_like(u), tf.sign(u - 1) * tf.constant(math.inf, u.dtype)),
        log_ratio=None)


@divergences.register("alpha")
def alpha_divergence(alpha) -> Divergence:
    """∫ q (u^α − 1 − α (u − 1)) / (α (α − 1)) with u = p/q, for 0 < α ≤ 100 other than 1; α = 2 is half of pearson.

    For α < 1 g_f is 1/(1 − α) − softplus(c − v), where softplus(c) = 1/(1 − α): without the c, the threshold would be
    at v ≈ −1/(1 − α), far from where networks start if α is near 1. With it, the limit α → 1 is kl, score by score.
    """
    if check_number("alpha", alpha, above=0, most=100) == 1:
        raise UserError("alpha must not be 1: that is the limit kl")
    power = alpha / (alpha - 1)
    row: dict[str, Any] = {
        "f": lambda u: (tf.pow(u, alpha) - 1 - alpha * (u - 1)) / (alpha * (alpha - 1)),
        "derivative": lambda u: (tf.pow(u, alpha - 1) - 1) / (alpha - 1),
        "conjugate": lambda t: (tf.pow(tf.nn.relu(t * (alpha - 1) + 1), power) - 1) / alpha,
        "threshold": 0.0}
    if alpha > 1:
        return Divergence(
            **row, domain=_REAL, activation=tf.identity, fused=row["conjugate"], optimum=row["derivative"],
            log_ratio=lambda v: tf.math.log(tf.nn.relu(v * (alpha - 1) + 1)) / (alpha - 1))
    end = 1 / (1 - alpha)
    below = -math.log(-math.expm1(-end))  # end − c
    centre = end - below

    def activation(v):  # end − softplus(c − v), in which below c two large numbers would cancel
        return tf.where(v < centre, below + v - tf.nn.softplus(v - centre), end - tf.nn.softplus(centre - v))

    def log_ratio(v):  # −end log(1 − g/end), near the threshold and far above it
        near = v < centre / 2
        return -end * tf.where(near, tf.math.log1p(-activation(tf.where(near, v, tf.zeros_like(v))) / end),
                               log_softplus(centre - tf.where(near, tf.zeros_like(v) + centre, v)) - math.log(end))

    def optimum(u):  # c − log(exp(end u^(α − 1)) − 1), which is 0 at u = 1 to the bit
        constant = log1mexp(tf.constant(-end, u.dtype))
        return constant - log1mexp(-end * tf.pow(u, alpha - 1)) - end * tf.math.expm1((alpha - 1) * tf.math.log(u))

    return Divergence(
        **row,
        domain=(-math.inf, end),
        activation=activation,
        # From alpha = ½ on the power leaves float32 before v = 80: it is cut off there.
        fused=lambda v: expm1(tf.minimum(alpha * log_ratio(v), _LARGEST_EXPONENT)) / alpha,
        optimum=optimum,
        log_ratio=log_ratio)
