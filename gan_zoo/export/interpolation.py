"""Paths between latent vectors, in NumPy."""

import numpy as np


def between(first: np.ndarray, last: np.ndarray, steps: int, spherical: bool, held: np.ndarray) -> np.ndarray:
    """Rows that go from one vector to another: vectors [R, Z] and [R, Z] → [R, steps, Z], both ends included.

    spherical: by slerp, else by lerp. held: bool [Z]; these numbers stay as `first` has them, and the path is that
    of the others.
    """
    rows = np.repeat(np.asarray(first, np.float64)[:, np.newaxis], steps, axis=1)
    rows[..., ~held] = (slerp if spherical else lerp)(first[:, ~held], last[:, ~held], steps)
    return rows


def lerp(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """(1 − t) a + t b at t = 0 … 1: vectors [R, Z] and [R, Z] → [R, steps, Z], both ends included."""
    t = np.linspace(0, 1, steps)[:, np.newaxis]
    a, b = (np.asarray(vector, np.float64)[:, np.newaxis] for vector in (first, last))
    return (1 - t) * a + t * b


def slerp(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """Along the great circle: (sin((1 − t) ω) a + sin(t ω) b) / sin ω, with ω the angle between a and b.

    Shoemake 1985 (doi:10.1145/325165.325242); for latents White 2016 (arXiv:1609.04468). Points [R, Z] and
    [R, Z] → [R, steps, Z], both ends included. Where a and b lie on one line, which has no arc, it is lerp.
    """
    t = np.linspace(0, 1, steps)[:, np.newaxis]
    a, b = (np.asarray(vector, np.float64)[:, np.newaxis] for vector in (first, last))
    lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
    cosine = np.sum(a * b, axis=-1, keepdims=True) / np.where(lengths > 0, lengths, 1)
    omega = np.where(lengths > 0, np.arccos(np.clip(cosine, -1, 1)), 0)
    straight = np.sin(omega) < 1e-6
    sine = np.where(straight, 1, np.sin(omega))
    arc = np.sin((1 - t) * omega) / sine * a + np.sin(t * omega) / sine * b
    return np.where(straight, lerp(first, last, steps), arc)
