"""What a check counts: the classes of labelled images, the modes of a known mixture, or else clusters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.cluster.vq
import scipy.linalg

from gan_zoo.data import Dataset
from gan_zoo.data.modes import modes

CLASSES, MODES, CLUSTERS = "classes", "modes", "clusters"  # what groups may be
_MOST = 50  # classes or modes; of more a check has too few images each to miss one
_CLUSTERS = 20  # where there are no labels
_SHARPNESS, _RIDGE = 2, 0.1  # of the kernel, over the mean squared distance, and what is added to its diagonal
_TINY = 1e-12  # the mean squared distance where all images are the same


@dataclass(frozen=True)
class Groups:
    """kind: CLASSES, MODES or CLUSTERS. count: how many there may be. of: squared distances [n, m] to the real
    images that the groups were made of → the group of each of n images, int from 0 on.
    """

    kind: str
    count: int
    of: Callable[[np.ndarray], np.ndarray]


def grouped(data: Dataset, chosen: np.ndarray, rows: np.ndarray, distances: np.ndarray) -> Groups:
    """Groups by some of the images. chosen: which, int [m]; rows: they in the space, [m, d]; distances: [m, m]."""
    if data.labels is not None:
        names, labels = np.unique(np.asarray(data.labels)[chosen].astype(int), return_inverse=True)
        if names[0] >= 0 and 1 < len(names) <= _MOST:  # −1: no class, as of a split without labels
            return Groups(CLASSES, len(names), _by_kernel(labels, distances))
    known = modes(data)
    if known and len(known.centres) <= _MOST:
        scaled = [(((rows - centre) / stddev) ** 2).sum(axis=1)
                  for centre, stddev in zip(known.centres, known.stddevs, strict=True)]
        return Groups(MODES, len(scaled), _as_nearest(np.argmin(scaled, axis=0)))
    if len(rows) < 2 * _CLUSTERS:
        return Groups(CLUSTERS, 1, _as_nearest(np.zeros(len(rows), int)))
    found = scipy.cluster.vq.kmeans2(rows, _CLUSTERS, minit="++", seed=0, missing="warn")[1]
    return Groups(CLUSTERS, _CLUSTERS, _as_nearest(found))


def _as_nearest(groups: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda distances: groups[distances.argmin(axis=1)]


def _by_kernel(labels: np.ndarray, distances: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Kernel ridge regression on the classes (Rifkin, Yeo and Poggio 2003, "Regularized least-squares classification").

    It reads images that are not quite of a class, as generated ones are, much better than their nearest neighbour does.
    What is far from all real images is of the most frequent class.
    """
    scale = _SHARPNESS / max(float(distances.mean()), _TINY)
    kernel = np.exp(-scale * distances)
    kernel[np.diag_indices(len(kernel))] += _RIDGE
    targets = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    shares = targets.mean(axis=0)
    weights = scipy.linalg.solve(kernel, targets - shares, assume_a="pos", overwrite_a=True)
    return lambda distances: (np.exp(-scale * distances) @ weights + shares).argmax(axis=1)
