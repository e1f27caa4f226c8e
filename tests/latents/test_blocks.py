"""What an export says of codes in the noise: the same in NumPy as the latent does with TensorFlow."""

import json

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from gan_zoo import latents
from gan_zoo.latents import Block

SPEC = ("uniform(1, name='a') + noise(3) + categorical(4) + bernoulli(1, probability=0.2) + "
        "normal(2, stddev=3, posterior_stddev=None)")
LATENT = latents.build(SPEC)
BLOCKS = {block.name: block for block in LATENT.blocks()}


def test_blocks_by_hand():
    assert {name: (block.offset, block.size, block.values) for name, block in BLOCKS.items()} == {
        "a": (0, 1, None), "c2": (4, 4, 4), "c3": (8, 1, 2), "c4": (9, 1, None), "c5": (10, 1, None)}
    assert [block.discrete for block in BLOCKS.values()] == [False, True, True, False, False]
    variances = [BLOCKS[name].variance for name in ("a", "c4", "c5")]
    np.testing.assert_allclose(variances, [1 / 3, 9, 9], rtol=1e-6)
    assert BLOCKS["c2"].variance is BLOCKS["c3"].variance is None
    entropies = [np.log(2), np.log(4), stats.bernoulli(0.2).entropy(), *[stats.norm(0, 3).entropy()] * 2]
    np.testing.assert_allclose([block.entropy_nats for block in BLOCKS.values()], entropies, rtol=1e-6)


@pytest.mark.parametrize("name", BLOCKS)
def test_reading_is_decoding(name):
    noise, _, values = LATENT.sample(40, tf.constant([1, 2]))
    np.testing.assert_array_equal(BLOCKS[name].read(noise.numpy()), values[name])
    pairs = noise.numpy().reshape(4, 10, -1)
    np.testing.assert_array_equal(BLOCKS[name].read(pairs), values[name].numpy().reshape(4, 10))


@pytest.mark.parametrize("name", BLOCKS)
def test_writing_is_setting_codes(name):
    noise = LATENT.sample(40, tf.constant([1, 2])).noise.numpy()
    before = noise.copy()
    wanted = LATENT.sample(40, tf.constant([3, 4])).codes[name].numpy()
    written = BLOCKS[name].write(noise, wanted)
    np.testing.assert_array_equal(written, LATENT.with_codes(tf.constant(noise), {name: wanted}))
    np.testing.assert_array_equal(noise, before)
    one = BLOCKS[name].write(noise, wanted[0])
    np.testing.assert_array_equal(BLOCKS[name].read(one), np.full(40, wanted[0]))


def test_a_block_survives_json():
    for block in BLOCKS.values():
        assert Block(**json.loads(json.dumps(block.as_dict()))) == block
