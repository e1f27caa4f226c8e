"""Images with the number of a cluster in place of their class, so that a game without labels can be conditional.

Told which of many kinds an image is of, both players have easier games: Sage et al. 2018 (arXiv:1712.04407), Liu et al.
2020 (arXiv:2006.10728), who find clusters in other features. A generator that is asked for clusters as often as they
occur is an unconditional one.
"""

import numpy as np

from gan_zoo.data.image_dataset import ImageDataset
from gan_zoo.data.shrinking import shrunk
from gan_zoo.data.source import DataRequest, Made, Source, datasets, source_of
from gan_zoo.errors import UserError, check_count

_LEARNED = 10_000  # images, drawn at random, that the centres are found among
_BLOCK = 4096  # images whose cluster is found at a time
_MOST = 1000  # clusters: each is a number of the one-hot labels
_TINY = 1e-6  # the length of a black image


@datasets.register("clustered")
def clustered(request: DataRequest, of, clusters=100) -> Source:
    """Images of a dataset with clusters for classes, for --conditional without labels (arXiv:1712.04407).

    of: the dataset, as --dataset names it, in quotes. clusters: of the k-means of small versions of its images, each
    scaled to length 1. Metrics hold what is generated against the dataset itself, with its own classes.
    """
    check_count("clustered: clusters", clusters, least=2, most=_MOST)
    plain = source_of(request, of, "clustered")
    return Source(f"clustered({plain.name})", ("clustered", plain.identity, clusters), plain.most, plain.image_shape,
                  tuple(map(str, range(clusters))), plain.batches, plain.splits,
                  Made(plain, lambda images: ClusteredImages(images, clusters)))


class ClusteredImages(ImageDataset):
    """plain: the images with their own classes. clusters: how many; UserError for more than there are images."""

    def __init__(self, plain: ImageDataset, clusters: int):
        if clusters > plain.count:
            raise UserError(f"--dataset: {plain.name} has {plain.count} images, too few for clusters={clusters}: ask "
                            "for fewer")
        name = f"clustered({plain.name})"
        super().__init__(name, plain.images, _clusters(plain.images, clusters), tuple(map(str, range(clusters))),
                         f"{plain.description}, in {clusters} clusters",
                         f"--dataset={name}: no player is told the cluster without --conditional")
        self.plain = plain

    def _in_tensor(self):
        pixels = self.plain._in_tensor()
        self.images = self.plain.images  # which shares the tensor's memory now
        return pixels


def judged(data):
    """What generated examples are held against: these data, or the images that were clustered, with their classes."""
    return data.plain if isinstance(data, ClusteredImages) else data


def _clusters(images: np.ndarray, count: int) -> np.ndarray:
    """The cluster of each image, int32 [N]; the same every time."""
    from sklearn.cluster import KMeans  # takes a second to import

    chosen = np.sort(np.random.default_rng(0).permutation(len(images))[:_LEARNED])
    # In float64, so that the order in which a processor adds decides about no image.
    found = KMeans(count, n_init=1, random_state=0).fit(_directions(images[chosen]))
    blocks = (images[first:first + _BLOCK] for first in range(0, len(images), _BLOCK))
    return np.concatenate([found.predict(_directions(block)) for block in blocks]).astype(np.int32)


def _directions(images: np.ndarray) -> np.ndarray:
    """Rows of length 1, float64 [N, D]: how strongly an image is drawn makes no difference."""
    rows = shrunk(np.asarray(images)).reshape(len(images), -1).astype(np.float64)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
