"""Gradients of the score by images, for penalties, against closed forms; and gradients of those gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import replicas
from gan_zoo.errors import UserError
from gan_zoo.game import GAN, Examples, LatentSample
from gan_zoo.layers import BatchNormalization, Dropout
from gan_zoo.play import Play
from gan_zoo.randomness import Key

IMAGE, SIZE, ROWS = (1, 2, 3), 6, 8
RANDOM = np.random.default_rng(0)
REAL, NOISE = RANDOM.normal(size=(ROWS, *IMAGE)), RANDOM.normal(size=(ROWS, SIZE))
SLOPES, CURVES = RANDOM.normal(size=SIZE), RANDOM.normal(size=SIZE)
each_pass = pytest.mark.parametrize("name", ["real", "generated", "mixed"])


@pytest.fixture(autouse=True)
def _double():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")


def _play(of_pixels, weights) -> Play:
    """A critic of weights · of_pixels(x), x [B, 6]; a linear generator."""
    noise, images = keras.Input([SIZE]), keras.Input(IMAGE)
    generator = keras.Model(noise, keras.layers.Reshape(IMAGE)(keras.layers.Dense(SIZE, use_bias=False)(noise)))
    body = keras.Model(images, of_pixels(keras.layers.Flatten()(images)))
    features = keras.Input(body.output_shape[1:])
    score = keras.Model(features, keras.layers.Dense(1, use_bias=False)(features))
    score.set_weights([np.asarray(weights)[:, None]])
    gan = GAN(generator=generator, body=body, heads={"score": score}, discriminator=None)
    return Play(gan, Examples(tf.constant(REAL)), LatentSample(tf.constant(NOISE)), Key(0))


def _linear() -> Play:
    """D(x) = w · x."""
    return _play(lambda x: x, SLOPES)


def _quadratic() -> Play:
    """D(x) = Σ wᵢ xᵢ + cᵢ xᵢ², with gradient w + 2 c x."""
    return _play(lambda x: keras.layers.Concatenate()([x, keras.ops.square(x)]), [*SLOPES, *CURVES])


def _images(play: Play, name: str) -> tf.Tensor:
    if name == "mixed":
        mixed = play.mixed()
        play.scores("mixed", mixed)
        return mixed
    return {"real": play.real.images, "generated": play.generated}[name]


@each_pass
def test_of_a_linear_critic_it_is_its_weights(name):
    play = _linear()
    assert _images(play, name).shape == (ROWS, *IMAGE)
    np.testing.assert_allclose(play.gradient(name), np.tile(SLOPES.reshape(IMAGE), [ROWS, 1, 1, 1]), rtol=1e-12)


@each_pass
def test_of_a_quadratic_critic_it_is_linear(name):
    play = _quadratic()
    x = _images(play, name).numpy().reshape(ROWS, SIZE)
    found = play.gradient(name)
    np.testing.assert_allclose(found.numpy().reshape(ROWS, SIZE), SLOPES + 2 * CURVES * x, rtol=1e-12)
    np.testing.assert_array_equal(play.gradient(name), found)


def test_it_has_the_dropout_of_the_pass_whose_scores_the_loss_has():
    """D is linear in what dropout lets through, so that D(x) = x · ∂D/∂x with one mask only."""
    play = _play(lambda x: Dropout(0.5)(x), SLOPES)
    scores, found = play.real_scores.numpy()[:, 0], play.gradient("real").numpy()
    assert 0 < np.sum(found == 0) < found.size
    np.testing.assert_allclose(np.sum(found * REAL, axis=(1, 2, 3)), scores, rtol=1e-12)


@pytest.mark.parametrize("graph", [False, True])
@each_pass
def test_a_penalty_on_it_can_be_differentiated_by_hand(name, graph):
    """P = E‖w + 2 c x‖²: ∂P/∂w = 2 E[w + 2 c x], ∂P/∂c = 4 E[(w + 2 c x) x], ∂P/∂x = 4 c (w + 2 c x) / B."""
    play = _quadratic()
    kernel, of_generator = play.gan.heads["score"].trainable_variables[0], play.gan.generator.trainable_variables[0]

    def gradients():
        again = Play(play.gan, play.real, play.latent, Key(0))
        with tf.GradientTape() as tape:
            images = _images(again, name)
            penalty = tf.reduce_mean(tf.reduce_sum(again.gradient(name) ** 2, axis=[1, 2, 3]))
        return images, *tape.gradient(penalty, [kernel.value, of_generator.value], unconnected_gradients="zero")

    images, by_critic, by_generator = (tf.function(gradients) if graph else gradients)()
    x = images.numpy().reshape(ROWS, SIZE)
    slope = SLOPES + 2 * CURVES * x
    np.testing.assert_allclose(by_critic[:, 0], [*2 * slope.mean(axis=0), *4 * (slope * x).mean(axis=0)], rtol=1e-10)
    of_images = 4 * CURVES * slope / ROWS
    share = {"real": 0, "generated": 1}.get(name)
    if share is None:
        share = 1 - play.uniform("mixed", [1]).numpy()
    np.testing.assert_allclose(by_generator, NOISE.T @ (share * of_images), rtol=1e-9, atol=1e-12)


def test_images_that_nobody_scored_have_none():
    with pytest.raises(ValueError, match=r"no images were scored under the name 'mixed': call play.scores\('mixed', "):
        _linear().gradient("mixed")


@pytest.mark.parametrize("nested", [False, True])
def test_batch_norm_refuses_it_on_several_replicas(monkeypatch, nested):
    """Its second derivative would lack the way through the moments of the other replicas."""
    inside = keras.Input([SIZE])
    norm = keras.Model(inside, BatchNormalization()(inside)) if nested else BatchNormalization()
    play = _play(norm, SLOPES)
    assert play.gradient("real").shape == (ROWS, *IMAGE)
    monkeypatch.setattr(replicas, "count", lambda: 2)
    with pytest.raises(UserError, match="need a discriminator without batch norm on several replicas: take another"):
        play.gradient("real")
    assert _linear().gradient("real").shape == (ROWS, *IMAGE)
