"""Subjects whose images are points, to be compared in the space "raw", and what all metrics of vectors have to say."""

from types import SimpleNamespace

import numpy as np

from gan_zoo import metrics


def normal(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Of N(0, I), float32 [count, dimensions]."""
    return np.random.default_rng(seed).normal(size=[count, dimensions]).astype(np.float32)


def turned(dimensions: int, seed: int = 0) -> np.ndarray:
    """A random rotation or reflection [D, D]."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=[dimensions, dimensions]))[0]


def subject(generated: np.ndarray, real: np.ndarray, **changes) -> metrics.Subject:
    """Of vectors [N, D] and [M, D], of which half are the reference and the others set the floor."""
    made = generated[:, None, None]
    points = SimpleNamespace(images=real[:, None, None], labels=None, has_pixels=False)
    return metrics.Subject(**{"generate": lambda count: made[:count], "load": lambda part: points, "held_out": False,
                              **changes})


def measured(spec: str, of: metrics.Subject) -> dict:
    """What a metric of a spec says."""
    (metric,) = metrics.build(spec).values()
    return metric(of)
