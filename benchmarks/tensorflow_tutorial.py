"""TensorFlow's DCGAN tutorial (tensorflow.org/tutorials/generative/dcgan) on MNIST, then 10,000 images of it as PNGs.

Its networks, losses, batch of 256, Adam of 1e-4 and shuffled training images, written anew from what its text says; it
tells that the digits resemble those of MNIST after about 50 epochs. The anchor of time_to_quality.py.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

L = keras.layers
BATCH, NOISE, IMAGES = 256, 100, 10_000


def generator() -> keras.Model:
    layers = [L.Input([NOISE]), L.Dense(7 * 7 * 256, use_bias=False), L.BatchNormalization(), L.LeakyReLU(0.3),
              L.Reshape([7, 7, 256])]
    for filters, strides in ((128, 1), (64, 2)):
        layers += [L.Conv2DTranspose(filters, 5, strides, "same", use_bias=False), L.BatchNormalization(),
                   L.LeakyReLU(0.3)]
    return keras.Sequential([*layers, L.Conv2DTranspose(1, 5, 2, "same", use_bias=False, activation="tanh")])


def discriminator() -> keras.Model:
    layers = [L.Input([28, 28, 1])]
    for filters in (64, 128):
        layers += [L.Conv2D(filters, 5, 2, "same"), L.LeakyReLU(0.3), L.Dropout(0.3)]
    return keras.Sequential([*layers, L.Flatten(), L.Dense(1)])


def train(images: np.ndarray, epochs: int) -> keras.Model:
    """The generator after so many epochs of images, float32 [N, 28, 28, 1] in [−1, 1]."""
    data = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images)).batch(BATCH)
    networks = generator(), discriminator()
    optimizers = keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real):
        noise = tf.random.normal([BATCH, NOISE])
        with tf.GradientTape() as tape_g, tf.GradientTape() as tape_d:
            fake = networks[0](noise, training=True)
            real_score, fake_score = networks[1](real, training=True), networks[1](fake, training=True)
            loss_g = entropy(tf.ones_like(fake_score), fake_score)
            loss_d = entropy(tf.ones_like(real_score), real_score) + entropy(tf.zeros_like(fake_score), fake_score)
        for tape, loss, network, optimizer in zip((tape_g, tape_d), (loss_g, loss_d), networks, optimizers,
                                                  strict=True):
            variables = network.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    for epoch in range(epochs):
        for real in data:
            step(real)
        print(f"epoch {epoch + 1} of {epochs}", flush=True)
    return networks[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="the folder in which images/ is made")
    given = parser.parse_args()
    keras.utils.set_random_seed(given.seed)
    source = tfds.as_numpy(tfds.load("mnist", split="train", batch_size=-1))
    model = train((source["image"].astype(np.float32) - 127.5) / 127.5, given.epochs)
    folder = given.out / "images"
    folder.mkdir(parents=True)
    for first in range(0, IMAGES, 1000):
        made = model(tf.random.normal([1000, NOISE]), training=False).numpy()
        for index, image in enumerate(np.clip(np.round(made * 127.5 + 127.5), 0, 255).astype(np.uint8), first):
            Image.fromarray(image[:, :, 0]).save(folder / f"{index:05d}.png")


if __name__ == "__main__":
    main()
