"""The log-likelihood of test images under a kernel density estimate (Parzen window) of generated ones.

    p(x) = 1/N Σᵢ N(x; sᵢ, σ² I)        x, sᵢ: pixels in [0, 1], flattened, in D dimensions

What it is good for, and what not: its value depends on N, on σ and on the pixels' range, so compare at equal
ones only; it is not monotone in the quality of images. K-means centroids of the training set score above the
training set itself (Theis, van den Oord and Bethge 2016, A note on the evaluation of generative models,
arXiv:1511.01844). In nats; densities of pixels are often above 1, so that positive values are usual.
"""

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.metrics.base import Subject, metrics, pixels
from gan_zoo.metrics.comparing import MOST_IMAGES

_LEVELS = 255  # bytes, divided by it, are pixels in [0, 1]
_BLOCK = (512, 1024)  # queries and samples; its float64 distances are 4 MiB
_FEWEST = 3  # samples: below that there is no density to speak of
_MOST_SIGMAS = 1000
_SMALLEST_SIGMA, _LARGEST_SIGMA = 1e-3, 1e3


def log_likelihood(samples: np.ndarray, queries: np.ndarray, sigma, divisor: float = 1.0,
                   block: tuple[int, int] = _BLOCK) -> np.ndarray:
    """log p(x) in nats of each point under equal Gaussians of width σ at the samples.

        log p(x) = logsumexpᵢ(−‖x − sᵢ‖² / 2σ²) − log N − D/2 · log(2πσ²)

    samples: real numbers [N, D], queries: [M, D], both divided by `divisor` first, so that bytes (255) need no
    copy as floats. sigma: above 0, a scalar or [K]. block: how many queries and samples meet at a time, which
    bounds the memory and not the result. Returns float64 [M], or [K, M] for several σ, which share the distances.
    Far-away queries have finite values, since the nearest sample's term is taken out of the sum.
    """
    sigmas = np.atleast_1d(np.asarray(sigma, np.float64))
    if samples.ndim != 2 or queries.ndim != 2 or samples.shape[1] != queries.shape[1] or not len(samples):
        raise ValueError(f"samples [N, D] and queries [M, D] are wanted, got {samples.shape} and {queries.shape}")
    if sigmas.ndim != 1 or not np.all(sigmas > 0):
        raise ValueError(f"sigma must be above 0, a scalar or [K], got {sigma}")
    log_sums = np.full([len(sigmas), len(queries)], -np.inf)
    for first in range(0, len(queries), block[0]):
        some = slice(first, first + block[0])
        x = _divided(queries[some], divisor)
        for start in range(0, len(samples), block[1]):
            s = _divided(samples[start:start + block[1]], divisor)
            log_sums[:, some] = np.logaddexp(log_sums[:, some], _log_sums(x, s, tf.constant(sigmas)).numpy())
    dimensions = samples.shape[1]
    normalizer = math.log(len(samples)) + dimensions / 2 * np.log(2 * math.pi * sigmas**2)
    result = log_sums - normalizer[:, np.newaxis]
    return result if np.ndim(sigma) else result[0]


def _divided(numbers: np.ndarray, divisor: float) -> tf.Tensor:
    return tf.cast(tf.constant(numbers), tf.float64) / divisor


_MATRIX = tf.TensorSpec([None, None], tf.float64)


@tf.function(input_signature=[_MATRIX, _MATRIX, tf.TensorSpec([None], tf.float64)])
def _log_sums(queries: tf.Tensor, samples: tf.Tensor, sigmas: tf.Tensor) -> tf.Tensor:
    """logsumexpᵢ(−‖x − sᵢ‖² / 2σ²) for queries [M, D], samples [N, D] and sigmas [K]: [K, M]."""
    squares = tf.reduce_sum(queries**2, axis=1)[:, tf.newaxis] + tf.reduce_sum(samples**2, axis=1)
    distances = tf.maximum(squares - 2 * tf.matmul(queries, samples, transpose_b=True), 0)
    nearest = tf.reduce_min(distances, axis=1)
    farther = distances - nearest[:, tf.newaxis]

    def log_sum(sigma):
        rate = -1 / (2 * sigma**2)
        return rate * nearest + tf.math.log(tf.reduce_sum(tf.exp(rate * farther), axis=1))

    return tf.map_fn(log_sum, sigmas, parallel_iterations=2)


def best_sigma(scores: np.ndarray, grid: np.ndarray) -> dict:
    """{"sigma": the σ of the highest score}, and a "warning" if it lies on the edge. scores, grid: [K]."""
    best = int(np.argmax(scores))
    chosen: dict[str, float | str] = {"sigma": float(grid[best])}
    if len(grid) > 1 and best in (0, len(grid) - 1):
        chosen["warning"] = (f"sigma {grid[best]:.4g} lies on the edge of its grid, {grid[0]:.4g} to {grid[-1]:.4g}, "
                            "which is too narrow: set low or high")
    return chosen


def cross_validated(samples: np.ndarray, sigmas: np.ndarray, folds: int, divisor: float = 1.0) -> np.ndarray:
    """The mean log-likelihood of held-out samples for each σ: [K].

    samples: [N, D], N ≥ folds; number i is in fold i mod folds. Each fold is scored under all others; the
    result is the mean over folds of the means over their samples.
    """
    held_out = np.arange(len(samples)) % folds
    means = [log_likelihood(samples[held_out != fold], samples[held_out == fold], sigmas, divisor).mean(axis=1)
             for fold in range(folds)]
    return np.mean(means, axis=0)


def _scored(samples: np.ndarray, test: np.ndarray, sigma: float) -> dict:
    """Mean and standard error over the test images, and what they depend on."""
    scores = log_likelihood(samples, test, sigma, _LEVELS)
    return {"log_likelihood_nats": float(scores.mean()),
            "log_likelihood_nats_standard_error": float(scores.std() / math.sqrt(len(scores))),
            "samples": len(samples), "test_images": len(test)}


def _drawn(subject: Subject, part: str, count: int) -> np.ndarray:
    return pixels(subject.drawn(part, count).images)


def _by_validation(metric, subject: Subject, samples: np.ndarray, grid: np.ndarray) -> dict:
    validation = _drawn(subject, "validation", metric.validation_images)
    scores = log_likelihood(samples, validation, grid, _LEVELS).mean(axis=1)
    return best_sigma(scores, grid) | {"sigma_from": "validation", "validation_images": len(validation)}


def _by_cross_validation(metric, subject: Subject, samples: np.ndarray, grid: np.ndarray) -> dict:
    if len(samples) < metric.folds:
        raise UserError(f"kde: folds={metric.folds} need as many samples, here are {len(samples)}")
    scores = cross_validated(samples, grid, metric.folds, _LEVELS)
    return best_sigma(scores, grid) | {"sigma_from": "cross_validation", "folds": metric.folds}


_BANDWIDTHS = {"cross_validation": _by_cross_validation, "validation": _by_validation}


def _samples(subject: Subject, count: int) -> np.ndarray:
    drawn = pixels(subject.generate(count))
    if len(drawn) < _FEWEST:
        raise UserError(f"a density estimate needs at least {_FEWEST} samples, here are {len(drawn)}")
    return drawn


def _check(name: str, metric) -> None:
    """The hyperparameters that both metrics have."""
    for key, least in [("samples", _FEWEST), ("validation_images", 1), ("test_images", 1)]:
        check_count(f"{name}: {key}", getattr(metric, key), least)
        check_number(f"{name}: {key}", getattr(metric, key), most=MOST_IMAGES)
    check_number(f"{name}: low", metric.low, least=_SMALLEST_SIGMA)
    check_number(f"{name}: high", metric.high, least=metric.low, most=_LARGEST_SIGMA)


@metrics.register("parzen")
@dataclass(frozen=True)
class Parzen:
    """Log-likelihood of test images under a Parzen window of samples (Goodfellow et al. 2014, arXiv:1406.2661).

    The authors' parzen_ll.py: pixels in [0, 1] without dequantisation noise; σ is the best of a logarithmic grid
    of `sigmas` values from `low` to `high` for `validation_images`; mean and standard error over `test_images`. Where
    there are more of either, they are drawn at random.
    """

    samples: int = 10_000
    validation_images: int = 1000
    test_images: int = 10_000
    low: float = 0.1
    high: float = 1.0
    sigmas: int = 10

    def __post_init__(self):
        _check("parzen", self)
        check_count("parzen: sigmas", self.sigmas)
        check_number("parzen: sigmas", self.sigmas, most=_MOST_SIGMAS)

    def __call__(self, subject: Subject) -> dict:
        samples = _samples(subject, self.samples)
        chosen = _by_validation(self, subject, samples, np.geomspace(self.low, self.high, self.sigmas))
        scored = _scored(samples, _drawn(subject, "test", self.test_images), chosen["sigma"])
        return scored | chosen | {"protocol": "Goodfellow et al. 2014, arXiv:1406.2661"}


@metrics.register("kde")
@dataclass(frozen=True)
class KernelDensity:
    """Log-likelihood of test images, σ cross-validated on the samples (Nowozin et al. 2016, arXiv:1606.00709).

    σ is the best of low, low + step, …, high by cross-validation over the samples in `folds`, or, with
    bandwidth="validation", for `validation_images`. Pixels in [0, 1], which the paper's own numbers
    are not: compare its differences, not its values.
    """

    samples: int = 16_384
    bandwidth: str = "cross_validation"
    folds: int = 3
    validation_images: int = 1000
    test_images: int = 10_000
    low: float = 0.1
    high: float = 0.3
    step: float = 0.01

    def __post_init__(self):
        check_choice("bandwidth of kde", self.bandwidth, _BANDWIDTHS)
        _check("kde", self)
        check_count("kde: folds", self.folds, 2)
        check_number("kde: folds", self.folds, most=self.samples)
        check_number("kde: step", self.step, above=0)
        check_number("kde: (high − low) / step", (self.high - self.low) / self.step, most=_MOST_SIGMAS)

    def __call__(self, subject: Subject) -> dict:
        samples = _samples(subject, self.samples)
        count = math.floor((self.high - self.low) / self.step + 1e-6) + 1
        chosen = _BANDWIDTHS[self.bandwidth](self, subject, samples, self.low + self.step * np.arange(count))
        scored = _scored(samples, _drawn(subject, "test", self.test_images), chosen["sigma"])
        return scored | chosen | {"protocol": "Nowozin et al. 2016, arXiv:1606.00709"}
