"""The Gaussian generator of f-GAN's 1-D experiment (Nowozin et al. 2016, arXiv:1606.00709, section 2.5)."""

import keras

from gan_zoo.errors import UserError, check_number
from gan_zoo.models.base import Networks, check_widths, models


@models.register("gaussian_1d")
def gaussian_1d(image_shape, noise, images, mu=0.0, sigma=1.0, widths=(64, 64)) -> Networks:
    """x = μ + σ z, a Gaussian to be fitted to numbers, against a tanh network.

    For data of one number, image_shape (1, 1, 1), and a latent of one. mu, sigma: where μ and σ start;
    they are the bias and the kernel of the generator's layer "gaussian" (σ may become negative, which with
    a symmetric z is the same Gaussian). widths: of the discriminator's hidden layers, two of 64 in the paper.
    """
    if tuple(image_shape) != (1, 1, 1):
        raise UserError(f"gaussian_1d makes single numbers, not images of {'×'.join(map(str, image_shape))}: use "
                        "--dataset=mixture_1d")
    if noise.shape[-1] != 1:
        raise UserError(f"gaussian_1d shifts and scales one number, not a latent of {noise.shape[-1]}: use "
                        "--latent='normal(1)'")
    check_number("mu", mu)
    check_number("sigma", sigma, above=0)
    widths = check_widths("widths", widths, least=0)

    exact = {"dtype": keras.config.floatx()}
    x = keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(sigma),
                           bias_initializer=keras.initializers.Constant(mu), name="gaussian", **exact)(noise)
    generated = keras.layers.Reshape([1, 1, 1], name="images", **exact)(x)
    x = keras.layers.Flatten()(images)
    for index, width in enumerate(widths, 1):
        x = keras.layers.Dense(width, "tanh", name=f"dense_{index}")(x)
    score = keras.layers.Dense(1, name=f"dense_{len(widths) + 1}")
    return Networks(generated, x, value_range=None, score=score)
