"""Whether a generator has learned its training images by heart.

AuthPct (Alaa et al. 2022, How faithful is your synthetic data?, arXiv:2102.08921) judges each image, C_T (Meehan,
Chaudhuri and Dasgupta 2020, A non-parametric test to detect data-copying in generative models, arXiv:2004.05675) all of
them together. Both look at the distance to the nearest training image, and neither sees copies that are far away in the
feature space, such as shifted or mirrored ones. FD, KID, precision and recall praise copies.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import scipy.cluster.vq

from gan_zoo.errors import check_count, check_number
from gan_zoo.features import build as build_space
from gan_zoo.metrics.base import Result, Subject, Tiles, enough, metrics
from gan_zoo.metrics.comparing import MOST_IMAGES, facts, with_floor

_FEWEST = 20  # images of a cell on either side, as in the paper, and so in all
_SHOWN, _NEAREST = 10, 5  # images in the picture, and training images beside each
_TRAINED_ON = ("test images were trained on, so that C_T has none to compare with and there is no floor: name others "
               "with --test_split")


def nearest(queries: np.ndarray, points: np.ndarray, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(distances, rows) of the `count` points [N, D] nearest to each query [M, D], nearest first: [M, count] each."""
    from sklearn.neighbors import NearestNeighbors  # takes seconds

    return NearestNeighbors(n_neighbors=count, algorithm="brute").fit(points).kneighbors(queries)


def authenticity(generated: np.ndarray, train: np.ndarray) -> np.ndarray:
    """How far each vector is from its nearest training one, over that one's distance to its own nearest: float64 [N].

    generated: [N, D], train: [M, D], M ≥ 2. Above 1 it is authentic; 0 is a copy. Of training vectors that occur twice
    a copy has 0 as well, and what is not a copy has infinity.
    """
    distances, rows = (found[:, 0] for found in nearest(generated, train))
    own = nearest(train[rows], train, 2)[0][:, 1]
    return np.divide(distances, own, out=np.where(distances > 0, np.inf, 0.0), where=own > 0)


def rank_score(distances: np.ndarray, others: np.ndarray) -> float:
    """Z_U of the Mann-Whitney test: below 0 if `distances` [N] are smaller than `others` [M], a standard normal if not.

    As in the authors' code, with half a count for continuity.
    """
    count, other_count = len(distances), len(others)
    from scipy import stats  # imported here: every run imports this module, and it takes half a second

    ranks = stats.rankdata(np.concatenate([distances, others]))
    larger = ranks[:count].sum() - count * (count + 1) / 2  # pairs in which the first is larger, ties half
    spread = np.sqrt(count * other_count * (count + other_count + 1) / 12)
    return float((larger - count * other_count / 2 + 0.5) / spread)


def copying_score(generated: np.ndarray, test: np.ndarray, train: np.ndarray, cells: int = 10) -> tuple[float, float]:
    """(C_T, its standard error if nothing is copied) of vectors [N, D], [M, D] and [L, D], N and M at least 20.

    The mean of Z_U over the cells of a k-means of the training vectors, weighted by how many test vectors a cell has:
    below 0, by more than about 3 errors, if generated ones lie nearer to training ones than test vectors do, above 0 if
    farther. Cells with fewer than 20 generated or test vectors are left out; if all are, there is only one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fewer different vectors than cells, some of which are empty then
        centres, of_train = scipy.cluster.vq.kmeans2(train, min(cells, len(train)), minit="++", seed=0, missing="warn")
    of_generated, of_test = (scipy.cluster.vq.vq(rows, centres)[0] for rows in (generated, test))
    full = [cell for cell in range(len(centres)) if (of_train == cell).any()
            and min((of_generated == cell).sum(), (of_test == cell).sum()) >= _FEWEST]
    if not full:
        return copying_score(generated, test, train, 1)
    scores = [rank_score(*(nearest(rows[of == cell], train[of_train == cell])[0][:, 0]
                           for rows, of in ((generated, of_generated), (test, of_test)))) for cell in full]
    weights = np.array([(of_test == cell).sum() for cell in full])
    return float(np.average(scores, weights=weights)), float(np.linalg.norm(weights) / weights.sum())


@metrics.register("memorization")
@dataclass(frozen=True)
class Memorization:
    """Copies of training images: AuthPct (arXiv:2102.08921), C_T (arXiv:2004.05675), and a picture of the nearest ones.

    authentic: the share of images that are farther from their nearest training image than that one from its own; the
    share of test images is the floor, copies get 0. c_t: about 0 if generated images are as near to training images
    as test images are, below that, by more than 3 standard errors, if they are copied. It takes test images that were
    not trained on: half of them are compared with, the others set the floor. The picture shows the likeliest copies,
    each beside its nearest training images. train_images: at most so many are searched. cells: of C_T.
    """

    features: str = "pca(components=64)"
    samples: int = 2000
    train_images: int = 60_000
    cells: int = 10
    differences = ("c_t",)

    def __post_init__(self):
        for name, least in (("samples", _FEWEST), ("train_images", _FEWEST), ("cells", 1)):
            check_count(f"memorization: {name}", getattr(self, name), least=least)
            check_number(f"memorization: {name}", getattr(self, name), most=MOST_IMAGES)
        build_space(self.features)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """All images, if there are enough."""
        sets = subject.test.images[1::2], subject.train.images, subject.generate(_FEWEST)
        return subject.test.has_pixels and min(map(len, sets)) >= _FEWEST

    def __call__(self, subject: Subject) -> Result:
        space, train = subject.space(self.features), subject.drawn("train", self.train_images).images
        real = subject.drawn("test", 2 * self.samples).images if subject.held_out else None
        generated = subject.generate(self.samples if real is None else min(self.samples, len(real) // 2))
        enough("memorization", min(len(generated), len(train)), _FEWEST)
        known, made = subject.embedded(space, "train", train), subject.embedded(space, "generated", generated)
        ratios = authenticity(made, known)
        if real is None:
            values: Result = {**_authentic(ratios), "warning": _TRAINED_ON}
        else:
            compared, stand_in = space(real[::2]), space(real[1::2])[:len(made)]
            values = {**with_floor(_authentic(ratios) | self._copied(made, compared, known),
                                   _authentic(authenticity(stand_in, known)) | self._copied(stand_in, compared, known)),
                      "real_images": len(compared)}
        return {**values, "samples": len(generated), "train_images": len(train), **facts(space),
                "nearest_training_images": _picture(generated, train, made, known, ratios)}

    def _copied(self, made: np.ndarray, compared: np.ndarray, known: np.ndarray) -> dict[str, float]:
        score, error = copying_score(made, compared, known, self.cells)
        return {"c_t": score, "c_t_standard_error": error}


def _authentic(ratios: np.ndarray) -> dict[str, float]:
    share = float((ratios > 1).mean())
    return {"authentic": share, "authentic_standard_error": math.sqrt(share * (1 - share) / len(ratios))}


def _picture(generated: np.ndarray, train: np.ndarray, made: np.ndarray, known: np.ndarray, ratios: np.ndarray,
             ) -> Tiles:
    """Images [N, H, W, C] and [M, H, W, C], and their places in the space: [N, D], [M, D]; ratios: [N]."""
    suspicious = np.argsort(ratios, kind="stable")[:_SHOWN]
    _, rows = nearest(made[suspicious], known, _NEAREST)
    return Tiles(np.concatenate([generated[suspicious][:, np.newaxis], train[rows]], axis=1),
                 "generated (left) and the training images nearest to it")
