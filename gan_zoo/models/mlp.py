"""Plain multilayer perceptrons from lists of widths (Goodfellow et al. 2014, arXiv:1406.2661)."""

import keras

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.layers import Dropout
from gan_zoo.models import conditioning
from gan_zoo.models.base import Networks, activation, full_precision, models, pixels, value_range


@models.register("mlp")
def mlp(image_shape, noise, images, label, generator=(None, 200, 500, None), discriminator=(None, 500, 200, 1),
        hidden="relu", slope=0.2, dropout=0.0, output="sigmoid", init_scale=2.0,
        init_distribution="untruncated_normal", init_bias=False, label_embedding=None) -> Networks:
    """Fully connected generator and discriminator, given by lists of widths from input to output.

    The first and last width of a list are those of the latent, the pixels or the score; None fills them in.
    hidden: activation between layers; slope: of "leaky_relu". dropout: rate after each hidden layer of the
    discriminator, in [0, 1). output: "sigmoid" (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]).
    init_scale: the variance of a kernel's entries is init_scale / fan_in (2: He et al. 2015,
    arXiv:1502.01852); init_bias: biases are uniform with the same variance (as in PyTorch's Linear) and not zero.
    label_embedding: of a conditional generator, numbers a class; None: the label is one-hot. The label stands beside
    pixels and noise, and counts in no width.
    """
    check_number("dropout", dropout, least=0, below=1)
    check_choice("init_bias", init_bias, [True, False])
    size = pixels(image_shape)
    made_by = _widths("generator", generator, noise.shape[-1], "the latent's size", size, "pixels")
    judged_by = _widths("discriminator", discriminator, pixels(images.shape[1:]), "pixels", 1, "a score")
    dense = _dense(init_scale, init_distribution, init_bias)

    x = conditioning.beside_noise(noise, label, label_embedding)
    for index, width in enumerate(made_by[1:-1], 1):
        x = activation(hidden, slope)(dense(x, width, f"dense_{index}")(x))
    x = dense(x, size, f"dense_{len(made_by) - 1}")(x)
    generated = full_precision("images", output)(keras.layers.Reshape(image_shape)(x))

    x = conditioning.flat(images, label)
    for index, width in enumerate(judged_by[1:-1], 1):
        x = activation(hidden, slope)(dense(x, width, f"dense_{index}")(x))
        if dropout:
            x = Dropout(dropout, name=f"dropout_{index}")(x)
    return Networks(generated, x, value_range(output), score=dense(x, 1, f"dense_{len(judged_by) - 1}"))


def _widths(name: str, widths, first: int, first_is: str, last: int, last_is: str) -> list[int]:
    if not isinstance(widths, (list, tuple)) or len(widths) < 2:
        raise UserError(f"{name} must be a list of at least two widths, input and output, got {widths!r}")
    widths = [first if widths[0] is None else widths[0], *widths[1:-1], last if widths[-1] is None else widths[-1]]
    for width in widths:
        check_count(f"a width of {name}", width)
    for end, got, wanted, what in (("first", widths[0], first, first_is), ("last", widths[-1], last, last_is)):
        if got != wanted:
            raise UserError(f"the {end} width of {name} is {got}, but {what} = {wanted}: write {wanted} or None")
    return widths


def _dense(scale, distribution: str, init_bias: bool):
    """(what it will see, width, name) → a Dense layer."""
    check_number("init_scale", scale, above=0)
    check_choice("init_distribution", distribution, ["untruncated_normal", "truncated_normal", "uniform"])

    def dense(x, width: int, name: str) -> keras.layers.Dense:
        kernel = keras.initializers.VarianceScaling(scale, "fan_in", distribution)
        limit = (3 * scale / x.shape[-1]) ** 0.5
        bias = keras.initializers.RandomUniform(-limit, limit) if init_bias else "zeros"
        return keras.layers.Dense(width, kernel_initializer=kernel, bias_initializer=bias, name=name)

    return dense
