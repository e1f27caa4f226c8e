"""The maxout GAN on MNIST (Goodfellow et al. 2014, arXiv:1406.2661, in a public tutorial's form)."""

import keras

from gan_zoo.errors import check_count, check_number
from gan_zoo.layers import Dropout, Maxout
from gan_zoo.models import conditioning
from gan_zoo.models.base import Networks, check_widths, full_precision, models, pixels, uniform, value_range


@models.register("maxout")
def maxout(image_shape, noise, images, label, generator_widths=(1200, 1200), units=(240, 240), pieces=5, dropout=0.5,
           output="sigmoid", generator_init=0.05, discriminator_init=0.005, norm_epsilon=1e-5, label_embedding=None,
           conditional_norm=False) -> Networks:
    """ReLU generator with batch norm before every Dense layer; maxout discriminator with dropout.

    generator_widths: hidden widths. units, pieces: maxout units a hidden layer of the discriminator, and
    affine pieces each. dropout: rate after each of them. generator_init, discriminator_init: kernels are
    U(−init, init) (the authors' values). norm_epsilon: added to the variances of batch norm. label_embedding: of
    a conditional generator, numbers a class; None: the label is one-hot. conditional_norm: its batch norm has a scale
    and an offset of each class. The discriminator has the label beside the pixels.
    """
    for name, value in (("generator_init", generator_init), ("discriminator_init", discriminator_init),
                        ("norm_epsilon", norm_epsilon)):
        check_number(name, value, above=0)
    check_number("dropout", dropout, least=0, below=1)
    check_count("pieces", pieces)
    norm = conditioning.normalization(label, conditional_norm)
    x = conditioning.beside_noise(noise, label, label_embedding)
    for index, width in enumerate(check_widths("generator_widths", generator_widths), 1):
        x = norm(x, epsilon=norm_epsilon, name=f"norm_{index}")
        x = keras.layers.Dense(width, "relu", kernel_initializer=uniform(generator_init), name=f"dense_{index}")(x)
    x = norm(x, epsilon=norm_epsilon, name=f"norm_{len(generator_widths) + 1}")
    x = keras.layers.Dense(pixels(image_shape), kernel_initializer=uniform(generator_init), name="dense_out")(x)
    generated = full_precision("images", output)(keras.layers.Reshape(image_shape)(x))

    x = conditioning.flat(images, label)
    for index, width in enumerate(check_widths("units", units), 1):
        x = keras.layers.Dense(width * pieces, kernel_initializer=uniform(discriminator_init),
                               name=f"dense_{index}")(x)
        x = Maxout(pieces, name=f"maxout_{index}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{index}")(x)
    score = keras.layers.Dense(1, kernel_initializer=uniform(discriminator_init), name="dense_out")
    return Networks(generated, x, value_range(output), score=score)
