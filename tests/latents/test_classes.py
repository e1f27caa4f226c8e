"""The classes of images: what the data have, how often a class is drawn, what a person may ask for."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo.latents import Classes, label_of, present

SEED = tf.constant([3, 5])
NAMES = tuple("abcde")


def test_what_the_data_have():
    found = present(np.array([4, 1, 1, 2, 4, 4], np.int32), list(NAMES))
    assert found == Classes((1, 2, 4), NAMES, (2, 1, 3))


def test_without_counts_the_label_is_uniform_over_the_classes_of_the_data():
    label = label_of(Classes((1, 2, 4), NAMES))
    counts = np.bincount(label.sample(3000, SEED), minlength=5)
    assert counts[0] == counts[3] == 0
    assert stats.chisquare(counts[[1, 2, 4]]).pvalue > 1e-3
    assert (label.name, label.size, label.classes, label.names) == ("label", 5, (1, 2, 4), NAMES)
    np.testing.assert_array_equal(label.valid(tf.range(-1, 6)), [False, False, True, True, False, True, False])
    np.testing.assert_allclose(label.entropy, np.log(3), rtol=1e-6)
    np.testing.assert_allclose(label.prior.log_prob([1, 3]), [-np.log(3), -np.inf], rtol=1e-6)


def test_the_label_is_as_frequent_as_in_the_data():
    label = label_of(Classes((1, 2, 4), NAMES, (10, 60, 30)))
    drawn = label.sample(3000, SEED)
    assert (drawn.dtype, drawn.shape) == (tf.int32, (3000,))
    counts = np.bincount(drawn, minlength=5)
    assert counts[0] == counts[3] == 0
    assert stats.chisquare(counts[[1, 2, 4]], [300, 1800, 900]).pvalue > 1e-3
    np.testing.assert_allclose(label.entropy, stats.entropy([0.1, 0.6, 0.3]), rtol=1e-6)


def test_a_label_is_a_function_of_its_seed():
    label = label_of(Classes((0, 1, 2), ("a", "b", "c")))
    drawn = label.sample(50, SEED)
    np.testing.assert_array_equal(tf.function(label.sample)(50, SEED), drawn)
    assert np.any(label.sample(50, tf.constant([3, 6])) != drawn)


def test_of_many_classes_a_sweep_shows_some():
    numbers = tuple(range(0, 46, 2))
    label = label_of(Classes(numbers), size=50)
    assert label.size == 50
    assert label.sweep(10) == [0, 4, 8, 12, 18, 22, 26, 32, 36, 40]
    assert label.sweep(30) == list(numbers)


@pytest.mark.parametrize(("classes", "problem"), [
    ((0, 1, 2), "label must be 0 to 2"), ((1, 2), "label must be 1 to 2"), ((0, 2), "label must be one of 0, 2"),
    ((1,), "label must be one of 1")])
def test_what_a_label_may_be(classes, problem):
    assert label_of(Classes(classes), size=3).problem() == problem
