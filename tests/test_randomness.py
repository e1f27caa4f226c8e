"""Stateless random numbers: slices of one endless array, independent streams, the distribution that is promised."""

import threading

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import randomness
from gan_zoo.randomness import Key

KEY = Key(7)("test")


def _rows(key=KEY, step=3, first_row=0, rows=8, width=6, draw=Key.uniform_rows) -> np.ndarray:
    return draw(key, step, first_row, rows, width).numpy()


@pytest.mark.parametrize("draw", [Key.uniform_rows, Key.normal_rows, Key.short_rows])
@pytest.mark.parametrize("width", [1, 3, 4, 5, 8, 240])
@pytest.mark.parametrize("first_row", [0, 1, 2, 7, 31])
def test_a_slice_is_the_rows_of_the_whole(width, first_row, draw):
    whole = _rows(rows=40, width=width, draw=draw)
    part = _rows(first_row=first_row, rows=9, width=width, draw=draw)
    np.testing.assert_array_equal(part, whole[first_row:first_row + 9])


def test_far_rows():
    """Rows beyond 2³² exist and don't repeat the first ones."""
    far = 2**33
    tail = _rows(first_row=tf.constant(far + 2, tf.int64), rows=4)
    np.testing.assert_array_equal(tail, _rows(first_row=tf.constant(far, tf.int64), rows=6)[2:])
    assert not np.isin(tail, _rows(rows=64)).any()


@pytest.mark.parametrize("width", [4, 6])
def test_uniform(width):
    values = _rows(rows=5000, width=width)
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() < 1
    for column in values.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    correlations = np.corrcoef(values.T)[~np.eye(width, dtype=bool)]
    assert np.abs(correlations).max() < 5 / np.sqrt(5000)


@pytest.mark.parametrize("width", [8, 11])
def test_shorts(width):
    values = _rows(rows=5000, width=width, draw=Key.short_rows)
    assert values.dtype == np.uint16
    for column in values.T:
        assert stats.kstest(column / 2.0**16, "uniform").pvalue > 1e-3
    for bit in range(16):
        assert stats.binomtest(int((values >> bit & 1).sum()), values.size, 0.5).pvalue > 1e-4
    correlations = np.corrcoef(values.T)[~np.eye(width, dtype=bool)]
    assert np.abs(correlations).max() < 5 / np.sqrt(5000)


@pytest.mark.parametrize("width", [4, 6])
def test_normal(width):
    values = _rows(rows=5000, width=width, draw=Key.normal_rows)
    assert values.dtype == np.float32
    for column in values.T:
        assert stats.kstest(column, "norm").pvalue > 1e-3
    correlations = np.corrcoef(values.T)[~np.eye(width, dtype=bool)]
    assert np.abs(correlations).max() < 5 / np.sqrt(5000)
    assert np.abs(np.corrcoef((values**2).T)[~np.eye(width, dtype=bool)]).max() < 5 / np.sqrt(5000)


OTHERS = {
    "another step": {"step": 4},
    "a later step": {"step": 3 + 2**32},
    "another seed": {"key": Key(8)("test")},
    "another stream": {"key": Key(7)("toast")},
    "a stream below": {"key": KEY("below")},
    "a number for a name": {"key": KEY(1)},
    "later rows": {"first_row": 4000},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_streams_are_independent(other):
    one, two = _rows(rows=4000, width=1).ravel(), _rows(**{"rows": 4000, "width": 1, **other}).ravel()
    assert np.mean(one == two) < 0.01
    assert abs(stats.pearsonr(one, two).statistic) < 5 / np.sqrt(4000)
    assert stats.kstest((one + two) % 1, "uniform").pvalue > 1e-3


def test_the_same_key_gives_the_same_numbers():
    np.testing.assert_array_equal(_rows(), _rows(key=Key(7)("test")))
    assert Key(7)("a")(1) == Key(7, ("a", "1"))


def test_bits_are_64_well_mixed_bits():
    bits = np.array([Key(seed)(name).bits for seed in range(60) for name in range(60)], np.uint64)
    assert len(np.unique(bits)) == 3600
    ones = ((bits[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / 60


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**63, 2**64, 10**30])
def test_any_integer_is_a_seed(seed):
    assert 0 <= Key(seed).bits < 2**64
    assert Key(seed).pair(0).shape == (2,)
    assert Key(seed).bits != Key(seed + 1).bits


def test_pairs():
    """int32 [2] for TensorFlow's samplers: distinct for streams and steps."""
    pairs = [tuple(Key(seed)(name).pair(step).numpy())
             for seed in range(3) for name in ("noise", "data") for step in (0, 1, 2**31 - 1)]
    assert len(set(pairs)) == len(pairs)
    assert Key(0).pair(tf.constant(5, tf.int64)).dtype == tf.int32
    assert tuple(Key(0)("a").pair(5).numpy()) == tuple(Key(0)("a").pair(tf.constant(5, tf.int64)).numpy())


def test_words():
    words = KEY.words(2, 20_000).numpy()
    assert words.dtype == np.uint32
    assert stats.kstest(words / 2.0**32, "uniform").pvalue > 1e-3
    np.testing.assert_array_equal(words[:7], KEY.words(2, 7).numpy())
    assert not np.array_equal(words[:7], KEY.words(3, 7).numpy())
    assert not np.array_equal(words[:7], KEY("other").words(2, 7).numpy())


def test_graph_equals_eager():
    @tf.function
    def draw(step, first_row):
        return KEY.uniform_rows(step, first_row, 8, 6), KEY.pair(step), KEY.words(step, 9)

    eager = KEY.uniform_rows(11, 5, 8, 6), KEY.pair(11), KEY.words(11, 9)
    for got, expected in zip(draw(tf.constant(11, tf.int64), tf.constant(5)), eager, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_slices_under_xla():
    """XLA makes other floats of the same words, so that its numbers are its own; the rows still agree."""
    @tf.function(jit_compile=True)
    def draw(first_row):
        return KEY.uniform_rows(3, first_row, 9, 6), KEY.words(3, 9)

    whole = draw(tf.constant(0))[0].numpy()
    for first_row in (1, 5):
        rows, words = draw(tf.constant(first_row))
        np.testing.assert_array_equal(rows[:9 - first_row], whole[first_row:])
        np.testing.assert_array_equal(words, KEY.words(3, 9))


def test_a_forward_pass_hands_out_one_stream_a_layer():
    like = tf.zeros([4, 2, 3])
    assert not randomness.in_forward_pass()
    with randomness.forward_pass(KEY, step=3):
        assert randomness.in_forward_pass()
        first, second = randomness.layer_shorts(like).numpy(), randomness.layer_shorts(like).numpy()
        with randomness.forward_pass(KEY("inner"), step=3):
            inner = randomness.layer_shorts(like).numpy()
        third = randomness.layer_shorts(like).numpy()
    assert not randomness.in_forward_pass()
    for stream, values in ((1, first), (2, second), (3, third)):
        np.testing.assert_array_equal(values, _rows(KEY(stream), rows=4, draw=Key.short_rows).reshape(4, 2, 3))
    np.testing.assert_array_equal(inner, _rows(KEY("inner")(1), rows=4, draw=Key.short_rows).reshape(4, 2, 3))


def test_a_forward_pass_ends_when_its_body_fails():
    with pytest.raises(KeyError), randomness.forward_pass(KEY, step=0):
        raise KeyError
    assert not randomness.in_forward_pass()


def test_a_forward_pass_belongs_to_its_thread():
    """Replicas are traced in threads that take turns."""
    seen = []
    with randomness.forward_pass(KEY, step=0):
        thread = threading.Thread(target=lambda: seen.append(randomness.in_forward_pass()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_a_forward_pass_begins_at_its_first_row():
    with randomness.forward_pass(KEY, step=1, first_row=0):
        whole = randomness.layer_shorts(tf.zeros([6, 5])).numpy()
    with randomness.forward_pass(KEY, step=1, first_row=tf.constant(4)):
        np.testing.assert_array_equal(randomness.layer_shorts(tf.zeros([2, 5])), whole[4:])
