"""The order of the images: complete, shuffled, stateless, and the same from memory and from a file."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key

KEY = Key(7)("data")


def numbered(count, folder=None):
    """Images that tell their number; streamed from a file in `folder` if one is given."""
    values = np.arange(count)
    images = np.stack([values % 256, values // 256], axis=-1).astype(np.uint8).reshape(count, 1, 2, 1)
    if folder is None:
        return ImageDataset("numbered", images)
    file = np.memmap(folder / "numbered.raw", np.uint8, "w+", shape=images.shape)
    file[:] = images
    return ImageDataset("numbered", file)


def numbers(batch):
    low, high = np.asarray(batch, np.int64).reshape(-1, 2).T
    return low + 256 * high


def batches(dataset, batch_size, first, last, key=KEY):
    """Batches first … last - 1, fetched by a loop in the graph."""
    fetch = dataset.reader(key, batch_size, first)

    @tf.function
    def run():
        fetched = tf.TensorArray(tf.uint8, last - first)
        for i in tf.range(first, last):
            fetched = fetched.write(i - first, fetch(i))
        return fetched.stack()

    return run().numpy()


@pytest.mark.parametrize("count", [1, 2, 3, 17, 1000])
def test_every_image_once_an_epoch(count):
    order = numbered(count).indices(KEY, 0, count).numpy()
    assert order.dtype == np.int32
    assert sorted(order) == list(range(count))


def test_batches_straddle_epochs():
    dataset = numbered(10)
    stream = numbers(batches(dataset, 4, 0, 15)).reshape(6, 10)
    assert (np.sort(stream, axis=1) == np.arange(10)).all()
    assert len({tuple(epoch) for epoch in stream}) == 6


def test_neighbouring_epochs_seeds_and_streams_are_unrelated():
    count = 2000
    dataset = numbered(count)
    orders = [dataset.indices(KEY, epoch * count, count).numpy() for epoch in range(6)]
    orders += [dataset.indices(key, 0, count).numpy() for key in (Key(8)("data"), Key(7)("other"))]
    correlations = np.corrcoef(np.stack([np.arange(count), *orders]))
    np.fill_diagonal(correlations, 0)
    assert np.abs(correlations).max() < 5 / np.sqrt(count)
    fixed_points = [(a == b).sum() for i, a in enumerate(orders) for b in orders[:i]]
    assert max(fixed_points) < 10  # Poisson with mean 1


def test_every_position_meets_every_image():
    count, epochs = 5, 1000
    order = numbers(batches(numbered(count), count, 0, epochs))
    table = np.zeros((count, count))
    np.add.at(table, (np.arange(len(order)) % count, order), 1)
    expected = epochs / count
    assert ((table - expected) ** 2 / expected).sum() < 45  # chi² with 16 degrees of freedom: p = 1e-4


@pytest.mark.parametrize("streamed", [False, True])
def test_resumed_reader_continues(tmp_path, streamed):
    dataset = numbered(50, tmp_path if streamed else None)
    whole = batches(dataset, 8, 0, 20)
    np.testing.assert_array_equal(batches(dataset, 8, 13, 20), whole[13:])
    np.testing.assert_array_equal(batches(dataset, 8, 0, 20), whole)


def test_streamed_equals_resident(tmp_path):
    resident, streamed = numbered(700), numbered(700, tmp_path)
    assert resident.resident
    assert not streamed.resident
    np.testing.assert_array_equal(batches(resident, 32, 0, 60), batches(streamed, 32, 0, 60))


def test_reader_follows_indices():
    dataset = numbered(30)
    expected = dataset.indices(KEY, 5 * 7, 7).numpy()
    fetched = dataset.reader(KEY, 7)(tf.constant(5))
    assert fetched.shape == (7, 1, 2, 1)
    np.testing.assert_array_equal(numbers(fetched), expected)


def test_far_positions():
    far = numbered(10).indices(KEY, 10 * 2**40, 10).numpy()
    assert sorted(far) == list(range(10))


def test_streamed_reader_refuses_another_batch(tmp_path):
    fetch = numbered(30, tmp_path).reader(KEY, 5, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match="one after the other"):
        fetch(tf.constant(3))


@pytest.mark.parametrize("streamed", [False, True])
def test_static_shape_in_graph(tmp_path, streamed):
    fetch = numbered(30, tmp_path if streamed else None).reader(KEY, 5)
    assert tf.function(fetch).get_concrete_function(tf.constant(0)).output_shapes == (5, 1, 2, 1)


def test_pixels_are_not_constants_of_the_graph():
    fetch = ImageDataset("large", np.zeros((4000, 16, 16, 1), np.uint8)).reader(KEY, 5)
    graph = tf.function(fetch).get_concrete_function(tf.constant(0)).graph
    assert graph.as_graph_def().ByteSize() < 20_000


@pytest.mark.parametrize("batch_size", [31, 0, 2.5])
def test_impossible_batch_size(batch_size):
    with pytest.raises(UserError, match="--batch_size"):
        numbered(30).reader(KEY, batch_size)


def test_batch_size_above_count_names_both():
    with pytest.raises(UserError, match="--batch_size=31 is larger than the 30 images of numbered"):
        numbered(30).reader(KEY, 31)
