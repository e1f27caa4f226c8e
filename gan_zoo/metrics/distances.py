"""Squared Euclidean distances of many vectors, a block of rows at a time, so that memory is bounded.

In float64, whatever comes in: ‖x‖² + ‖y‖² − 2 x·y loses digits where x is near y, and those of float32 would not do.
"""

from collections.abc import Iterator

import numpy as np

_NUMBERS = 2**22  # in a block of distances, 32 MiB
_SAME = np.finfo(np.float32).eps ** 2  # of the squared norms: nearer vectors can't be told apart in float32


def squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """‖x − y‖² of rows x of one [N, D] and y of the other [M, D]: float64 [N, M], exactly 0 between duplicates."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    norms = np.einsum("nd,nd->n", one, one)[:, None] + np.einsum("md,md->m", other, other)
    distances = (-2 * one) @ other.T
    distances += norms
    norms *= _SAME
    distances[distances <= norms] = 0
    return distances


def blocks(one: np.ndarray, other: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows, squared distances [rows, M] of these rows of one to all of the other), over all rows of one in turn."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    size = max(1, _NUMBERS // max(1, len(other)))
    for start in range(0, len(one), size):
        rows = slice(start, start + size)
        yield rows, squared_distances(one[rows], other)


def neighbour_radii(vectors: np.ndarray, k: int) -> np.ndarray:
    """The squared distance of each of [N, D] to the k-th nearest of the others: float64 [N]; N > k ≥ 1."""
    if not 1 <= k < len(vectors):
        raise ValueError(f"a {k}-th neighbour is wanted among {len(vectors)} vectors")
    # A vector is the nearest to itself, which takes place 0.
    return np.concatenate([np.partition(found, k, axis=1)[:, k] for _, found in blocks(vectors, vectors)])


def nearest_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The squared distance of each row of one [N, D] to the nearest of the other [M, D]: float64 [N]."""
    return np.concatenate([found.min(axis=1) for _, found in blocks(one, other)])
