"""Closed forms of the f-divergences: between two distributions on five atoms, and as functions of raw scores."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import scipy.optimize
import scipy.special
import tensorflow as tf
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

REAL, GENERATED = np.array([1, 2, 3, 4, 10]), np.array([8, 6, 3, 2, 1])  # of 20, on five atoms
P, Q = REAL / 20, GENERATED / 20
RATIO = P / Q
JSD = jensenshannon(P, Q) ** 2
KL, REVERSE_KL = entropy(P, Q), entropy(Q, P)
PEARSON, HELLINGER = np.sum((P - Q) ** 2 / Q), np.sum((np.sqrt(P) - np.sqrt(Q)) ** 2)
LOG_2 = np.log(2)
MIDDLE = np.log(np.expm1(4 / 3))


def on_atoms(scores, dtype=tf.float64) -> SimpleNamespace:
    """Scores of the atoms → a play on 20 real images of P and 20 generated ones of Q."""
    scores = tf.cast(scores, dtype)[:, None]
    return SimpleNamespace(real_scores=tf.repeat(scores, REAL, axis=0),
                           generated_scores=tf.repeat(scores, GENERATED, axis=0))


class Atoms(NamedTuple):
    """D_f(P‖Q) by its definition, the optimal T* = f′(p/q) of every atom, and f′(1)."""

    divergence: float
    value: np.ndarray
    threshold: float


ATOMS = {
    "kl": Atoms(KL, 1 + np.log(RATIO), 1),
    "reverse_kl": Atoms(REVERSE_KL, -1 / RATIO, -1),
    "pearson": Atoms(PEARSON, 2 * (RATIO - 1), 0),
    "neyman": Atoms(np.sum((P - Q) ** 2 / P), 1 - RATIO ** -2, 0),
    "hellinger": Atoms(HELLINGER, 1 - RATIO ** -0.5, 0),
    "jeffrey": Atoms(KL + REVERSE_KL, 1 + np.log(RATIO) - 1 / RATIO, 0),
    "js": Atoms(2 * JSD, np.log(2 * RATIO / (1 + RATIO)), 0),
    "weighted_js(pi=0.3)": Atoms(0.3 * entropy(P, 0.3 * P + 0.7 * Q) + 0.7 * entropy(Q, 0.3 * P + 0.7 * Q),
                                 0.3 * np.log(RATIO / (0.7 + 0.3 * RATIO)), 0),
    "gan": Atoms(2 * JSD - np.log(4), np.log(RATIO / (RATIO + 1)), -LOG_2),
    "alpha(alpha=0.25)": Atoms((np.sum(P ** 0.25 * Q ** 0.75) - 1) / (0.25 * -0.75), (RATIO ** -0.75 - 1) / -0.75, 0),
    "alpha(alpha=2)": Atoms(PEARSON / 2, RATIO - 1, 0),
    "total_variation": Atoms(np.abs(P - Q).sum() / 2, np.sign(RATIO - 1) / 2, 0),
}


def objective(spec: str, generator: str = "trick") -> str:
    """The f-GAN objective of that divergence, such as "alpha(alpha=2)"."""
    name, _, arguments = spec.removesuffix(")").partition("(")
    return f'f_divergence("{name}", {arguments + ", " if arguments else ""}generator="{generator}")'


class Scores:
    """activation: g_f(v). fused: f*(g_f(v)). threshold: the v at which g_f = f′(1). largest: |v| within float32."""

    def __init__(self, activation, fused, threshold=0, largest=80):
        self.activation, self.fused, self.threshold, self.largest = activation, fused, threshold, largest


def softplus(v):
    return np.logaddexp(0, v)


def _jeffrey(t):
    """By the supremum itself: t = f′(u) = 1 + r − exp(−r) has one root r = log u, and f*(t) = exp(r) − 1 + r."""
    r = np.array([scipy.optimize.brentq(lambda r, t=t: 1 + r - np.exp(-r) - t, -90, 90, xtol=1e-14) for t in t.flat])
    return (np.expm1(r) + r).reshape(t.shape)


def _identity(v):
    return v


def _less(v):
    return -np.expm1(-v)


def _half_tanh(v):
    return np.tanh(v) / 2


SCORES = {
    "kl": Scores(_identity, lambda v: np.exp(v - 1), threshold=1),
    "reverse_kl": Scores(lambda v: -np.exp(-v), lambda v: v - 1),
    "pearson": Scores(_identity, lambda v: v ** 2 / 4 + v, largest=1e4),
    "neyman": Scores(_less, lambda v: -2 * np.expm1(-v / 2)),
    "hellinger": Scores(_less, np.expm1),
    "jeffrey": Scores(_identity, _jeffrey),
    "js": Scores(lambda v: LOG_2 - softplus(-v), lambda v: softplus(v) - LOG_2, largest=1e4),
    "weighted_js(pi=0.3)": Scores(  # g_f is −π log π + log s; it is 0 where s = π^π
        lambda v: -0.3 * np.log(0.3) - softplus(-v),
        lambda v: 0.7 * (np.log(0.7) - np.log(-np.expm1(-softplus(-v) / 0.3))),
        threshold=scipy.special.logit(0.3 ** 0.3)),
    "gan": Scores(lambda v: -softplus(-v), softplus, largest=1e4),
    "total_variation": Scores(_half_tanh, _half_tanh, largest=1e4),
    "alpha(alpha=0.25)": Scores(  # g_f is 4/3 − softplus(c − v), with c so that it is 0 where v is
        lambda v: 4 / 3 - softplus(MIDDLE - v), lambda v: 4 * ((0.75 * softplus(MIDDLE - v)) ** (-1 / 3) - 1)),
    "alpha(alpha=3)": Scores(_identity, lambda v: (np.maximum(2 * v + 1, 0) ** 1.5 - 1) / 3, largest=1e4),
}
