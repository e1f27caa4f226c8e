"""The games of some recipes as a tensorflow.org tutorial would play them: the baseline of train_speed.py.

A tf.data pipeline and one @tf.function a batch. DCGAN and maxout are of stock Keras layers; InfoGAN and R3GAN are the
zoo's networks, so that with them only the loop is compared. In bfloat16 they are under Keras's policy, with images and
scores in float32, as its guide to mixed precision says.
"""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_zoo import models
from gan_zoo.commands.flags import parse
from gan_zoo.data import from_arrays
from gan_zoo.training.plan import draft, plan

L = keras.layers
# A recipe without what no tutorial's loop has, where the loop plays less than it.
_WITHOUT = {"infogan": ["--model=infogan(width=1)",
                        "--objective=non_saturating + mutual_information(weight=0.3, continuous_weight=0.3)",
                        "--generator_average=0", "--batch_size=128"]}


class Game(NamedTuple):
    """What a recipe sets. noise: draws a batch of it. rates: learning rates of D and G. clip: of D's gradients."""

    generator: keras.Model
    discriminator: keras.Model
    noise: Callable
    rates: tuple[float, float]
    beta_1: float = 0.5
    clip: float | None = None


def _score() -> keras.layers.Layer:
    return L.Dense(1, dtype="float32")


def dcgan() -> Game:
    """configs/dcgan.flags."""
    generator = keras.Sequential([
        L.Input([100]), L.Dense(12 * 12 * 100, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.Reshape([12, 12, 100]),
        L.Conv2D(128, 3, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.UpSampling2D(interpolation="bilinear"),
        L.Conv2D(64, 3, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.UpSampling2D(interpolation="bilinear"),
        L.Conv2D(32, 5, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.Conv2D(1, 5), L.Activation("tanh", dtype="float32")])
    discriminator = keras.Sequential([
        L.Input([28, 28, 1]), L.Conv2D(64, 3, strides=2, padding="same"), L.LeakyReLU(0.3), L.Dropout(0.3),
        L.Conv2D(128, 5, strides=2, padding="same"), L.LeakyReLU(0.3), L.Dropout(0.3), L.Flatten(), _score()])
    return Game(generator, discriminator, lambda: tf.random.normal([128, 100]), (2e-4, 2e-4), clip=1.0)


class _Max(keras.layers.Layer):
    """The largest of the pieces, [B, pieces, units] → [B, units]."""

    def call(self, inputs):
        return tf.reduce_max(inputs, axis=1)


def maxout() -> Game:
    """configs/maxout.flags."""
    hidden = [layer for _ in range(2) for layer in (L.BatchNormalization(epsilon=1e-5), L.Dense(1200, "relu"))]
    generator = keras.Sequential([L.Input([100]), *hidden, L.BatchNormalization(epsilon=1e-5),
                                  L.Dense(784), L.Activation("sigmoid", dtype="float32"), L.Reshape([28, 28, 1])])
    pieces = [layer for _ in range(2) for layer in (L.Dense(1200), L.Reshape([5, 240]), _Max(), L.Dropout(0.5))]
    discriminator = keras.Sequential([L.Input([28, 28, 1]), L.Flatten(), *pieces, _score()])
    return Game(generator, discriminator, lambda: tf.random.uniform([256, 100]), (1e-3, 1e-3))


def _apply(tape, loss, variables, optimizer) -> None:
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))


def _simultaneous(game: Game) -> Callable:
    """images float32 [B, H, W, C] → one round: both players move from one generator forward."""
    optimizers = [keras.optimizers.Adam(rate, beta_1=game.beta_1) for rate in game.rates]
    optimizers[0].clipvalue = game.clip
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(images):
        with tf.GradientTape() as tape_d, tf.GradientTape() as tape_g:
            fake = game.generator(game.noise(), training=True)
            real_score = game.discriminator(images, training=True)
            fake_score = game.discriminator(fake, training=True)
            loss_g = entropy(tf.ones_like(fake_score), fake_score)
            loss_d = entropy(tf.ones_like(real_score), real_score) + entropy(tf.zeros_like(fake_score), fake_score)
        _apply(tape_d, loss_d, game.discriminator.trainable_variables, optimizers[0])
        _apply(tape_g, loss_g, game.generator.trainable_variables, optimizers[1])

    return step


def flags(model: str) -> list[str]:
    """Of the zoo's own run of a game."""
    return [f"--model={model}", *_WITHOUT.get(model, [])]


def _networks(recipe: str, images: np.ndarray):
    """The zoo's plan and networks of a recipe."""
    experiment = parse([*flags(recipe), "--steps=1000000"]).experiment
    planned = plan(draft(experiment), from_arrays(images, None, "mnist"))
    return planned, models.build(planned.model, planned.shape)


def infogan(images: np.ndarray) -> Callable:
    """The paper's game with noise on the images, on the zoo's networks: ten values of c1, c2 and c3 in [-1, 1]."""
    planned, gan = _networks("infogan", images)
    size, noisy = planned.experiment.batch_size, keras.layers.GaussianNoise(0.5)
    rates = keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    judging = [variable for network in gan.judges for variable in network.trainable_variables]

    @tf.function
    def step(real):
        category, values = tf.random.uniform([size], 0, 10, tf.int32), tf.random.uniform([size, 2], -1, 1)
        noise = tf.random.uniform([size, planned.latent.size - 12], -1, 1)
        with tf.GradientTape() as tape_d, tf.GradientTape() as tape_g:
            fake = gan.generator(tf.concat([noise, tf.one_hot(category, 10), values], 1), training=True)
            features = [gan.body(noisy(seen, training=True), training=True) for seen in (real, fake)]
            real_score, fake_score = (gan.heads["score"](each, training=True) for each in features)
            told = gan.heads["parameters"](features[1], training=True)
            known = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(category, told[:, :10]))
            known += tf.reduce_mean((told[:, 10:12] - values) ** 2)
            loss_g = entropy(tf.ones_like(fake_score), fake_score) + 0.3 * known
            loss_d = (entropy(tf.ones_like(real_score), real_score)
                      + entropy(tf.zeros_like(fake_score), fake_score) + 0.3 * known)
        _apply(tape_d, loss_d, judging, rates[0])
        _apply(tape_g, loss_g, gan.generator.trainable_variables, rates[1])

    return step


def r3gan(images: np.ndarray) -> Callable:
    """configs/r3gan.flags on the zoo's networks: relativistic, R1 and R2, in turn; without schedules and average."""
    planned, gan = _networks("r3gan", images)
    size, latent = planned.experiment.batch_size, planned.latent.size
    rates = [keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.99) for _ in range(2)]

    def score(seen):
        return gan.discriminator(seen, training=True)

    @tf.function
    def step(real):
        fake = gan.generator(tf.random.normal([size, latent]), training=True)
        with tf.GradientTape() as tape:
            slopes = 0.0
            with tf.GradientTape(persistent=True) as inner:
                inner.watch([real, fake])
                scores = [score(real), score(fake)]
            for seen, said in zip((real, fake), scores, strict=True):
                slopes += tf.reduce_mean(tf.reduce_sum(inner.gradient(said, seen) ** 2, [1, 2, 3]))
            loss = tf.reduce_mean(tf.nn.softplus(scores[1] - scores[0])) + 0.5 * slopes
        _apply(tape, loss, gan.discriminator.trainable_variables, rates[0])
        with tf.GradientTape() as tape:
            fake = gan.generator(tf.random.normal([size, latent]), training=True)
            loss = tf.reduce_mean(tf.nn.softplus(score(real) - score(fake)))
        _apply(tape, loss, gan.generator.trainable_variables, rates[1])

    return step


STEPS: dict[str, Callable] = {"dcgan": lambda _: _simultaneous(dcgan()), "maxout": lambda _: _simultaneous(maxout()),
                              "infogan": infogan, "r3gan": r3gan}


def player(model: str, images: np.ndarray, batch: int, low: float) -> Callable[[int], None]:
    """Plays so many rounds. images: uint8 [N, 28, 28, 1]; low: what black is in the networks, where white is 1."""
    scaled = images.astype(np.float32) / 255 * (1 - low) + low
    data = tf.data.Dataset.from_tensor_slices(scaled).shuffle(len(images)).repeat().batch(batch).prefetch(2)
    step, batches = STEPS[model](images), iter(data)

    def play(rounds: int) -> None:
        for _ in range(rounds):
            step(next(batches))

    return play
