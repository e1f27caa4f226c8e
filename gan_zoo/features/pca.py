"""Principal components of small versions of the images: a space for any data, at almost no cost."""

from dataclasses import dataclass

import numpy as np

from gan_zoo.data import Dataset
from gan_zoo.data.shrinking import shrunk
from gan_zoo.errors import check_count
from gan_zoo.features.base import Features, Parts, digest, features, in_parts, rows_of
from gan_zoo.features.raw import flat

_GRID = 2.0**-10  # of the identity, far coarser than what processors round differently


@features.register("pca")
@dataclass(frozen=True)
class PCA:
    """The first principal components of what was trained on, of images averaged down to at most 16 pixels a side.

    components: how many, fewer if there are fewer pixels. images: of which they are computed, drawn at random.
    """

    components: int = 32
    images: int = 10_000

    def __post_init__(self):
        check_count("pca: components", self.components)
        check_count("pca: images", self.images, least=2)

    def fit(self, parts: Parts) -> Features:
        """Looks at the images trained on."""
        return fitted(parts("train"), self.components, self.images)


def fitted(train: Dataset, components: int = 32, most: int = 10_000) -> Features:
    """The space of these images. The drawing of them is the same every time."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(train.images))[:most])
    rows = rows_of(train.images, chosen, lambda images: flat(shrunk(images))).astype(np.float64)
    mean = rows.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(rows - mean, rowvar=False).reshape(rows.shape[1], -1))
    basis = vectors[:, ::-1][:, :components]
    basis = basis * np.where(basis[np.abs(basis).argmax(axis=0), range(basis.shape[1])] < 0, -1, 1)  # one sign of two
    mean, basis = mean.astype(np.float32), np.ascontiguousarray(basis, np.float32)

    def embed(images: np.ndarray) -> np.ndarray:
        # A product rounds each row in its own way; in float64, so that equal images have equal rows in float32.
        return ((flat(shrunk(images)) - mean) @ basis.astype(np.float64)).astype(np.float32)

    known = digest(np.rint(each / _GRID).astype(np.int32) for each in (mean, basis))
    return Features(f"pca(components={basis.shape[1]})", in_parts(embed), known)
