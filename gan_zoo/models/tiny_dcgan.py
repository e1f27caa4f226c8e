"""The networks with which unrolled GANs were tried on stacked MNIST (Metz et al. 2016, arXiv:1611.02163, appendix)."""

import keras

from gan_zoo.errors import check_choice, check_count, check_number
from gan_zoo.layers import BatchNormalization
from gan_zoo.models.base import Networks, activation, full_precision, models, value_range
from gan_zoo.models.maps import check_sides, halvings

_LARGEST_FIRST = 4  # pixels a side of the smallest map, at most


@models.register("tiny_dcgan")
def tiny_dcgan(image_shape, noise, images, width=8, discriminator_width=2, discriminator_norm=True, slope=0.3,
               output="tanh") -> Networks:
    """A small convolutional GAN whose discriminator is a fraction of the generator, so that modes are easily lost.

    width: channels of the generator's largest hidden map, doubled with every halving. discriminator_width: of the
    discriminator's first map, likewise: 2 is the paper's "1/4 size of D compared to G", 4 its 1/2. discriminator_norm:
    whether it has batch norm, as the paper's; penalties on its gradients need False. slope: of its leaky ReLUs. output:
    "tanh", "linear" or "sigmoid".

    At 28 × 28: G is FC 4·4·64 → 3×3 stride-2 upconv 32 (7) → 16 (14) → 8 (28) → 3×3 conv, with batch norm and ReLU; D
    is 3×3 stride-2 conv 2 (14) → 4 (7) → 8 (4) → score. Sides of 8 to 64 are halved, rounding up, to at most 4.
    """
    check_count("width", width)
    check_count("discriminator_width", discriminator_width)
    check_choice("discriminator_norm", discriminator_norm, [True, False])
    check_number("slope", slope, least=0, below=1)
    check_sides("tiny_dcgan", image_shape)
    sizes = halvings(image_shape, _LARGEST_FIRST)
    features = _features(images, len(sizes) - 1, discriminator_width, discriminator_norm, slope)
    return Networks(_generated(image_shape, noise, sizes, width, output), features, value_range(output))


def _generated(image_shape, noise, sizes, width, output) -> keras.KerasTensor:
    first, *following = reversed(sizes)
    filters = width * 2 ** len(following)
    x = keras.layers.Dense(first[0] * first[1] * filters, use_bias=False, name="dense")(noise)
    x = keras.layers.Reshape([*first, filters])(_normalized(x, "dense"))
    for index, size in enumerate(following, 1):
        # The last row and column are made only where the larger map is even.
        even = tuple(1 - side % 2 for side in size)
        x = keras.layers.Conv2DTranspose(filters // 2**index, 3, strides=2, padding="same", output_padding=even,
                                         use_bias=False, name=f"upconv_{index}")(x)
        x = _normalized(x, f"upconv_{index}")
    x = keras.layers.Conv2D(image_shape[-1], 3, padding="same", name="conv_out")(x)
    return full_precision("images", output)(x)


def _normalized(x, name: str) -> keras.KerasTensor:
    return keras.layers.ReLU(name=f"{name}_relu")(BatchNormalization(name=f"{name}_norm")(x))


def _features(x, halved: int, width: int, norm: bool, slope: float) -> keras.KerasTensor:
    for index in range(1, halved + 1):
        x = keras.layers.Conv2D(width * 2 ** (index - 1), 3, strides=2, padding="same", use_bias=not norm,
                                name=f"conv_{index}")(x)
        if norm:
            x = BatchNormalization(name=f"conv_{index}_norm")(x)
        x = activation("leaky_relu", slope)(x)
    return keras.layers.Flatten()(x)
