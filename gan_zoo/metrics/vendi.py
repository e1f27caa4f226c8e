"""The Vendi score: how many wholly different images there are, of one set of images and without reference to another.

Friedman and Dieng 2023, The Vendi score (arXiv:2210.02410): the exponential of the entropy of the eigenvalues of K / n,
K the matrix of the similarities of n images, 1 on its diagonal. Of orders other than 1: arXiv:2310.12952.
"""

from dataclasses import dataclass

import numpy as np
import scipy.special

from gan_zoo.errors import check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, metrics
from gan_zoo.metrics.comparing import Property

_KERNEL = "cosine"
_HIGHEST_ORDER = 100
_TOGETHER = 1000  # vectors


def vendi_score(similarities: np.ndarray, order: float = 1.0) -> float:
    """The score of a positive semi-definite matrix [N, N] with ones on the diagonal: from 1, all alike, to N.

    order: at 2 the score is 1 / mean of the squared similarities, RKE's (arXiv:2206.10935). The higher, the less rare
    kinds of images count.
    """
    return _effective_number(np.linalg.eigvalsh(np.asarray(similarities, np.float64) / len(similarities)), order)


def cosine_vendi_score(vectors: np.ndarray, order: float = 1.0) -> float:
    """The score of vectors [N, D] with the kernel x·y / ‖x‖‖y‖: from 1 to the lesser of N and D.

    Of D x D numbers, since XᵀX has the eigenvalues of XXᵀ that are not 0. Zero vectors, which have no direction, are
    like each other and unlike all others, as if they had a dimension of their own.
    """
    scatter, zeros = np.zeros([vectors.shape[1]] * 2), 0
    for start in range(0, len(vectors), _TOGETHER):
        some = np.asarray(vectors[start:start + _TOGETHER], np.float64)
        norms = np.linalg.norm(some, axis=1, keepdims=True)
        some = np.divide(some, norms, out=np.zeros_like(some), where=norms > 0)
        scatter += some.T @ some
        zeros += int((norms == 0).sum())
    return _effective_number(np.append(np.linalg.eigvalsh(scatter), zeros) / len(vectors), order)


def _effective_number(values: np.ndarray, order: float) -> float:
    """exp of Rényi's entropy of numbers whose sum is 1; those below 0, by rounding, are 0."""
    values = np.maximum(values, 0)
    if order == 1:
        return float(np.exp(scipy.special.entr(values).sum()))
    return float((values**order).sum() ** (1 / (1 - order)))


@metrics.register("vendi")
@dataclass(frozen=True)
class Vendi(Property):
    """Vendi score: how many wholly different images there are, as it were, among the generated ones (arXiv:2210.02410).

    exp of the entropy of the eigenvalues of K / n, here with the cosine of two images in a feature space of D features
    as their similarity: from 1, all the same, to the lesser of n and D. It rises with n, and is high for noise too:
    compare with its floor, that of as many real images. order: of the entropy; 2 gives RKE (arXiv:2206.10935).
    """

    order: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        check_number("vendi: order", self.order, above=0, most=_HIGHEST_ORDER)

    def of(self, images: np.ndarray) -> dict[str, float]:
        """Of float32 [N, D]."""
        return {"vendi": cosine_vendi_score(images, self.order)}

    def _described(self, space: Features, generated: int) -> Result:
        return {**super()._described(space, generated), "kernel": _KERNEL}
