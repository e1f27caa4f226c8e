"""Codes: the parts of a latent that a recognizer Q has to tell from the image (Chen et al. 2016, arXiv:1606.03657).

A code c has a name, a prior p(c) and a family of posteriors Q(c|x), whose parameters a network emits:

    prior                       values           block in the noise     Q(c|x), by
    categorical                 0 … K − 1        one-hot, K numbers     Categorical, K logits
    Bernoulli                   0, 1             1 number               Bernoulli, 1 logit
    uniform, normal             real numbers     1 number               Gaussian, its mean and, if learned, its σ

Entropies and bounds are in nats; those of a continuous code are differential ones.
"""

import keyword
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.errors import UserError

tfd = tfp.distributions

LEAST_STDDEV = 1e-3  # of a learned σ: below it log Q of a well-known code would grow without end
LABEL = "label"
_NO_ARGUMENT = (*keyword.kwlist, "self")
_TAKEN = ("num_images", "seed", "images", "noise", LABEL)  # arguments and results of an export's functions


@dataclass(frozen=True)
class Code(ABC):
    """One code. name: an identifier. prior: p(c) as a scalar tfp distribution."""

    name: str
    prior: tfp.distributions.Distribution

    def __post_init__(self):
        # It becomes an argument of the export's functions.
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,63}", str(self.name)) or self.name in (*self._taken, *_NO_ARGUMENT):
            raise UserError("name must be a word of at most 64 letters a to z, digits and _ that Python doesn't "
                            f"keep for itself, other than {', '.join(_TAKEN)}, got {self.name!r}")

    @property
    def entropy(self) -> float:
        """H(c) in nats; what the bound of a discrete code can't exceed."""
        with tf.init_scope():  # a number, within a tf.function too
            return float(self.prior.entropy())

    @property
    def caption(self) -> str:
        """What the bound is called on the progress line and in pictures."""
        return f"I({self.name})"

    _taken: ClassVar[tuple[str, ...]] = _TAKEN
    discrete: ClassVar[bool] = True

    @property
    def size(self) -> int:
        """Numbers in the noise."""
        return 1

    @property
    def parameters(self) -> int:
        """Numbers that the recognizer emits for it."""
        return 1

    @abstractmethod
    def encode(self, values: tf.Tensor) -> tf.Tensor:
        """Values [B] → their blocks in the noise [B, size]."""

    @abstractmethod
    def decode(self, block: tf.Tensor) -> tf.Tensor:
        """Blocks [B, size] → values [B]; the inverse of encode."""

    @abstractmethod
    def posterior(self, parameters: tf.Tensor) -> tfp.distributions.Distribution:
        """Q(c|x) for a batch of images from the recognizer's numbers [B, parameters]; batch shape [B]."""

    def probabilities(self, parameters: tf.Tensor) -> tf.Tensor:
        """Q(c|x) of each of the K values of a discrete code, [B, K]; a continuous one has none: ValueError."""
        raise ValueError(f"{self.name} is continuous: there is no probability of a value")

    @abstractmethod
    def describe(self, parameters: tf.Tensor) -> dict[str, tf.Tensor]:
        """The parameters of Q(c|x) as people want them, by name."""

    @abstractmethod
    def problem(self) -> str:
        """What values there are, in words that end an error message."""

    @abstractmethod
    def valid(self, values: tf.Tensor) -> tf.Tensor:
        """Whether each of the values may be given to a generator, bool."""

    @abstractmethod
    def sweep(self, steps: int) -> list[float]:
        """Values to look at, in order: all of a discrete code, `steps` of a continuous one."""


class Categorical(Code):
    """c ~ Cat(K), an integer 0 … K − 1."""

    @property
    def size(self) -> int:
        return self.prior.logits.shape[-1]

    @property
    def parameters(self) -> int:
        return self.size

    def encode(self, values):
        return tf.one_hot(tf.cast(values, tf.int32), self.size, dtype=keras.config.floatx())

    def decode(self, block):
        return tf.argmax(block, axis=-1, output_type=tf.int32)

    def posterior(self, parameters):
        return tfd.Categorical(logits=parameters)

    def probabilities(self, parameters):
        return tf.nn.softmax(parameters)

    def describe(self, parameters):
        return {f"{self.name}_probabilities": self.probabilities(parameters)}

    def problem(self):
        return f"{self.name} must be 0 to {self.size - 1}"

    def valid(self, values):
        return (values >= 0) & (values < self.size)

    def sweep(self, steps):
        return list(range(self.size))


class Bernoulli(Code):
    """c ∈ {0, 1}."""

    def encode(self, values):
        return tf.cast(values, keras.config.floatx())[:, tf.newaxis]

    def decode(self, block):
        return tf.cast(block[:, 0] >= 0.5, tf.int32)

    def posterior(self, parameters):
        return tfd.Bernoulli(logits=parameters[:, 0])

    def probabilities(self, parameters):
        return tf.concat([tf.sigmoid(-parameters), tf.sigmoid(parameters)], axis=1)

    def describe(self, parameters):
        return {f"{self.name}_probability": tf.sigmoid(parameters)}

    def problem(self):
        return f"{self.name} must be 0 or 1"

    def valid(self, values):
        return (values == 0) | (values == 1)

    def sweep(self, steps):
        return [0, 1]


@dataclass(frozen=True)
class Continuous(Code):
    """A real number, recognized by a Gaussian.

    posterior_stddev: σ of Q, or None to let the recognizer learn it, at least LEAST_STDDEV. With a fixed σ,
    −log Q = (c − μ)²/2σ² + log σ√(2π), a squared error and a constant, so that the bound stays below
    H(c) − log σ√(2π). sweep_range: (low, high), the values worth looking at.
    """

    posterior_stddev: float | None = 1.0
    sweep_range: tuple[float, float] = (-2.0, 2.0)
    discrete: ClassVar[bool] = False

    @property
    def parameters(self) -> int:
        return 1 if self.posterior_stddev else 2

    def encode(self, values):
        return tf.cast(values, keras.config.floatx())[:, tf.newaxis]

    def decode(self, block):
        return block[:, 0]

    def posterior(self, parameters):
        if self.posterior_stddev:
            return tfd.Normal(parameters[:, 0], tf.constant(self.posterior_stddev, parameters.dtype))
        return tfd.Normal(parameters[:, 0], LEAST_STDDEV + tf.nn.softplus(parameters[:, 1]))

    def describe(self, parameters):
        q = self.posterior(parameters)
        return {f"{self.name}_mean": q.mean()[:, tf.newaxis],
                f"{self.name}_stddev": (q.stddev() + tf.zeros_like(q.mean()))[:, tf.newaxis]}

    def problem(self):
        return f"{self.name} must be a finite number"

    def valid(self, values):
        return tf.math.is_finite(values)

    def sweep(self, steps):
        low, high = self.sweep_range
        return [low + (high - low) * index / (steps - 1) for index in range(steps)]


def parameter_count(codes: Sequence[Code]) -> int:
    """How many numbers a recognizer emits for all codes together."""
    return sum(code.parameters for code in codes)


def split(codes: Sequence[Code], parameters: tf.Tensor) -> dict[str, tf.Tensor]:
    """The recognizer's output [B, P] → each code's own parameters [B, code.parameters], by name."""
    blocks = tf.split(parameters, [code.parameters for code in codes], axis=-1)
    return {code.name: block for code, block in zip(codes, blocks, strict=True)}


def uniform_sweep(low: float, high: float) -> tuple[float, float]:
    """Twice as wide as the prior, as the paper's figures show them: [−2, 2] for U(−1, 1)."""
    middle, half = (low + high) / 2, (high - low) / 2
    return middle - 2 * half, middle + 2 * half


def normal_sweep(mean: float, stddev: float) -> tuple[float, float]:
    """Two standard deviations to either side."""
    return mean - 2 * stddev, mean + 2 * stddev

