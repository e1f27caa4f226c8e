"""Games with critics that one can differentiate by hand."""

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.game import GAN, Examples, LatentSample
from gan_zoo.play import Play
from gan_zoo.randomness import Key

IMAGE, SIZE, ROWS = (1, 2, 3), 6, 8
RANDOM = np.random.default_rng(0)
REAL, NOISE = RANDOM.normal(size=(ROWS, *IMAGE)), RANDOM.normal(size=(ROWS, SIZE))
SLOPES, CURVES = RANDOM.normal(size=SIZE), RANDOM.normal(size=SIZE)


def play(of_pixels, weights, real=REAL, noise=NOISE, packing=1, **settings) -> Play:
    """A critic of weights · of_pixels(x), x [B, 6]; a linear generator. settings: of Play."""
    z, images = keras.Input([SIZE]), keras.Input([*IMAGE[:2], IMAGE[2] * packing])
    generator = keras.Model(z, keras.layers.Reshape(IMAGE)(keras.layers.Dense(SIZE, use_bias=False)(z)))
    body = keras.Model(images, of_pixels(keras.layers.Flatten()(images)))
    features = keras.Input(body.output_shape[1:])
    score = keras.Model(features, keras.layers.Dense(1, use_bias=False)(features))
    score.set_weights([np.asarray(weights)[:, None]])
    gan = GAN(generator=generator, body=body, heads={"score": score}, discriminator=None, packing=packing)
    return Play(gan, Examples(tf.constant(real)), LatentSample(tf.constant(noise)), Key(0), **settings)


def linear(weights=SLOPES, **settings) -> Play:
    """D(x) = w · x."""
    return play(lambda x: x, weights, **settings)


def quadratic(**settings) -> Play:
    """D(x) = Σ wᵢ xᵢ + cᵢ xᵢ², with gradient w + 2 c x."""
    return play(lambda x: keras.layers.Concatenate()([x, keras.ops.square(x)]), [*SLOPES, *CURVES], **settings)


def slopes(images) -> np.ndarray:
    """∇D of the quadratic critic, [B, 6]."""
    return SLOPES + 2 * CURVES * np.reshape(images, [-1, SIZE])
