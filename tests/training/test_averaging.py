"""The generator's moving average against the recursion in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.training.averaging import GeneratorAverage


def _generator() -> keras.Model:
    inputs = keras.Input([3])
    x = Dropout(0.5)(BatchNormalization()(keras.layers.Dense(4)(inputs)))
    return keras.Model(inputs, keras.layers.Dense(2)(x))


def _walk(generator, average, decay, rounds, graph):
    """Moves the generator at random; returns the averages that the recursion gives."""
    update = tf.function(average.update) if graph else average.update
    random = np.random.default_rng(0)
    expected = [w.astype(np.float64) for w in average.network.get_weights()]
    for step in range(rounds):
        weights = [random.normal(size=w.shape).astype(w.dtype) if w.dtype == np.float32 else w
                   for w in generator.get_weights()]
        generator.set_weights(weights)
        update(tf.constant(step, tf.int64))
        d = min(decay, (1 + step) / (10 + step))
        expected = [d * mean + (1 - d) * now if now.dtype == np.float32 else mean
                    for mean, now in zip(expected, weights, strict=True)]
    return expected


@pytest.mark.parametrize("decay", [0.05, 0.5, 0.999])
@pytest.mark.parametrize("graph", [False, True])
def test_the_recursion(decay, graph):
    """w̄ ← d w̄ + (1 − d) w with d = min(decay, (1 + t)/(10 + t)), for weights and moving statistics alike."""
    generator = _generator()
    average = GeneratorAverage(generator, decay)
    expected = _walk(generator, average, decay, 12, graph)
    for got, wanted in zip(average.network.get_weights(), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    paths = [weight.path for weight in average.network.weights]
    assert any("moving_mean" in path for path in paths)
    assert any("moving_variance" in path for path in paths)


def test_it_begins_as_the_generator_and_leaves_it_alone():
    generator = _generator()
    generator.set_weights([np.random.default_rng(1).normal(size=w.shape).astype(w.dtype)
                           for w in generator.get_weights()])
    before = generator.get_weights()
    average = GeneratorAverage(generator, 0.9)
    for got, expected in zip(average.network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, expected)
    average.update(tf.constant(0))
    for got, expected in zip(generator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, expected)
    shared = {id(weight) for weight in average.network.weights} & {id(weight) for weight in generator.weights}
    assert not shared


def test_a_generator_that_stands_still_is_reached():
    """The first weights have all but left the average after some rounds, thanks to the small decay early on."""
    generator = _generator()
    generator.set_weights([np.zeros_like(w) for w in generator.get_weights()])
    average = GeneratorAverage(generator, 0.999)
    generator.set_weights([np.ones_like(w) for w in generator.get_weights()])
    for step in range(100):
        average.update(tf.constant(step))
    left = np.prod([(1 + t) / (10 + t) for t in range(100)])
    assert left < 1e-6
    for weights in average.network.get_weights():
        if weights.dtype == np.float32:
            np.testing.assert_allclose(weights, 1, atol=1e-5)


def test_it_computes_what_the_generator_computes():
    generator = _generator()
    average = GeneratorAverage(generator, 0.9)
    noise = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_array_equal(average.network(noise, training=False), generator(noise, training=False))
