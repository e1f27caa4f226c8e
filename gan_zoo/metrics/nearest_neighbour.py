"""How well real images are classified by the nearest of generated ones, whose classes the generator was asked for.

Radford, Metz and Chintala 2015 (arXiv:1511.06434), section 8.1 and table 3: a nearest-neighbour classifier on MNIST has
a test error of 3.1 % fitted on real training images, 6.28 % on 50,000 of a fully connected GAN, 2.98 % on as many of a
DCGAN. What it is good for, and what not: images of a wrong class and a lack of variety raise the error, but copies of
the training images have that of the training images, and more samples a lower one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_zoo.data import Dataset
from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.metrics.base import Counts, Subject, metrics, pixels
from gan_zoo.metrics.codes import contingency
from gan_zoo.metrics.comparing import MOST_IMAGES

_LEVELS = np.float32(255)  # bytes, divided by it, are pixels in [0, 1]
_SHOWN = 10  # classes in a warning


def predicted(images: np.ndarray, labels: np.ndarray, queries: np.ndarray, neighbours: int = 1) -> np.ndarray:
    """The class of each point by a vote of the images that are nearest in Euclidean distance of pixels, int32 [M].

    images: uint8 [N, H, W, C], N ≥ neighbours, labels: int32 [N], queries: uint8 [M, H, W, C]. Of classes with as many
    votes the lowest wins.
    """
    from sklearn.neighbors import KNeighborsClassifier  # takes seconds

    classifier = KNeighborsClassifier(neighbours, algorithm="brute")
    return classifier.fit(pixels(images) / _LEVELS, labels).predict(pixels(queries) / _LEVELS)


@metrics.register("nearest_neighbour")
@dataclass(frozen=True)
class NearestNeighbour:
    """Test error of a nearest-neighbour classifier fitted on generated images (Radford et al. 2015, arXiv:1511.06434).

    Fitted on `samples` generated images and the classes that they were asked to be, by a vote of `neighbours`, and
    scored on `test_images` drawn at random; error is in [0, 1]. real: real_error is that of the same classifier fitted
    on `samples` of the images trained on, as real ones would score.
    """

    samples: int = 50_000
    neighbours: int = 1
    test_images: int = 10_000
    real: bool = True

    def __post_init__(self):
        for key in ("samples", "neighbours", "test_images"):
            check_count(f"nearest_neighbour: {key}", getattr(self, key))
        check_number("nearest_neighbour: samples", self.samples, most=MOST_IMAGES)
        check_number("nearest_neighbour: test_images", self.test_images, most=MOST_IMAGES)
        check_number("nearest_neighbour: neighbours", self.neighbours, most=self.samples)
        check_choice("real of nearest_neighbour", self.real, (True, False))

    def __call__(self, subject: Subject) -> dict:
        test = subject.test
        labels_of = _checked_labels(subject, test)
        scored = subject.drawn("test", self.test_images)
        images, truth = scored.images, scored.classes
        made, asked = subject.generate(self.samples), labels_of(self.samples)
        named = self._predicted(made, asked, images)
        results = _scored("error", named != truth) | {"samples": len(made), "test_images": len(images)}
        if self.real:
            known = subject.drawn("train", self.samples)
            real = self._predicted(known.images, known.classes, images)
            results |= _scored("real_error", real != truth) | {"train_images": len(known.images)}
        classes = 1 + int(max(truth.max(), named.max()))
        confusion = Counts(contingency(truth, named, classes, classes), "class", "predicted class",
                           *[test.class_names[:classes]] * 2)
        return results | {"nearest_neighbour_confusion": confusion} | self._warning(asked, truth, test) | {
            "protocol": "Radford et al. 2015, arXiv:1511.06434"}

    def _predicted(self, images: np.ndarray, labels: np.ndarray, queries: np.ndarray) -> np.ndarray:
        if len(images) < self.neighbours:
            raise UserError(f"nearest_neighbour: neighbours={self.neighbours} need as many images, here are "
                            f"{len(images)}")
        return predicted(images, labels, queries, self.neighbours)

    def _warning(self, asked: np.ndarray, truth: np.ndarray, test: Dataset) -> dict:
        warnings = []
        if len(asked) < self.samples:
            warnings.append(f"of {self.samples:,} images asked for there are {len(asked):,}")
        missing = np.setdiff1d(truth, asked)
        if len(missing):
            names = [test.class_names[each] if test.class_names else str(each) for each in missing[:_SHOWN]]
            shown = ", ".join(names) + (", …" if len(missing) > _SHOWN else "")
            warnings.append(f"{len(missing)} of {len(np.unique(truth))} classes are tested but never generated: "
                            f"{shown}")
        return {"warning": "; ".join(warnings)} if warnings else {}


def _checked_labels(subject: Subject, test: Dataset) -> Callable[[int], np.ndarray]:
    """The classes of generated images, if they can be held against those of the test images; UserError if not."""
    if test.labels is None or test.labels.min(initial=0) < 0:
        raise UserError("nearest_neighbour: these test images have no labels; it needs labelled data, as in "
                        "--dataset=mnist")
    if subject.labels is None:
        raise UserError("nearest_neighbour: this export takes no labels; it needs a run with --conditional, as in "
                        "--model=dcgan --conditional")
    if subject.class_names and subject.class_names != tuple(test.class_names):
        raise UserError("nearest_neighbour: the classes of the generated images are not those of the test images "
                        "(clusters are none): name the data whose classes they are, with --dataset or --data_dir")
    return subject.labels


def _scored(name: str, wrong: np.ndarray) -> dict:
    """The share of errors and its standard error, that of a binomial distribution; wrong: booleans [N]."""
    share = float(wrong.mean())
    return {name: share, f"{name}_standard_error": math.sqrt(share * (1 - share) / len(wrong))}
