"""What the oracles share: MNIST as TensorFlow Datasets prepared it, where it did."""

import os
from collections.abc import Callable

import pytest

from gan_zoo import data
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from tests.data_request import request


@pytest.fixture
def mnist() -> Callable[[str], ImageDataset]:
    """The images of a split; the test is skipped where they are not on the disk, since it downloads nothing."""

    def load(split: str) -> ImageDataset:
        try:
            return data.load(request("mnist", os.environ.get("TFDS_DATA_DIR"), split=split, download=False))
        except UserError as error:
            pytest.skip(str(error))

    return load
