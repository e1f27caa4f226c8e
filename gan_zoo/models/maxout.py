"""The maxout GAN on MNIST (Goodfellow et al. 2014, arXiv:1406.2661, in a public tutorial's form)."""

import keras

from gan_zoo.errors import check_count, check_number
from gan_zoo.game import GAN
from gan_zoo.layers import Dropout, Maxout
from gan_zoo.models import conditioning
from gan_zoo.models.base import check_widths, full_precision, models, pixels, recognizer, uniform, value_range


@models.register("maxout")
def maxout(image_shape, latent_size, code_parameters=0, labels=conditioning.UNCONDITIONAL,
           generator_widths=(1200, 1200), units=(240, 240), pieces=5, dropout=0.5, output="sigmoid",
           generator_init=0.05, discriminator_init=0.005, norm_epsilon=1e-5, label_embedding=None,
           conditional_norm=False) -> GAN:
    """ReLU generator with batch norm before every Dense layer; maxout discriminator with dropout.

    generator_widths: hidden widths. units, pieces: maxout units a hidden layer of the discriminator, and
    affine pieces each. dropout: rate after each of them. generator_init, discriminator_init: kernels are
    U(−init, init) (the authors' values). norm_epsilon: added to the variances of batch norm. label_embedding: of
    a conditional generator, numbers a class; None: the label is one-hot. conditional_norm: its batch norm has a scale
    and an offset of each class. A latent with codes adds a recognizer on the discriminator's last hidden layer.
    """
    conditioning.check_features_untold(labels, code_parameters)
    for name, value in (("generator_init", generator_init), ("discriminator_init", discriminator_init),
                        ("norm_epsilon", norm_epsilon)):
        check_number(name, value, above=0)
    check_number("dropout", dropout, least=0, below=1)
    check_count("pieces", pieces)
    told = conditioning.generator_input(latent_size, labels, label_embedding)
    generator = _generator(image_shape, told, check_widths("generator_widths", generator_widths), output,
                           generator_init, norm_epsilon, conditional_norm)
    judges = _judges(conditioning.discriminator_input(image_shape, labels), check_widths("units", units), pieces,
                     dropout, discriminator_init, code_parameters, labels)
    return GAN(generator, *judges, value_range=value_range(output))


def _generator(image_shape, told, widths, output, init, epsilon, conditional_norm) -> keras.Model:
    points, x, label = told
    norm = conditioning.normalization(label, conditional_norm)
    for index, width in enumerate(widths, 1):
        x = norm(x, epsilon=epsilon, name=f"norm_{index}")
        x = keras.layers.Dense(width, "relu", kernel_initializer=uniform(init), name=f"dense_{index}")(x)
    x = norm(x, epsilon=epsilon, name=f"norm_{len(widths) + 1}")
    x = keras.layers.Dense(pixels(image_shape), kernel_initializer=uniform(init), name="dense_out")(x)
    x = keras.layers.Reshape(image_shape)(x)
    return keras.Model(points, full_precision("images", output)(x), name="generator")


def _judges(seen, units, pieces, dropout, init, code_parameters, labels):
    """The discriminator, the recognizer or None, the classifier or None."""
    x = seen.flat()
    for index, width in enumerate(units, 1):
        x = keras.layers.Dense(width * pieces, kernel_initializer=uniform(init), name=f"dense_{index}")(x)
        x = Maxout(pieces, name=f"maxout_{index}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{index}")(x)
    score = keras.layers.Dense(1, kernel_initializer=uniform(init), name="dense_out")(x)
    return (keras.Model(seen.all, full_precision("score")(score), name="discriminator"),
            recognizer(seen.images, x, code_parameters), conditioning.classifier(seen.images, x, labels))
