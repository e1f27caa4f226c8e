"""The classifier score: the Inception score's formula with a classifier of the data's own classes."""

from dataclasses import dataclass

import numpy as np
import scipy.special

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import build as build_space
from gan_zoo.metrics.base import Result, Subject, metrics
from gan_zoo.metrics.classified import classified, has_classes
from gan_zoo.metrics.comparing import MOST_IMAGES, there_are, with_floor

_SUITS_FROM = 20  # images, two in each part
_SHUFFLE = 0  # seed of the order in which images are split: real ones may lie class by class


def score(probabilities: np.ndarray) -> float:
    """exp E KL(p(y|x) ‖ p(y)) of probabilities of K classes [N, K], from 1 to K; p(y) is their mean over the images.

    Salimans et al. 2016 (arXiv:1606.03498), section 4. Its logarithm is the mutual information of image and class.
    """
    each = np.asarray(probabilities, np.float64)
    information = scipy.special.entr(each.mean(axis=0)).sum() - scipy.special.entr(each).sum(axis=1).mean()
    return float(np.exp(max(0.0, information)))


def split_scores(probabilities: np.ndarray, splits: int) -> np.ndarray:
    """The score of each of `splits` parts of the images, float64 [splits]; probabilities: [N, K], N ≥ splits."""
    order = np.random.default_rng(_SHUFFLE).permutation(len(probabilities))
    return np.array([score(probabilities[rows]) for rows in np.array_split(order, splits)])


@metrics.register("classifier_score")
@dataclass(frozen=True)
class ClassifierScore:
    """exp E KL(p(y|x) ‖ p(y)), the Inception score's formula (arXiv:1606.03498) with the data's own classifier.

    From 1 to the number of classes: high if images are surely of a class, and classes are equally frequent. The mean
    over `splits` parts of the samples, and its standard error. It compares with no real image, and does not see a lack
    of variety within a class.
    """

    features: str | None = None
    samples: int = 10_000
    splits: int = 10

    def __post_init__(self):
        check_count("classifier_score: splits", self.splits, least=2)
        check_count("classifier_score: samples", self.samples, least=self._fewest)
        check_number("classifier_score: samples", self.samples, most=MOST_IMAGES)
        if self.features is not None:
            build_space(self.features)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Labelled images of several classes, if there are enough."""
        return has_classes(subject) and there_are(subject, _SUITS_FROM)

    @property
    def _fewest(self) -> int:
        """Two images in each part."""
        return 2 * self.splits

    def __call__(self, subject: Subject) -> Result:
        found = classified("classifier_score", subject, self.features, self.samples, self._fewest)
        values, floor = (self._measured(probabilities) for probabilities in (found.generated, found.stand_in))
        return {**with_floor(values, floor), "classes": len(found.names), "splits": self.splits, **found.described}

    def _measured(self, probabilities: np.ndarray) -> dict[str, float]:
        scores = split_scores(probabilities, self.splits)
        return {"classifier_score": float(scores.mean()),
                "classifier_score_standard_error": float(scores.std(ddof=1) / np.sqrt(self.splits))}
