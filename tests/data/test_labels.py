"""The labels of a reader's images: the same stream, from memory and from a file, wherever an epoch ends."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data import ImageDataset, load
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request

KEY = Key(7)("data")
LABELS = np.random.default_rng(0).integers(0, 5, 50).astype(np.int32)


def _dataset(folder=None) -> ImageDataset:
    """Images whose number is their pixel; streamed from a file in `folder` if one is given."""
    images = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    if folder is not None:
        file = np.memmap(folder / "images.raw", np.uint8, "w+", shape=images.shape)
        file[:] = images
        images = file
    return ImageDataset("some", images, LABELS, tuple("abcde"))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("first", [0, 5])
def test_they_are_those_of_the_readers_images(tmp_path, streamed, first):
    """20 batches of 8 out of 50 images straddle three epochs."""
    data = _dataset(tmp_path if streamed else None)
    images, labels = data.reader(KEY, 8, first), data.label_reader(KEY, 8)

    @tf.function
    def run():
        shown, named = tf.TensorArray(tf.uint8, 20), tf.TensorArray(tf.int32, 20)
        for i in tf.range(20):
            shown, named = shown.write(i, images(i + first)), named.write(i, labels(i + first))
        return shown.stack(), named.stack()

    shown, named = run()
    assert named.shape == (20, 8)
    np.testing.assert_array_equal(named, LABELS[shown.numpy().reshape(20, 8)])


@pytest.mark.parametrize("streamed", [False, True])
def test_one_reader_gives_both(tmp_path, streamed):
    data = _dataset(tmp_path if streamed else None)
    both, images, labels = data.reader(KEY, 8, 3, labels=True), data.reader(KEY, 8, 3), data.label_reader(KEY, 8)
    for index in range(3, 20):
        shown, named = both(tf.constant(index))
        assert (shown.dtype, named.dtype, named.shape) == (tf.uint8, tf.int32, (8,))
        np.testing.assert_array_equal(shown, images(tf.constant(index)))
        np.testing.assert_array_equal(named, labels(index))
        np.testing.assert_array_equal(named, LABELS[shown.numpy().ravel()])


@pytest.mark.parametrize("streamed", [False, True])
def test_one_reader_has_static_shapes(tmp_path, streamed):
    fetch = _dataset(tmp_path if streamed else None).reader(KEY, 8, labels=True)
    assert tf.function(fetch).get_concrete_function(tf.constant(0)).output_shapes == ((8, 1, 1, 1), (8,))


def test_one_reader_shuffles_once():
    fetch = _dataset().reader(KEY, 8, labels=True)
    graph = tf.function(fetch).get_concrete_function(tf.constant(0)).graph
    assert [operation.type for operation in graph.get_operations()].count("RandomIndexShuffle") == 1


def test_batches_in_any_order():
    data = _dataset()
    fetch = data.label_reader(KEY, 8)
    later, earlier = fetch(9), fetch(tf.constant(2, tf.int64))
    np.testing.assert_array_equal(later, LABELS[data.indices(KEY, 72, 8)])
    np.testing.assert_array_equal(earlier, LABELS[data.indices(KEY, 16, 8)])


def test_they_are_not_constants_of_the_graph():
    data = ImageDataset("large", np.zeros([50_000, 1, 1, 1], np.uint8), np.zeros(50_000, np.int32), ("a", "b"))

    @tf.function
    def fetch(index):
        return data.label_reader(KEY, 5)(index)  # as the trainer makes it, inside

    graph = fetch.get_concrete_function(tf.constant(0)).graph
    assert graph.as_graph_def().ByteSize() < 20_000
    assert fetch(tf.constant(3)).shape == (5,)


@pytest.mark.parametrize("read", [lambda data: data.label_reader(KEY, 3),
                                  lambda data: data.reader(KEY, 3, labels=True)])
def test_without_labels(read):
    with pytest.raises(ValueError, match="some has no labels"):
        read(ImageDataset("some", np.zeros([9, 1, 1, 1], np.uint8)))
    with pytest.raises(ValueError, match="mixture_1d has no labels"):
        read(load(request("mixture_1d")))


@pytest.mark.parametrize("batch_size", [51, 0])
def test_impossible_batch_size(batch_size):
    with pytest.raises(UserError, match=f"--batch_size.*{batch_size}"):
        _dataset().label_reader(KEY, batch_size)
