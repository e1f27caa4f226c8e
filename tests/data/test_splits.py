"""The split syntax of sources outside of TFDS, against TFDS itself."""

from types import SimpleNamespace

import numpy as np
import pytest

from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError

SIZES = {"train": 1797, "test": 33}


@pytest.mark.parametrize("split", [
    "train", "test", "train+test", "train[:100]", "train[100:]", "train[10:20]", "train[-5:]", "train[:-5]",
    "train[:10%]", "train[33%:66%]", "train[-20%:]", "test[:1%]+train[99%:]", "test[:50%] + test[50%:]",
    "train[:0%]+test[-33:]",
])
def test_as_tensorflow_datasets(split):
    import tensorflow_datasets as tfds

    starts = {"train": 0, "test": SIZES["train"]}
    infos = {name: SimpleNamespace(num_examples=size) for name, size in SIZES.items()}
    absolute = tfds.core.ReadInstruction.from_spec(split).to_absolute(infos)
    expected = [np.arange(part.from_ or 0, SIZES[part.splitname] if part.to is None else part.to)
                + starts[part.splitname] for part in absolute]
    np.testing.assert_array_equal(positions(split, SIZES), np.concatenate(expected))


@pytest.mark.parametrize("split", ["", "nope", "train[", "train[5]", "train[:2000]", "train[:101%]", "train[-2000:]",
                                   "train[5:3]", "train[:0]", "train+", "train[1.5:2]", "train[a:b]"])
def test_wrong_split(split):
    with pytest.raises(UserError, match="--split="):
        positions(split, SIZES)


def test_unknown_split_names_the_others():
    with pytest.raises(UserError, match=r"did you mean 'train'.*test, train"):
        positions("trian", SIZES)
