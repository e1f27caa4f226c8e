"""One play of the game: every network runs at most once, and draws what its example's place says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.game import GAN, Examples, LatentSample, Play
from gan_zoo.layers import Dropout
from gan_zoo.randomness import Key

KEY = Key(3)("round")


class Counted(keras.Model):
    """Dropout of its input, then the sum of each example; it counts its calls."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dropout, self.calls = Dropout(0.5), []

    def call(self, inputs, training=False):
        self.calls.append(training)
        return tf.reduce_sum(self.dropout(inputs, training=training), axis=1, keepdims=True)


class Repeat(Counted):
    """Like Counted, but gives 6 values an example, as images do here."""

    def call(self, inputs, training=False):
        return tf.repeat(super().call(inputs, training=training), 6, axis=1)


def _play(rows=slice(None), **kwargs) -> Play:
    random = np.random.default_rng(0)
    real, flat = (tf.constant(random.normal(size=(8, 6)), tf.float32) for _ in range(2))
    return Play(GAN(Repeat(), Counted()), Examples(real[rows]), LatentSample(flat[rows], {}), KEY, **kwargs)


def test_nothing_runs_before_it_is_asked_for():
    play = _play()
    assert play.gan.generator.calls == play.gan.discriminator.calls == []
    _ = play.real_scores
    assert (play.gan.generator.calls, play.gan.discriminator.calls) == ([], [True])


def test_every_pass_runs_once_and_in_training_mode():
    play = _play()
    for _ in range(2):
        assert play.fake.shape == (8, 6)
        assert play.fake_scores.shape == play.real_scores.shape == (8, 1)
    assert play.gan.generator.calls == [True]
    assert play.gan.discriminator.calls == [True, True]


def test_passes_draw_different_masks():
    """Generator, discriminator on real and on generated images: three streams."""
    inputs = tf.ones([200, 4])
    play = Play(GAN(Counted(), Counted()), Examples(inputs), LatentSample(inputs, {}), KEY)
    values = [play.run(play.gan.discriminator, inputs, name).numpy() for name in ("generator", "real", "fake")]
    for index in range(3):
        assert 0.1 < np.mean(values[index] == values[index - 1]) < 0.6
    np.testing.assert_array_equal(play.real_scores, values[1])
    np.testing.assert_array_equal(play.fake, values[0])


@pytest.mark.parametrize("other", [{"step": 1}, {"rank": 1}])
def test_steps_and_replicas_draw_different_masks(other):
    assert not np.array_equal(_play().real_scores, _play(**other).real_scores)


def test_replicas_play_their_rows_of_the_global_batch():
    whole = _play(step=4)
    for name in ("fake", "real_scores", "fake_scores"):
        parts = [getattr(_play(slice(4 * rank, 4 * rank + 4), step=4, rank=rank), name) for rank in (0, 1)]
        np.testing.assert_allclose(np.concatenate(parts), getattr(whole, name), rtol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_scores_are_not_in_half_precision(policy):
    keras.config.set_dtype_policy(policy)
    assert _play().real_scores.dtype == tf.float32


def _told(head=""):
    """Images [B, 6] and labels of three classes → the label's number; in a dict under the name `head`, if given."""
    images, labels = keras.Input([6]), keras.Input([3])
    number = keras.layers.Dense(1, use_bias=False)
    model = keras.Model([images, labels], {head: number(labels)} if head else number(labels))
    number.set_weights([np.arange(3.0)[:, np.newaxis]])
    return model


@pytest.mark.parametrize("judged", [False, True])
def test_each_side_is_judged_with_its_own_labels(judged):
    """By the discriminator, or by a judge in its place."""
    play = _play()
    real, fake = tf.constant([0, 1, 2, 2, 1, 0, 0, 1]), tf.constant([2, 2, 0, 1, 1, 1, 0, 0])
    gan = GAN(play.gan.generator, _told(), judge=_told("score") if judged else None, num_classes=3)
    play = Play(gan, play.real._replace(labels=real), play.latent._replace(labels=fake), KEY)
    np.testing.assert_array_equal(play.real_scores[:, 0], real)
    np.testing.assert_array_equal(play.fake_scores[:, 0], fake)


def test_an_untold_discriminator_gets_images_only():
    play = _play()
    assert play.gan.judged(play.real.images, tf.zeros([8], tf.int32)) is play.real.images
    assert list(play.gan.heads) == ["score"]
