"""Gradients of the score by images, for penalties, against closed forms; and gradients of those gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import augmentation
from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.play import Play
from gan_zoo.randomness import Key
from tests import critics
from tests.critics import CURVES, IMAGE, NOISE, REAL, ROWS, SIZE, SLOPES

each_pass = pytest.mark.parametrize("name", ["real", "generated", "mixed"])


@pytest.fixture(autouse=True)
def _double():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")


def _images(play: Play, name: str) -> tf.Tensor:
    if name == "mixed":
        mixed = play.mixed()
        play.scores("mixed", mixed)
        return mixed
    return {"real": play.real.images, "generated": play.generated}[name]


@each_pass
def test_of_a_linear_critic_it_is_its_weights(name):
    play = critics.linear()
    assert _images(play, name).shape == (ROWS, *IMAGE)
    np.testing.assert_allclose(play.gradient(name), np.tile(SLOPES.reshape(IMAGE), [ROWS, 1, 1, 1]), rtol=1e-12)


@each_pass
def test_of_a_quadratic_critic_it_is_linear(name):
    play = critics.quadratic()
    x = _images(play, name).numpy().reshape(ROWS, SIZE)
    found = play.gradient(name)
    np.testing.assert_allclose(found.numpy().reshape(ROWS, SIZE), SLOPES + 2 * CURVES * x, rtol=1e-12)
    np.testing.assert_array_equal(play.gradient(name), found)


def test_it_has_the_dropout_of_the_pass_whose_scores_the_loss_has():
    """D is linear in what dropout lets through, so that D(x) = x · ∂D/∂x with one mask only."""
    play = critics.play(lambda x: Dropout(0.5)(x), SLOPES)
    scores, found = play.real_scores.numpy()[:, 0], play.gradient("real").numpy()
    assert 0 < np.sum(found == 0) < found.size
    np.testing.assert_allclose(np.sum(found * REAL, axis=(1, 2, 3)), scores, rtol=1e-12)


@pytest.mark.parametrize("graph", [False, True])
@each_pass
def test_a_penalty_on_it_can_be_differentiated_by_hand(name, graph):
    """P = E‖w + 2 c x‖²: ∂P/∂w = 2 E[w + 2 c x], ∂P/∂c = 4 E[(w + 2 c x) x], ∂P/∂x = 4 c (w + 2 c x) / B."""
    play = critics.quadratic()
    kernel, of_generator = play.gan.heads["score"].trainable_variables[0], play.gan.generator.trainable_variables[0]

    def gradients():
        again = Play(play.gan, play.real, play.latent, Key(0))
        with tf.GradientTape() as tape:
            images = _images(again, name)
            penalty = tf.reduce_mean(tf.reduce_sum(again.gradient(name) ** 2, axis=[1, 2, 3]))
        return images, *tape.gradient(penalty, [kernel.value, of_generator.value], unconnected_gradients="zero")

    images, by_critic, by_generator = (tf.function(gradients) if graph else gradients)()
    x = images.numpy().reshape(ROWS, SIZE)
    slope = critics.slopes(x)
    np.testing.assert_allclose(by_critic[:, 0], [*2 * slope.mean(axis=0), *4 * (slope * x).mean(axis=0)], rtol=1e-10)
    of_images = 4 * CURVES * slope / ROWS
    share = {"real": 0, "generated": 1}.get(name)
    if share is None:
        share = 1 - play.uniform("mixed", [1]).numpy()
    np.testing.assert_allclose(by_generator, NOISE.T @ (share * of_images), rtol=1e-9, atol=1e-12)


def test_images_that_nobody_scored_have_none():
    with pytest.raises(ValueError, match=r"no images were scored under the name 'mixed': call play.scores\('mixed', "):
        critics.linear().gradient("mixed")


@pytest.mark.parametrize("nested", [False, True])
def test_under_batch_norm_there_is_none(nested):
    """∂ Σ score / ∂ x would be of all scores, not of the image's own."""
    inside = keras.Input([SIZE])
    norm = keras.Model(inside, BatchNormalization()(inside)) if nested else BatchNormalization()
    with pytest.raises(UserError, match="needs a discriminator without batch norm, under which a score depends on the "
                                        "whole batch: take another --model, or --spectral_norm"):
        critics.play(norm, SLOPES).gradient("real")


def test_a_discriminator_that_can_not_be_differentiated_has_none():
    with pytest.raises(UserError, match=r"the score has no gradient by the images: .* take another --model"):
        critics.play(lambda x: keras.ops.cast(keras.ops.cast(x, "int32"), "float64"), SLOPES).gradient("real")


def test_with_packing_it_is_that_of_the_packs_score():
    """Pairs of neighbours side by side in channels: w has 12 numbers, [1, 2, 3 + 3]."""
    weights = np.arange(2.0 * SIZE)
    play = critics.play(lambda x: x, weights, packing=2,
                        view=lambda images, random, step: augmentation.packed(images, 2))
    first, second = np.split(weights.reshape(1, 2, 6), 2, axis=-1)
    np.testing.assert_allclose(play.gradient("real"), np.tile([first, second], [ROWS // 2, 1, 1, 1]))
    share = (play.mixed() - play.generated) / (play.real.images - play.generated)
    np.testing.assert_allclose(share, np.repeat(share[::2, :1, :1, :1] * np.ones(IMAGE), 2, axis=0), rtol=1e-9)
    assert len(np.unique(np.round(share, 9))) == ROWS // 2
