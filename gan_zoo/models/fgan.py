"""The networks of f-GAN on MNIST (Nowozin et al. 2016, arXiv:1606.00709, section 3.1)."""

import keras

from gan_zoo.errors import check_number
from gan_zoo.game import GAN
from gan_zoo.models import conditioning
from gan_zoo.models.base import check_widths, full_precision, models, pixels, recognizer, uniform, value_range


@models.register("fgan")
def fgan(image_shape, latent_size, code_parameters=0, labels=conditioning.UNCONDITIONAL, generator_widths=(1200, 1200),
         discriminator_widths=(240, 240), init=0.05, output="sigmoid", label_embedding=None,
         conditional_norm=False) -> GAN:
    """Generator of linear layers, batch norm and ReLU; discriminator (variational function V) of ELU layers.

    generator_widths, discriminator_widths: hidden widths. init: kernels are U(−init, init). output: "sigmoid"
    (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]). label_embedding: of a conditional generator, numbers a class;
    None: the label is one-hot. conditional_norm: its batch norm has a scale and an offset of each class. A latent with
    codes adds a recognizer on the discriminator's last hidden layer.
    """
    conditioning.check_features_untold(labels, code_parameters)
    check_number("init", init, above=0)
    points, x, label = conditioning.generator_input(latent_size, labels, label_embedding)
    norm = conditioning.normalization(label, conditional_norm)
    for index, width in enumerate(check_widths("generator_widths", generator_widths), 1):
        x = keras.layers.Dense(width, use_bias=False, kernel_initializer=uniform(init), name=f"dense_{index}")(x)
        x = keras.layers.ReLU()(norm(x, name=f"norm_{index}"))
    x = keras.layers.Dense(pixels(image_shape), kernel_initializer=uniform(init), name="dense_out")(x)
    generated = full_precision("images", output)(keras.layers.Reshape(image_shape)(x))

    seen = conditioning.discriminator_input(image_shape, labels)
    x = seen.flat()
    for index, width in enumerate(check_widths("discriminator_widths", discriminator_widths), 1):
        x = keras.layers.Dense(width, "elu", kernel_initializer=uniform(init), name=f"dense_{index}")(x)
    score = keras.layers.Dense(1, kernel_initializer=uniform(init), name="dense_out")(x)
    return GAN(keras.Model(points, generated, name="generator"),
               keras.Model(seen.all, full_precision("score")(score), name="discriminator"),
               recognizer(seen.images, x, code_parameters), conditioning.classifier(seen.images, x, labels),
               value_range=value_range(output))
