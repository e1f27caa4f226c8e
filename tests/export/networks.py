"""Networks of so few layers that NumPy computes the same."""

from collections.abc import Mapping
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

from gan_zoo import latents, objectives
from gan_zoo.export import export
from gan_zoo.game import GAN
from gan_zoo.layers import OneHot

SHAPE = (4, 3, 1)
PICTURES = np.random.default_rng(2).integers(0, 256, [5, *SHAPE], np.uint8)


def gan(generator: keras.Model, body: keras.Model, heads: Mapping[str, keras.Model], **settings) -> GAN:
    """The GAN whose discriminator is body and score as one, and told the class if either is."""
    images = keras.Input(body.inputs[0].shape[1:])
    label = keras.Input([], dtype="int32")
    score, told = heads["score"], len(body.inputs) + len(heads["score"].inputs) > 2
    features = body([images, label] if len(body.inputs) > 1 else images)
    said = score([features, label] if len(score.inputs) > 1 else features)
    return GAN(generator=generator, body=body, heads=heads, value_range=settings.pop("value_range", (-1.0, 1.0)),
               discriminator=keras.Model([images, label] if told else images, said), **settings)


def linear(weights: np.ndarray) -> keras.Model:
    """Features [B, F] → features · weights [F, P]."""
    features = keras.Input([len(weights)])
    network = keras.Model(features, keras.layers.Dense(weights.shape[1], use_bias=False)(features))
    network.set_weights([weights])
    return network


def flat(shape) -> keras.Model:
    """Images [B, H, W, C] → their numbers, side by side."""
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Flatten()(images))


def shown(shape, size: int, classes: int = 0, scale: float = 1.0, offset: float = 0.0) -> keras.Model:
    """Shows each number z of the noise, and then of the one-hot class, in a pixel of its own: scale · z + offset."""
    noise, label = keras.Input([size]), keras.Input([], dtype="int32")
    numbers = keras.layers.Concatenate()([noise, OneHot(classes)(label)]) if classes else noise
    images = keras.layers.Reshape(shape)(keras.layers.Rescaling(scale, offset)(numbers))
    return keras.Model([noise, label] if classes else noise, images)


def normalizing(size: int = 4, dtype="float32", seed: int = 0) -> keras.Model:
    """tanh(BN(z W + b)); the moving statistics are far from what any batch has."""
    rng = np.random.default_rng(seed)
    model = keras.Sequential([
        keras.Input([size]), keras.layers.Dense(12, dtype=dtype), keras.layers.BatchNormalization(dtype=dtype),
        keras.layers.Activation("tanh", dtype=dtype), keras.layers.Reshape(SHAPE, dtype=dtype)])
    for variable in model.variables:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


def decoded(generator: keras.Model, noise: np.ndarray) -> np.ndarray:
    """What a normalizing network makes of noise, in float64."""
    w, b, gamma, beta, mean, variance = (v.numpy().astype(np.float64) for v in generator.variables)
    hidden = (noise @ w + b - mean) / np.sqrt(variance + generator.layers[1].epsilon) * gamma + beta
    return np.tanh(hidden).reshape(-1, *SHAPE)


def small(generator: keras.Model | None = None, dtype="float32", packing: int = 1, **settings) -> GAN:
    """A GAN on images of SHAPE. The discriminator is linear; its dropout doesn't act outside training."""
    shape = (*SHAPE[:2], SHAPE[2] * packing)
    body = keras.Sequential([keras.Input(shape), keras.layers.Flatten(dtype=dtype),
                             keras.layers.Dropout(0.5, dtype=dtype)])
    score = keras.Sequential([keras.Input([12 * packing]), keras.layers.Dense(1, dtype=dtype)])
    score.trainable_variables[0].assign(np.random.default_rng(1).normal(size=[12 * packing, 1]))
    return gan(generator or normalizing(dtype=dtype), body, {"score": score}, packing=packing, **settings)


def scores(of: GAN, images: np.ndarray) -> np.ndarray:
    """What a small GAN's discriminator says of uint8 [N, H, W, C · packing] in float64, [N, 1]."""
    w, b = (v.numpy().astype(np.float64) for v in of.heads["score"].trainable_variables)
    return (images / 127.5 - 1).reshape(len(images), -1) @ w + b


def an_export(path, gan: GAN | None = None, objective: str = "non_saturating", **settings) -> SimpleNamespace:
    """Writes one, .path, of the networks .gan on normal(4), or what latent= says; .loaded again."""
    gan, latent = gan or small(), latents.build(settings.pop("latent", "normal(4)"))
    built = objectives.build(objective, latent.codes, gan.conditional)
    export(gan, latent, built, path, **settings)
    return SimpleNamespace(path=path, gan=gan, loaded=tf.saved_model.load(str(path)))
