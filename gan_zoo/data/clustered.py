"""Images with the number of a cluster in place of their class, so that a game without labels can be conditional.

Told which of many kinds an image is of, both players have easier games: Sage et al. 2018 (arXiv:1712.04407), Liu et al.
2020 (arXiv:2006.10728), who find clusters in other features. A generator that is asked for clusters as often as they
occur is an unconditional one.
"""

from collections.abc import Iterator

import numpy as np

from gan_zoo.data.dataset import Dataset
from gan_zoo.data.image_dataset import ImageDataset
from gan_zoo.data.shrinking import shrunk
from gan_zoo.data.source import DataRequest, Made, Source, datasets, source_of
from gan_zoo.errors import UserError, check_count

_LEARNED = 10_000  # images, drawn at random, that the centres are found among
_MOST = 1000  # clusters: each is a number of the one-hot labels
_READ = 2**24  # bytes of images that are looked at together
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
                  _names(clusters), plain.batches, plain.splits,
                  Made(plain, lambda images: ClusteredImages(images, clusters), same_images=True))


def _names(clusters: int) -> tuple[str, ...]:
    """Unlike those of classes, which are often numbers."""
    return tuple(f"#{number}" for number in range(clusters))


class ClusteredImages(ImageDataset):
    """plain: the images with their own classes. clusters: how many; UserError for more than differ."""

    def __init__(self, plain: ImageDataset, clusters: int):
        name = f"clustered({plain.name})"
        super().__init__(name, plain.images, _cluster_numbers(plain, clusters), _names(clusters),
                         f"{plain.description}, in {clusters} clusters",
                         f"--dataset={name}: no player is told the cluster without --conditional")
        self.plain = plain

    def _in_tensor(self):
        pixels = self.plain._in_tensor()
        self.images = self.plain.images  # which shares the tensor's memory now
        return pixels


def judged(data: Dataset) -> Dataset:
    """What generated examples are held against: these data, or the images that were clustered, with their classes."""
    return data.plain if isinstance(data, ClusteredImages) else data


def _cluster_numbers(plain: ImageDataset, clusters: int) -> np.ndarray:
    """The cluster of each image, int32 [N]; the same every time."""
    from sklearn.cluster import KMeans  # takes a second to import

    chosen = np.sort(np.random.default_rng(0).permutation(plain.count)[:_LEARNED])
    rows = np.concatenate(list(_directions(plain.images, chosen)))
    if (there := min(len(np.unique(rows, axis=0)), clusters)) < clusters:
        raise UserError(f"--dataset: clusters={clusters} are too many for {plain.name}, of whose {plain.count:,} "
                        f"images only {there} differ: ask for fewer")
    # In float64, so that the order in which a processor adds decides about no image.
    means = KMeans(clusters, n_init=1, random_state=0).fit(rows)
    everywhere = _directions(plain.images, np.arange(plain.count))
    return np.concatenate([means.predict(part) for part in everywhere]).astype(np.int32)


def _directions(images: np.ndarray, chosen: np.ndarray) -> Iterator[np.ndarray]:
    """The chosen images as rows of length 1, float64 [n, D], some at a time: brightness makes no difference."""
    together = max(1, _READ // images[0].nbytes)
    for part in np.split(chosen, range(together, len(chosen), together)):
        rows = shrunk(np.asarray(images[part])).reshape(len(part), -1).astype(np.float64)
        yield rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
