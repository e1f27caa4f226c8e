"""The DCGAN of configs/dcgan.flags as a tensorflow.org tutorial would train it; prints images/s.

Stock Keras layers, a tf.data pipeline, and one @tf.function a batch. The baseline of dcgan_speed.py.
"""

import argparse
import statistics
import time

import keras
import numpy as np
import tensorflow as tf

L = keras.layers
BATCH = 128


def generator() -> keras.Model:
    return keras.Sequential([
        L.Input([100]), L.Dense(12 * 12 * 100, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.Reshape([12, 12, 100]),
        L.Conv2D(128, 3, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.UpSampling2D(interpolation="bilinear"),
        L.Conv2D(64, 3, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.UpSampling2D(interpolation="bilinear"),
        L.Conv2D(32, 5, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
        L.Conv2D(1, 5, activation="tanh")])


def discriminator() -> keras.Model:
    return keras.Sequential([
        L.Input([28, 28, 1]), L.Conv2D(64, 3, strides=2, padding="same"), L.LeakyReLU(0.3), L.Dropout(0.3),
        L.Conv2D(128, 5, strides=2, padding="same"), L.LeakyReLU(0.3), L.Dropout(0.3), L.Flatten(), L.Dense(1)])


def make_step():
    networks = generator(), discriminator()
    optimizers = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in networks]
    optimizers[1].clipvalue = 1.0
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(images):
        noise = tf.random.normal([BATCH, 100])
        with tf.GradientTape() as tape_g, tf.GradientTape() as tape_d:
            fake = networks[0](noise, training=True)
            real_score, fake_score = networks[1](images, training=True), networks[1](fake, training=True)
            loss_g = entropy(tf.ones_like(fake_score), fake_score)
            loss_d = entropy(tf.ones_like(real_score), real_score) + entropy(tf.zeros_like(fake_score), fake_score)
        for tape, loss, network, optimizer in zip((tape_g, tape_d), (loss_g, loss_d), networks, optimizers,
                                                  strict=True):
            variables = network.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", required=True, help=".npy of uint8 [N, 28, 28, 1]")
    parser.add_argument("--steps", type=int, default=60)
    arguments = parser.parse_args()
    images = (np.load(arguments.images).astype(np.float32) - 127.5) / 127.5
    data = tf.data.Dataset.from_tensor_slices(images).shuffle(60_000).repeat().batch(BATCH).prefetch(2)
    step, rates = make_step(), []
    iterator = iter(data)
    step(next(iterator))
    for _ in range(arguments.steps // 5):
        start = time.perf_counter()
        for _ in range(5):
            step(next(iterator))
        rates.append(5 * BATCH / (time.perf_counter() - start))
    print(statistics.median(rates))


if __name__ == "__main__":
    main()
