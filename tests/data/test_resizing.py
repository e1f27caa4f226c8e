"""Pictures of any size and shape are brought to that of the networks as Pillow does it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from gan_zoo.data.resizing import fit


@pytest.mark.parametrize(("how", "pillow"), [("pad", ImageOps.pad), ("stretch", Image.Image.resize)])
@pytest.mark.parametrize("shape", [(50, 30), (31, 64)])
def test_fit_makes_squares_as_pillow_does(how, pillow, shape):
    values = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    expected = np.asarray(pillow(Image.fromarray(values), (20, 20), Image.Resampling.LANCZOS))
    ours = fit(tf.constant(values[..., np.newaxis]), (20, 20, 1), how)[..., 0].numpy()
    assert np.abs(ours.astype(int) - expected).max() <= 1


def test_fit_resizes_as_pillow_does():
    values = np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)
    expected = np.asarray(Image.fromarray(values).resize((20, 20), Image.Resampling.LANCZOS))
    ours = fit(tf.constant(values[..., np.newaxis]), (20, 20, 1))[..., 0].numpy()
    assert np.abs(ours.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("channels", [1, 3])
def test_fit_of_unknown_and_transparent_channels(channels):
    unknown = tf.function(lambda image: fit(image, (8, 8, channels)),
                          input_signature=[tf.TensorSpec((None, None, None), tf.uint8)])
    for stored in (1, 3, 4):
        assert (unknown(tf.fill((9, 12, stored), tf.constant(99, tf.uint8))).numpy() == 99).all()
    transparent = fit(tf.constant([[[0, 0, 0, 51]]], tf.uint8), (1, 1, channels))
    assert (transparent.numpy() == 204).all()
