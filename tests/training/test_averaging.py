"""The generator's moving average against the recursion in NumPy, and what --generator_average may say."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.training.averaging import Decay, GeneratorAverage, HalfLife, averages, build_average

IMAGES = 64  # a round


def _generator() -> keras.Model:
    inputs = keras.Input([3])
    x = Dropout(0.5)(BatchNormalization()(keras.layers.Dense(4)(inputs)))
    return keras.Model(inputs, keras.layers.Dense(2)(x))


def _constant(value):
    return lambda t: min(value, (1 + t) / (10 + t))


def _half_life(images, ramp):
    def decay(t):
        h = images if ramp is None else min(images, ramp * IMAGES * t)
        return 0.5 ** (IMAGES / h) if h else 0

    return decay


# what the flag says → d at round t
DECAYS = {
    "0.05": _constant(0.05), "0.5": _constant(0.5), "0.999": _constant(0.999), "decay(0.9)": _constant(0.9),
    "half_life(100)": _half_life(100, 0.05), "half_life(500_000, ramp=0.5)": _half_life(500_000, 0.5),
    "half_life(300, ramp=None)": _half_life(300, None), "half_life(200, 1)": _half_life(200, 1),
}


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
        d = decay(step)
        expected = [d * mean + (1 - d) * now if now.dtype == np.float32 else mean
                    for mean, now in zip(expected, weights, strict=True)]
    return expected


@pytest.mark.parametrize("text", DECAYS)
@pytest.mark.parametrize("graph", [False, True])
def test_the_recursion(text, graph):
    """w̄ ← d w̄ + (1 − d) w, for weights and moving statistics alike."""
    generator = _generator()
    average = GeneratorAverage(generator, build_average(text), IMAGES)
    expected = _walk(generator, average, DECAYS[text], 12, graph)
    for got, wanted in zip(average.network.get_weights(), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    paths = [weight.path for weight in average.network.weights]
    assert any("moving_mean" in path for path in paths)
    assert any("moving_variance" in path for path in paths)


def test_a_constant_decay_moves_bit_for_bit():
    """As in the same float32 operations one by one."""
    generator = _generator()
    average = GeneratorAverage(generator, Decay(0.9), IMAGES)
    expected = average.network.get_weights()
    random, one = np.random.default_rng(0), np.float32(1)
    for step in range(120):
        generator.set_weights([random.normal(size=w.shape) if w.dtype == np.float32 else w
                               for w in generator.get_weights()])
        average.update(tf.constant(step, tf.int64))
        d = min(np.float32(0.9), np.float32(1 + step) / np.float32(10 + step))
        expected = [d * mean + (one - d) * now if now.dtype == np.float32 else mean
                    for mean, now in zip(expected, generator.get_weights(), strict=True)]
    for got, wanted in zip(average.network.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_half_of_the_start_is_left_after_the_half_life():
    """In a long run, where the ramp is over: weights that jump from 0 to 1 are at ½ after so many images."""
    averaging, left = HalfLife(images=50 * IMAGES, ramp=0.1), 1.0
    for t in range(1000, 1050):
        left *= float(averaging.kept(tf.constant(t, tf.float64), IMAGES))
    np.testing.assert_allclose(left, 0.5, rtol=1e-12)


def test_a_ramp_begins_at_the_generator_and_remembers_a_share_of_the_run():
    """0 at the start; then d = ½^(1 / (ramp · t)), until the half-life itself is reached, at t = 200 here."""
    averaging = HalfLife(images=10 * IMAGES, ramp=0.05)
    for jit in (False, True):
        decay = tf.function(lambda t: averaging.kept(t, IMAGES), jit_compile=jit)
        got = [float(decay(tf.constant(t, tf.float32))) for t in (0, 1, 20, 199, 200, 10**6)]
        np.testing.assert_allclose(got, [0, 2**-20, 0.5, 2**(-1 / 9.95), 2**-0.1, 2**-0.1], rtol=1e-5)


def test_it_begins_as_the_generator_and_leaves_it_alone():
    generator = _generator()
    generator.set_weights([np.random.default_rng(1).normal(size=w.shape).astype(w.dtype)
                           for w in generator.get_weights()])
    before = generator.get_weights()
    average = GeneratorAverage(generator, Decay(0.9), IMAGES)
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
    average = GeneratorAverage(generator, Decay(0.999), IMAGES)
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
    average = GeneratorAverage(generator, Decay(0.9), IMAGES)
    noise = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_array_equal(average.network(noise, training=False), generator(noise, training=False))


@pytest.mark.parametrize("text", ["0", "0.0", 0, 0.0])
def test_no_average(text):
    assert build_average(text) is None


@pytest.mark.parametrize(("text", "averaging"), [
    ("0.9", Decay(0.9)), (" 9e-1 ", Decay(0.9)), (0.9, Decay(0.9)), ("decay(0.9)", Decay(0.9)),
    ("half_life(500_000)", HalfLife(500_000, 0.05)), ("half_life(500_000, ramp=0.1)", HalfLife(500_000, 0.1)),
    ("half_life(images=1e4, ramp=None)", HalfLife(1e4, None))])
def test_what_the_flag_may_say(text, averaging):
    assert build_average(text) == averaging


@pytest.mark.parametrize(("text", "message"), [
    ("1", "decay must be a number above 0 and below 1, got 1.0"),
    ("-0.1", "decay must be a number above 0 and below 1"),
    ("nan", "decay must be a number above 0 and below 1, got nan"), ("inf", "decay must be a number above 0"),
    ("halflife(5)", "unknown average 'halflife': did you mean 'half_life'?"), ("", "'' is not of the form"),
    ("half_life", "half_life needs its argument 'images'"), ("half_life(0)", "images must be a number above 0, got 0"),
    ("half_life(5, ramp=0)", "ramp must be a number above 0, got 0"), ("0.9 + 0.1", "'0.9 + 0.1' is not of the form"),
    ("half_life(linear(1, 0))", "images can't be a call here"),
    ("decay(1)", "decay must be a number above 0 and below 1"),
    ("half_life(5) + decay(0.9)", "'half_life(5) + decay(0.9)': one call is wanted here"),
])
def test_what_the_flag_may_not_say(text, message):
    with pytest.raises(UserError) as error:
        build_average(text)
    assert str(error.value).startswith(f"--generator_average={text}: {message}")


def test_every_average_is_tried():
    assert {text.partition("(")[0] for text in DECAYS} >= set(averages)
