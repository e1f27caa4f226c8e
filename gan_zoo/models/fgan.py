"""The networks of f-GAN on MNIST (Nowozin et al. 2016, arXiv:1606.00709, section 3.1)."""

import keras

from gan_zoo.errors import check_number
from gan_zoo.models import conditioning
from gan_zoo.models.base import Networks, check_widths, full_precision, models, pixels, uniform, value_range


@models.register("fgan")
def fgan(image_shape, noise, images, label, generator_widths=(1200, 1200), discriminator_widths=(240, 240), init=0.05,
         output="sigmoid", label_embedding=None, conditional_norm=False) -> Networks:
    """Generator of linear layers, batch norm and ReLU; discriminator (variational function V) of ELU layers.

    generator_widths, discriminator_widths: hidden widths. init: kernels are U(−init, init). output: "sigmoid"
    (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]). label_embedding: of a conditional generator, numbers a class;
    None: the label is one-hot. conditional_norm: its batch norm has a scale and an offset of each class. The
    discriminator has the label beside the pixels.
    """
    check_number("init", init, above=0)
    norm = conditioning.normalization(label, conditional_norm)
    x = conditioning.beside_noise(noise, label, label_embedding)
    for index, width in enumerate(check_widths("generator_widths", generator_widths), 1):
        x = keras.layers.Dense(width, use_bias=False, kernel_initializer=uniform(init), name=f"dense_{index}")(x)
        x = keras.layers.ReLU()(norm(x, name=f"norm_{index}"))
    x = keras.layers.Dense(pixels(image_shape), kernel_initializer=uniform(init), name="dense_out")(x)
    generated = full_precision("images", output)(keras.layers.Reshape(image_shape)(x))

    x = conditioning.flat(images, label)
    for index, width in enumerate(check_widths("discriminator_widths", discriminator_widths), 1):
        x = keras.layers.Dense(width, "elu", kernel_initializer=uniform(init), name=f"dense_{index}")(x)
    score = keras.layers.Dense(1, kernel_initializer=uniform(init), name="dense_out")
    return Networks(generated, x, value_range(output), score=score)
