"""Images whose class a classifier reads from their first pixel, and subjects of them."""

import numpy as np

from gan_zoo import metrics
from gan_zoo.data import ImageDataset
from gan_zoo.features import Features

NAMES = ("cat", "dog", "eel", "fox")
SURE = 0.9  # the probability of the class that is read


def images(classes) -> np.ndarray:
    """uint8 [N, 8, 8, 1] of classes [N]."""
    pixels = np.zeros([len(classes), 8, 8, 1], np.uint8)
    pixels[:, 0, 0, 0] = classes
    return pixels


def probabilities(pixels: np.ndarray) -> np.ndarray:
    """float32 [N, 4]: 0.9 for the class in the first pixel, the rest shared."""
    classes, count = pixels[:, 0, 0, 0], len(NAMES)
    return np.where(np.arange(count) == classes[:, np.newaxis], SURE, (1 - SURE) / (count - 1)).astype(np.float32)


def data(classes, labels=True) -> ImageDataset:
    classes = np.asarray(classes)
    return ImageDataset("beasts", images(classes), classes.astype(np.int32) if labels else None,
                        NAMES if labels else ())


EVEN = data(np.arange(400) % 4)


def subject(made, real: ImageDataset = EVEN, train: ImageDataset | None = None, **changes) -> metrics.Subject:
    """What is generated is of the classes `made`."""
    made = images(np.asarray(made))
    space = Features("classifier", lambda pixels: pixels.reshape(len(pixels), -1).astype(np.float32), "1a2b",
                     {"accuracy": 0.99}, probabilities)
    blind = Features("pca", space.embed)
    parts = {"test": real, "train": train or real, "all": train or real}
    return metrics.Subject(**{"generate": lambda count: made[:count], "load": parts.__getitem__,
                              "spaces": {"classifier": space, "pca": blind}, **changes})


def measured(spec: str, of: metrics.Subject) -> dict:
    (metric,) = metrics.build(spec).values()
    return metric(of)
