"""How often each class is generated, as a classifier of the real images sorts them."""

from dataclasses import dataclass

import numpy as np
import scipy.special

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import build as build_space
from gan_zoo.metrics.base import Counts, Result, Subject, metrics
from gan_zoo.metrics.classified import classified, has_classes
from gan_zoo.metrics.comparing import MOST_IMAGES, there_are, with_floor

CAPTURED = 0.25  # of its share in the data: a class with less is not captured; others are mistaken for it as often
UNSEEN = 0.5  # counted in each class of the real images, so that one without any has a share (Krichevsky, Trofimov)
_FEWEST = 2


def shares(counts: np.ndarray, unseen: float = 0.0) -> np.ndarray:
    """The share of each class, float64 [K], of counts [K]; unseen: is added to each."""
    return (counts + unseen) / (counts + unseen).sum()


def class_divergence(counts: np.ndarray, real_counts: np.ndarray) -> tuple[float, float]:
    """(KL(generated ‖ real) in nats, its standard error) of how often each of K classes occurs, integers [K].

    Σ p log(p / q) with the shares p of generated and q of real images, what is called reverse KL: finite if a class is
    not generated. Half a count is added to each class of the real ones. The error is that of drawing both sets,
    to first order in the shares; where they are equal only the second order is left, by which the estimate of the first
    is too large there.
    """
    p, q = shares(counts), shares(real_counts, UNSEEN)
    value = float(scipy.special.rel_entr(p, q).sum())
    logs = np.log(np.where(p > 0, p / q, 1))
    linear = (p @ logs**2 - value**2) / counts.sum() + ((p**2 / q).sum() - 1) / real_counts.sum()
    return value, divergence_error(linear, len(p), 1 / counts.sum() + 1 / real_counts.sum())


def divergence_error(linear: float, classes: int, noise: float) -> float:
    """The standard error of a divergence of the shares of K classes.

    linear: its variance to first order in the shares. noise: 1/N of the images, for two sets the sum of both.
    """
    quadratic = (classes - 1) / 2 * noise**2  # where shares are equal: χ² of K − 1 degrees of freedom over 2N
    return float(np.sqrt(max(linear - quadratic, quadratic)))


def class_ratios(counts: np.ndarray, real_counts: np.ndarray) -> np.ndarray:
    """The share of each class over its share of the real images, float64 [K]; NaN for a class that these lack."""
    there = real_counts > 0
    return np.where(there, shares(counts) / np.where(there, shares(real_counts), 1), np.nan)


def worst_class(counts: np.ndarray, real_counts: np.ndarray) -> tuple[int, float, float]:
    """(the class whose share falls furthest below its share of the real images, the ratio of the two, its error)."""
    ratios = class_ratios(counts, real_counts)
    worst, p, q = int(np.nanargmin(ratios)), shares(counts), shares(real_counts)
    variance = p[worst] * (1 - p[worst]) / counts.sum()
    real_variance = ratios[worst] ** 2 * q[worst] * (1 - q[worst]) / real_counts.sum()
    return worst, float(ratios[worst]), float(np.sqrt(variance + real_variance) / q[worst])


@metrics.register("classes")
@dataclass(frozen=True)
class Classes:
    """How often each class is generated, as a classifier of the real images sorts them, beside real test images.

    class_kl: KL(generated ‖ real) of the classes' shares, in nats, 0 at best. worst_class: the least share of a class
    over its share of the real images, 1 at best, with its name. classes_captured: how many have a quarter of it or
    more. confidence: the mean probability of the likeliest class. Real images are sorted too, so that errors cancel.
    """

    features: str | None = None
    samples: int = 10_000

    def __post_init__(self):
        check_count("classes: samples", self.samples, least=_FEWEST)
        check_number("classes: samples", self.samples, most=MOST_IMAGES)
        if self.features is not None:
            build_space(self.features)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Labelled images of several classes, if there are enough."""
        return has_classes(subject) and there_are(subject, _FEWEST)

    def __call__(self, subject: Subject) -> Result:
        found = classified("classes", subject, self.features, self.samples, _FEWEST)
        generated, real = class_counts(found.generated), class_counts(found.reference)
        values, floor = (_measured(sorted_, real) for sorted_ in (found.generated, found.stand_in))
        picture = Counts(np.stack([generated, real]), "images", "class", ("generated", "real"), found.names)
        return {**with_floor(values, floor), "worst_class_name": found.names[worst_class(generated, real)[0]],
                "classes": int((real > 0).sum()), "class_counts": picture, **found.described}


def class_counts(probabilities: np.ndarray) -> np.ndarray:
    """How many images are of each class, the likeliest one, integers [K]; probabilities: [N, K]."""
    return np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])


def _measured(probabilities: np.ndarray, real_counts: np.ndarray) -> dict[str, float]:
    counts, sure = class_counts(probabilities), probabilities.max(axis=1).astype(np.float64)
    divergence, worst = class_divergence(counts, real_counts), worst_class(counts, real_counts)
    captured = float((np.nan_to_num(class_ratios(counts, real_counts)) >= CAPTURED).sum())
    return {"class_kl": divergence[0], "class_kl_standard_error": divergence[1], "worst_class": worst[1],
            "worst_class_standard_error": worst[2], "classes_captured": captured, "confidence": float(sure.mean()),
            "confidence_standard_error": float(sure.std() / np.sqrt(len(sure)))}
