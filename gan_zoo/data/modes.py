"""The modes of data whose distribution is known."""

from typing import NamedTuple

import numpy as np
import tensorflow_probability as tfp

from gan_zoo.data.dataset import Dataset

tfd = tfp.distributions


class Modes(NamedTuple):
    """The K components of a mixture.

    centres, stddevs: float64 [K, D], of a point's coordinates. weights: float64 [K], their sum is 1.
    """

    centres: np.ndarray
    stddevs: np.ndarray
    weights: np.ndarray


def modes(data: Dataset) -> Modes | None:
    """The components of the mixture that points are drawn from; None for images, and for points that have no modes.

    Correlations within a component are left out.
    """
    mixture = getattr(data, "distribution", None)
    if not isinstance(mixture, tfd.MixtureSameFamily) or not getattr(data, "has_modes", True):
        return None
    components, weights = mixture.components_distribution, mixture.mixture_distribution.probs_parameter()
    centres, stddevs = (np.asarray(values, np.float64).reshape(len(weights), -1)
                        for values in (components.mean(), components.stddev()))
    return Modes(centres, stddevs, np.asarray(weights, np.float64))
