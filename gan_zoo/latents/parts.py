"""What a latent is made of: the registered terms of a --latent, on TensorFlow Probability."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.latents import codes
from gan_zoo.latents.codes import Code
from gan_zoo.registry import Registry

tfd = tfp.distributions
latents = Registry("latent")


# tfp's names of a distribution's parameters → those of the terms
_PARAMETERS = {"loc": "mean", "scale": "stddev", "low": "low", "high": "high", "probs": "probability"}


class ClassTerm(NamedTuple):
    """No part of the noise, but the wish that images have a class, one of `size`."""

    size: int


@dataclass(frozen=True)
class Part:
    """A block of `components` independent latent components, each of `width` numbers.

    distribution: one component's, as a tfp distribution. spherical: whether its mass lies near a sphere,
    so that what lies between two of its samples is on the arc and not on the chord. code: name → the code that a
    component is if this part is no noise; None: it is noise, whatever stands beside it. name: of the codes, or
    None. always_code: whether it can't be noise.
    """

    components: int
    distribution: tfp.distributions.Distribution
    spherical: bool
    code: Callable[[str], Code] | None = None
    name: str | None = None
    always_code: bool = False
    width: int = 1

    @property
    def size(self) -> int:
        """Numbers in the noise."""
        return self.components * self.width

    def prior(self) -> dict[str, str | float]:
        """What one component is drawn from, for JSON: the distribution's name, and its parameters."""
        law = self.distribution
        parameters = {name: float(law.parameters[own]) for own, name in _PARAMETERS.items()
                      if law.parameters.get(own) is not None and not tf.rank(law.parameters[own])}
        return {"distribution": type(law).__name__.lower(), **parameters}


@latents.register("normal")
def normal(size, mean=0.0, stddev=1.0, name=None, posterior_stddev=1.0) -> Part:
    """`size` components of N(mean, stddev²), noise or codes; posterior_stddev: σ of Q(c|x), None learns it."""
    check_number("mean", mean)
    check_number("stddev", stddev, above=0)
    component = tfd.Normal(_constant(mean), _constant(stddev))
    code = _continuous(component, posterior_stddev, codes.normal_sweep(mean, stddev))
    return Part(check_count("size", size), component, spherical=mean == 0, code=code, name=name)


@latents.register("uniform")
def uniform(size, low=-1.0, high=1.0, name=None, posterior_stddev=1.0) -> Part:
    """`size` components of U[low, high), noise or codes; posterior_stddev: σ of Q(c|x), None learns it."""
    check_number("low", low)
    check_number("high", high)
    if low >= high:
        raise UserError(f"low must be below high, got low={low}, high={high}")
    component = tfd.Uniform(_constant(low), _constant(high))
    code = _continuous(component, posterior_stddev, codes.uniform_sweep(low, high))
    return Part(check_count("size", size), component, spherical=False, code=code, name=name)


@latents.register("noise")
def noise(size, distribution="uniform") -> Part:
    """`size` components of U[-1, 1) or, with "normal", N(0, 1); beside it all other terms are codes."""
    check_choice("distribution", distribution, _NOISES)
    part = _NOISES[distribution](size)
    return Part(part.components, part.distribution, part.spherical)


_NOISES = {"uniform": uniform, "normal": normal}


@latents.register("categorical")
def categorical(size, name=None) -> Part:
    """A code with `size` equally likely values, one-hot in the latent."""
    check_count("size", size, 2)
    prior = tfd.Categorical(logits=tf.zeros([size], keras.config.floatx()))
    return Part(1, prior, False, lambda name: codes.Categorical(name, prior), name, True, width=size)


@latents.register("bernoulli")
def bernoulli(size, probability=0.5, name=None) -> Part:
    """`size` codes that are 1 with this probability, else 0."""
    check_number("probability", probability, above=0, below=1)
    prior = tfd.Bernoulli(probs=_constant(probability))
    return Part(check_count("size", size), prior, False, lambda name: codes.Bernoulli(name, prior), name, True)


@latents.register("label")
def label(size) -> ClassTerm:
    """The class of the image, one of `size`, as frequent as in the data: as --conditional, which needs no number."""
    return ClassTerm(check_count("size", size, 2))


def _constant(value) -> tf.Tensor:
    return tf.constant(value, keras.config.floatx())


def _continuous(prior: tfp.distributions.Distribution, posterior_stddev, sweep_range) -> Callable[[str], Code]:
    if posterior_stddev is not None:
        check_number("posterior_stddev", posterior_stddev, least=codes.LEAST_STDDEV)
    return lambda name: codes.Continuous(name, prior, posterior_stddev, sweep_range)
