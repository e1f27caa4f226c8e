"""Mixtures of Gaussians, whose density is known."""

import numpy as np
import tensorflow_probability as tfp

from gan_zoo.data.point_dataset import PointDataset
from gan_zoo.data.source import datasets
from gan_zoo.errors import UserError, check_number
from gan_zoo.registry import Call

tfd = tfp.distributions


@datasets.register("mixture_1d")
def mixture_1d(weight=0.33, means=(-1.0, 2.0), variances=(0.0625, 2.0), count=102_400) -> PointDataset:
    """Numbers from weight · N(means[0], variances[0]) + (1 − weight) · N(means[1], variances[1]).

    weight: in (0, 1). means, variances: one for each component. count: numbers that are called an epoch.
    Defaults: for the 1-D experiment of f-GAN (Nowozin et al. 2016, arXiv:1606.00709, section 2.5).
    """
    check_number("weight", weight, above=0, below=1)
    means = tuple(check_number("a mean", mean) for mean in _pair("means", means))
    variances = tuple(check_number("a variance", variance, above=0) for variance in _pair("variances", variances))
    component = tfd.Categorical(probs=np.array([weight, 1 - weight], np.float32))
    distribution = tfd.MixtureSameFamily(component, tfd.Normal(np.array(means, np.float32),
                                                               np.sqrt(variances).astype(np.float32)))
    spec = Call("mixture_1d", (), {"weight": weight, "means": means, "variances": variances})
    identity = ("mixture_1d", *(float(number) for number in (weight, *means, *variances)))
    return PointDataset("mixture_1d", distribution, identity, count, str(spec))


def _pair(name: str, values) -> tuple:
    if not isinstance(values, (list, tuple)) or len(values) != 2:
        raise UserError(f"{name} must be two numbers, as in {name}=(1.0, 2.0), got {values!r}")
    return tuple(values)
