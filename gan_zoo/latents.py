"""Noise priors on TensorFlow Probability: specs such as "normal(100)" or "normal(62) + uniform(2)"."""

from dataclasses import dataclass

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.game import LatentSample
from gan_zoo.registry import Registry, parse

tfd = tfp.distributions
latents = Registry("latent")


@dataclass(frozen=True)
class Part:
    """A block of `size` independent latent components.

    distribution: one component's, as a tfp distribution. spherical: whether its mass lies near a sphere,
    so that points between two of its samples are on the arc and not on the chord.
    """

    size: int
    distribution: tfd.Distribution
    spherical: bool


@latents.register("normal")
def normal(size, mean=0.0, stddev=1.0) -> Part:
    """`size` components of N(mean, stddev²)."""
    check_number("mean", mean)
    check_number("stddev", stddev, above=0)
    dtype = keras.config.floatx()
    component = tfd.Normal(tf.constant(mean, dtype), tf.constant(stddev, dtype))
    return Part(check_count("size", size), component, spherical=mean == 0)


@latents.register("uniform")
def uniform(size, low=-1.0, high=1.0) -> Part:
    """`size` components of U[low, high)."""
    check_number("low", low)
    check_number("high", high)
    if low >= high:
        raise UserError(f"low must be below high, got low={low}, high={high}")
    dtype = keras.config.floatx()
    component = tfd.Uniform(tf.constant(low, dtype), tf.constant(high, dtype))
    return Part(check_count("size", size), component, spherical=False)


class Latent:
    """The prior of the generator's input: its parts side by side, Z = `size` components in all."""

    def __init__(self, parts: list[Part]):
        self.parts = parts
        self.size = sum(part.size for part in parts)
        self.spherical = all(part.spherical for part in parts)

    def sample(self, batch_size, seed: tf.Tensor) -> LatentSample:
        """`batch_size` points, [B, Z], a function of `seed` (int32 [2]) alone."""
        seeds = tf.random.experimental.stateless_split(seed, len(self.parts))
        flat = [part.distribution.sample([batch_size, part.size], seed=seeds[i])
                for i, part in enumerate(self.parts)]
        return LatentSample(tf.concat(flat, axis=-1), {})

    def log_prob(self, flat: tf.Tensor) -> tf.Tensor:
        """The log density of points [B, Z] in nats, [B]."""
        blocks = tf.split(flat, [part.size for part in self.parts], axis=-1)
        return tf.add_n([tf.reduce_sum(part.distribution.log_prob(block), axis=-1)
                         for part, block in zip(self.parts, blocks, strict=True)])

    def entropy(self) -> tf.Tensor:
        """The differential entropy in nats, a scalar."""
        return tf.add_n([part.size * part.distribution.entropy() for part in self.parts])


def build(spec: str) -> Latent:
    """A latent from its spec: one registered call, or a sum of them, side by side in that order."""
    return Latent([latents.build(call) for call in parse(spec)])
