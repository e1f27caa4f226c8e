"""The maxout GAN on MNIST (Goodfellow et al. 2014, arXiv:1406.2661, in a public tutorial's form)."""

import keras

from gan_zoo.errors import check_count, check_number
from gan_zoo.game import GAN
from gan_zoo.layers import BatchNormalization, Dropout, Maxout
from gan_zoo.models.base import check_widths, full_precision, models, pixels, uniform, value_range


@models.register("maxout")
def maxout(image_shape, latent_size, generator_widths=(1200, 1200), units=(240, 240), pieces=5, dropout=0.5,
           output="sigmoid", generator_init=0.05, discriminator_init=0.005, norm_epsilon=1e-5) -> GAN:
    """ReLU generator with batch norm before every Dense layer; maxout discriminator with dropout.

    generator_widths: hidden widths. units, pieces: maxout units a hidden layer of the discriminator, and
    affine pieces each. dropout: rate after each of them. generator_init, discriminator_init: kernels are
    U(−init, init) (the authors' values). norm_epsilon: added to the variances of batch norm.
    """
    for name, value in (("generator_init", generator_init), ("discriminator_init", discriminator_init),
                        ("norm_epsilon", norm_epsilon)):
        check_number(name, value, above=0)
    check_number("dropout", dropout, least=0, below=1)
    check_count("pieces", pieces)
    generator = _generator(image_shape, latent_size, check_widths("generator_widths", generator_widths), output,
                           generator_init, norm_epsilon)
    discriminator = _discriminator(image_shape, check_widths("units", units), pieces, dropout, discriminator_init)
    return GAN(generator, discriminator, value_range=value_range(output))


def _generator(image_shape, latent_size, widths, output, init, epsilon) -> keras.Model:
    noise = keras.Input([latent_size], name="noise")
    x = noise
    for index, width in enumerate(widths, 1):
        x = BatchNormalization(epsilon=epsilon, name=f"norm_{index}")(x)
        x = keras.layers.Dense(width, "relu", kernel_initializer=uniform(init), name=f"dense_{index}")(x)
    x = BatchNormalization(epsilon=epsilon, name=f"norm_{len(widths) + 1}")(x)
    x = keras.layers.Dense(pixels(image_shape), kernel_initializer=uniform(init), name="dense_out")(x)
    x = keras.layers.Reshape(image_shape)(x)
    return keras.Model(noise, full_precision("images", output)(x), name="generator")


def _discriminator(image_shape, units, pieces, dropout, init) -> keras.Model:
    images = keras.Input(image_shape, name="images")
    x = keras.layers.Flatten()(images)
    for index, width in enumerate(units, 1):
        x = keras.layers.Dense(width * pieces, kernel_initializer=uniform(init), name=f"dense_{index}")(x)
        x = Maxout(pieces, name=f"maxout_{index}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{index}")(x)
    x = keras.layers.Dense(1, kernel_initializer=uniform(init), name="dense_out")(x)
    return keras.Model(images, full_precision("score")(x), name="discriminator")
