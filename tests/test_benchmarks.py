"""What the benchmarks compare is alike, and what they count is what was counted by hand."""

import math

import numpy as np
import pytest

from benchmarks import plain_loops, shuffle, train_speed, training_ways
from gan_zoo import models
from gan_zoo.registry import one_call


def _count(variables) -> int:
    return sum(math.prod(variable.shape) for variable in variables)


@pytest.mark.parametrize("name", ["dcgan", "maxout"])
def test_the_tutorials_networks_are_as_large_as_ours(name):
    game, ours = getattr(plain_loops, name)(), models.build(one_call(name), models.Shape((28, 28, 1), 100))
    assert _count(game.generator.trainable_variables) == _count(ours.generator.trainable_variables)
    assert _count(game.discriminator.trainable_variables) == _count(ours.discriminator.trainable_variables)
    assert game.noise().shape[1] == 100


def test_products_an_image_are_those_of_the_layers():
    """Maxout: 100·1200 + 1200² + 1200·784 in G, 784·1200 + 240·1200 + 240 in D; G's thrice, D's seven times."""
    batch, low, mflop = training_ways.facts("maxout", np.zeros([256, 28, 28, 1], np.uint8))
    assert (batch, low) == (256, 0)
    generator, judging = 100 * 1200 + 1200**2 + 1200 * 784, 784 * 1200 + 240 * 1200 + 240
    assert mflop == pytest.approx(2e-6 * (3 * generator + 7 * judging))


def test_images_that_meet_again_are_counted():
    """All of a batch stay together: each pair meets again, (N − 1) / (B − 1) times as often as by chance."""
    together = np.arange(shuffle._IMAGES)
    assert shuffle.meetings(together, together) == pytest.approx((shuffle._IMAGES - 1) / (shuffle._BATCH - 1))
    apart = together.reshape(shuffle._BATCH, -1).T.ravel()
    assert shuffle.meetings(together, apart) == 0


def test_ratios_are_within_a_turn():
    """Twice as fast in each turn is 2, though the machine halves its speed meanwhile."""
    loop, ours = ([{"seconds": seconds * slow} for slow in (1, 2)] for seconds in (2.0, 1.0))
    assert train_speed._ratio(loop, ours, "seconds") == "2.00 (2.00 to 2.00)"
