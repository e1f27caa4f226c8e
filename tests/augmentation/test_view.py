"""What the discriminator sees, real and generated images alike: augmented, noisy, packed, in this order."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import augmentation, randomness
from gan_zoo.augmentation import Sight, packed
from gan_zoo.experiment import Experiment
from gan_zoo.export.saved_model import functions
from gan_zoo.game import GAN, Examples, LatentSample
from gan_zoo.pixels import from_uint8
from gan_zoo.play import Play, Rows
from gan_zoo.randomness import Key
from gan_zoo.schedules import constant
from gan_zoo.schedules.paths import linear
from tests.helpers import trainer

KEY, IMAGE, TOTAL = Key(3)("move"), (4, 6, 2), 10
RANDOM = np.random.default_rng(0)
REAL, NOISE = RANDOM.uniform(-1, 1, size=(12, *IMAGE)).astype(np.float32), RANDOM.normal(size=(12, 48))
STREAMS = {"real": "real", "generated": "fake"}  # as they are called since the first runs


class _Seen(keras.layers.Layer):
    """The identity; it keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, inputs):
        if tf.executing_eagerly():  # and not while a model is built of it
            self.seen.append(inputs)
        return inputs


def _play(sight: Sight, rows=slice(None), step=4, rank=0, slopes=None) -> tuple[Play, list]:
    """A play of a linear critic, and what its body will have seen; generated images are the noise."""
    noise, images = keras.Input([48]), keras.Input((*IMAGE[:2], IMAGE[2] * sight.packing))
    kept = _Seen()
    body = keras.Model(images, keras.layers.Flatten()(kept(images)))
    features = keras.Input(body.output_shape[1:])
    score = keras.Model(features, keras.layers.Dense(1, use_bias=False)(features))
    if slopes is not None:
        score.set_weights([slopes.reshape(-1, 1)])
    gan = GAN(generator=keras.Model(noise, keras.layers.Reshape(IMAGE)(noise)), body=body, heads={"score": score},
              discriminator=None, packing=sight.packing)
    real, latent = Examples(tf.constant(REAL[rows])), LatentSample(tf.constant(NOISE[rows], tf.float32))
    return Play(gan, real, latent, KEY, step, rank, view=sight.of(gan.value_range, TOTAL), total=TOTAL), kept.seen


def _noise(stream: str, step: int, rows=12, first=0) -> np.ndarray:
    """N(0, 1) of the first stream of a forward pass."""
    return KEY(stream)(1).normal_rows(step, first, rows, 48).numpy().reshape(rows, *IMAGE)


def test_images_are_seen_as_they_are_unless_somebody_wants_more():
    assert Sight().of((-1, 1), TOTAL) is None
    play, seen = _play(Sight())
    _ = play.real_scores
    np.testing.assert_array_equal(seen[0], REAL)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_packing_puts_neighbours_side_by_side_in_channels(count):
    expected = np.concatenate([REAL[first::count] for first in range(count)], axis=-1)
    np.testing.assert_array_equal(packed(REAL, count), expected)
    play, seen = _play(Sight(packing=count))
    assert play.real_scores.shape == play.generated_scores.shape == (12 // count, 1)
    np.testing.assert_array_equal(seen[0], expected)
    np.testing.assert_array_equal(seen[1][0, ..., :2], play.generated[0])
    assert play.gradient("real").shape == REAL.shape


@pytest.mark.parametrize(("step", "stddev"), [(0, 0.5), (4, 0.3), (10, 0), (12, 0)])
def test_noise_falls_to_0_by_its_schedule(step, stddev):
    """It is that of the pass's own stream, another one for each side."""
    play, seen = _play(Sight(noise=linear(0.5, 0)), step=step)
    _ = play.real_scores, play.generated_scores
    for images, clean, stream in zip(seen, (REAL, play.generated), STREAMS.values(), strict=True):
        np.testing.assert_allclose(images, clean + np.float32(stddev) * _noise(stream, step), atol=1e-6)
    assert np.array_equal(seen[0], REAL) == (stddev == 0)


def test_noise_is_normal_and_has_its_stddev():
    play, seen = _play(Sight(noise=constant(0.5)))
    _ = play.real_scores, play.generated_scores
    real, generated = (images - clean for images, clean in zip(seen, (REAL, play.generated), strict=True))
    assert np.abs(np.corrcoef(np.ravel(real), np.ravel(generated))[0, 1]) < 5 / real.numpy().size**0.5
    np.testing.assert_allclose([np.mean(real), np.std(real)], [0, 0.5], atol=5 * 0.5 / real.numpy().size**0.5)


def test_both_sides_are_augmented_by_the_same_function_with_numbers_of_their_own():
    sight = Sight(augmentation.build("flip + translate(ratio=0.3)"))
    play, seen = _play(sight)
    _ = play.real_scores, play.generated_scores
    for images, clean, stream in zip(seen, (play.real.images, play.generated), STREAMS.values(), strict=True):
        expected = sight.augmentation(clean, (-1, 1), Rows(KEY(stream), 4, 0, 12))
        np.testing.assert_array_equal(images, expected)
        assert np.any(images != clean)
    other = sight.augmentation(play.real.images, (-1, 1), Rows(KEY("fake"), 4, 0, 12))
    assert np.any(other != seen[0])


def test_first_augmented_then_noisy_then_packed():
    augment = augmentation.build("color + cutout")
    play, seen = _play(Sight(augment, constant(0.2), 3))
    _ = play.generated_scores
    augmented = augment(play.generated, (-1, 1), Rows(KEY("fake"), 4, 0, 12))
    expected = packed(augmented + np.float32(0.2) * _noise("fake", 4), 3)
    np.testing.assert_allclose(seen[0], expected, atol=1e-6)


def test_what_is_seen_does_not_depend_on_how_the_batch_is_split():
    sight = Sight(augmentation.build("flip + color + translate + cutout"), linear(0.5, 0), 2)
    whole, seen = _play(sight)
    _ = whole.real_scores, whole.generated_scores
    parts = []
    for rank in (0, 1, 2):
        play, part = _play(sight, slice(4 * rank, 4 * rank + 4), rank=rank)
        _ = play.real_scores, play.generated_scores
        parts.append(part)
    for side in (0, 1):
        np.testing.assert_allclose(np.concatenate([part[side] for part in parts]), seen[side], atol=1e-6)


def test_a_gradient_by_images_goes_through_what_is_done_to_them():
    """Of a linear critic of mirrored images it is its mirrored weights."""
    slopes = RANDOM.normal(size=IMAGE).astype(np.float32)
    play, seen = _play(Sight(augmentation.build("flip")), slopes=slopes)
    found = play.gradient("real").numpy()
    mirrored = np.any(seen[0] != REAL, axis=(1, 2, 3))
    assert 0 < mirrored.sum() < 12
    np.testing.assert_allclose(found, np.where(mirrored[:, None, None, None], slopes[:, ::-1], slopes), rtol=1e-6)


def test_noise_has_the_networks_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    view = Sight(noise=constant(0.5)).of((-1, 1), TOTAL)
    with randomness.forward_pass(KEY("real"), 4):
        seen = view(tf.constant(REAL), Rows(KEY("real"), 4, 0, 12), 4)
    assert seen.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(seen, tf.float32), REAL + 0.5 * _noise("real", 4), atol=0.02)


def test_samples_and_the_export_have_nothing_of_it():
    """Not even the exported discriminator, which only takes images in packs as it was trained."""
    made = trainer(Experiment(model="mlp(generator=[None, 4, None], discriminator=[None, 4, 1])", dataset="digits",
                              latent="normal(3)", batch_size=8, steps=2, augment="flip + color + cutout",
                              instance_noise=0.5, packing=2, spectral_norm=True))
    made.play(0, 2)
    plan, gan = made.plan, made.gan
    latent = plan.latent.sample(6, tf.constant([1, 2]))
    np.testing.assert_allclose(made.sample(latent), gan.generator(latent.noise, training=False), rtol=1e-6)
    exported = functions(gan, plan.latent, plan.objective)
    drawn = exported["generate"](tf.constant(6), tf.constant(1))["images"]
    expected = gan.discriminator(packed(from_uint8(drawn, gan.value_range), 2), training=False)
    for _ in range(2):
        found = exported["discriminate"](drawn)["score"]
        assert found.shape == (3, 1)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
