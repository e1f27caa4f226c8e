"""The 8x8 digits, some to train on and others to test, and the classifier of them."""

import numpy as np

from gan_zoo import data, features
from gan_zoo.data import ImageDataset
from gan_zoo.features import Features, Parts
from tests.data_request import request

DIGITS = data.load(request("digits", image_size=8))


def part(start: int, end: int, **changes) -> ImageDataset:
    """Some of the digits, shuffled, since they come writer by writer."""
    rows = np.random.default_rng(0).permutation(len(DIGITS.images))[start:end]
    values = {"images": DIGITS.images[rows], "labels": DIGITS.labels[rows], "class_names": DIGITS.class_names}
    return ImageDataset("digits", **values | changes)


TRAIN, TEST = part(0, 1400), part(1400, 1797)


def parts(train: ImageDataset = TRAIN, test: ImageDataset = TEST) -> Parts:
    return {"all": train, "test": test}.__getitem__


def fit(spec: str = "classifier", of: Parts | None = None) -> Features:
    return features.build(spec).fit(of or parts())
