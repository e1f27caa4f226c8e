"""Plain multilayer perceptrons from lists of widths (Goodfellow et al. 2014, arXiv:1406.2661)."""

import keras

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.game import GAN
from gan_zoo.layers import Dropout
from gan_zoo.models import conditioning
from gan_zoo.models.base import activation, full_precision, models, pixels, recognizer, value_range


@models.register("mlp")
def mlp(image_shape, latent_size, code_parameters=0, labels=conditioning.UNCONDITIONAL,
        generator=(None, 200, 500, None), discriminator=(None, 500, 200, 1), hidden="relu", slope=0.2, dropout=0.0,
        output="sigmoid", init_scale=2.0, init_distribution="untruncated_normal", init_bias=False,
        label_embedding=None) -> GAN:
    """Fully connected generator and discriminator, given by lists of widths from input to output.

    The first and last width of a list are those of the latent, the pixels or the score; None fills them in.
    hidden: activation between layers; slope: of "leaky_relu". dropout: rate after each hidden layer of the
    discriminator, in [0, 1). output: "sigmoid" (pixels in [0, 1]), "tanh" or "linear" ([−1, 1]).
    init_scale: the variance of a kernel's entries is init_scale / fan_in (2: He et al. 2015,
    arXiv:1502.01852); init_bias: biases are uniform with the same variance (as in PyTorch's Linear) and not zero.
    label_embedding: of a conditional generator, numbers a class; None: the label is one-hot. A latent with
    codes adds a recognizer on the discriminator's last hidden layer; a label stands beside pixels and noise.
    """
    conditioning.check_features_untold(labels, code_parameters)
    size = pixels(image_shape)
    check_number("dropout", dropout, least=0, below=1)
    check_choice("init_bias", init_bias, [True, False])
    generator = _widths("generator", generator, latent_size, "the latent's size", size, "pixels")
    discriminator = _widths("discriminator", discriminator, size, "pixels", 1, "a score")
    dense = _dense(init_scale, init_distribution, init_bias)

    points, x, _ = conditioning.generator_input(latent_size, labels, label_embedding)
    for index, width in enumerate(generator[1:-1], 1):
        x = activation(hidden, slope)(dense(x, width, f"dense_{index}"))
    x = dense(x, size, f"dense_{len(generator) - 1}")
    x = keras.layers.Reshape(image_shape)(x)
    outputs = full_precision("images", output)(x)
    generator = keras.Model(points, outputs, name="generator")

    seen = conditioning.discriminator_input(image_shape, labels)
    x = seen.flat()
    for index, width in enumerate(discriminator[1:-1], 1):
        x = activation(hidden, slope)(dense(x, width, f"dense_{index}"))
        if dropout:
            x = Dropout(dropout, name=f"dropout_{index}")(x)
    score = full_precision("score")(dense(x, 1, f"dense_{len(discriminator) - 1}"))
    return GAN(generator, keras.Model(seen.all, score, name="discriminator"),
               recognizer(seen.images, x, code_parameters), conditioning.classifier(seen.images, x, labels),
               value_range=value_range(output))


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
    check_number("init_scale", scale, above=0)
    check_choice("init_distribution", distribution, ["untruncated_normal", "truncated_normal", "uniform"])

    def dense(x, width: int, name: str):
        kernel = keras.initializers.VarianceScaling(scale, "fan_in", distribution)
        limit = (3 * scale / x.shape[-1]) ** 0.5
        bias = keras.initializers.RandomUniform(-limit, limit) if init_bias else "zeros"
        return keras.layers.Dense(width, kernel_initializer=kernel, bias_initializer=bias, name=name)(x)

    return dense
