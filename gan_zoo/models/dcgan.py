"""DCGAN (Radford et al. 2015, arXiv:1511.06434) with resize-convolutions (doi:10.23915/distill.00003)."""

from typing import NamedTuple

import keras

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.layers import (
    BatchNormalization,
    BilinearUpsampling,
    Dropout,
    MinibatchStddev,
    NarrowConvolution,
    UpsampledConvolution,
)
from gan_zoo.models import conditioning
from gan_zoo.models.base import Networks, activation, full_precision, models, value_range

_SMALLEST, _LARGEST = 8, 128  # pixels a side
_LARGEST_BASE = 14  # a further doubling is added while the first feature map would be larger than this
_WIDEST = 512


@models.register("dcgan")
def dcgan(image_shape, noise, images, label, width=32, base_channels=100, slope=0.3, dropout=0.3, output="tanh",
          label_embedding=None, conditional_norm=False, minibatch_stddev=None, units=None,
          discriminator_norm=False) -> Networks:
    """Convolutional GAN: bilinear upsampling and valid convolutions, no transposed ones.

    width: channels of the generator's last hidden convolution, doubled towards the noise; the discriminator
    starts at twice this and doubles downwards (at most 512). base_channels: of the first feature map.
    slope: of the leaky ReLUs. dropout: rate in the discriminator. output: "tanh", "linear" or "sigmoid".

    At 28 × 28: G is 12·12·100 → 3×3 conv 128 (10) → ×2 (20) → 3×3 conv 64 (18) → ×2 (36) → 5×5 conv 32 (32)
    → 5×5 conv (28); D is 3×3 stride-2 conv 64 (14) → 5×5 stride-2 conv 128 (7) → score. Other sizes from 8
    to 128 derive the same sizes backwards from the image, with more doublings for the larger ones. A conditional
    discriminator projects its last feature map; in the generator the label is one-hot beside the noise, or embedded in
    label_embedding numbers; conditional_norm: its batch norm has a scale and an offset of each class.
    minibatch_stddev: the size of groups whose standard deviation the discriminator sees before its last convolution
    (arXiv:1710.10196), or None. units: of a hidden dense layer between the discriminator's last feature map and its
    score, with which it judges an image as a whole, or None. discriminator_norm: whether it has batch norm but in its
    first layer, as the paper's; penalties on its gradients need False.
    """
    for name, value in (("width", width), ("base_channels", base_channels)):
        check_count(name, value)
    if units is not None:
        check_count("units", units)
    check_choice("discriminator_norm", discriminator_norm, [True, False])
    check_number("dropout", dropout, least=0, below=1)
    sizes = map_sizes(image_shape)
    norm = conditioning.normalization(label, conditional_norm)
    x = conditioning.beside_noise(noise, label, label_embedding)
    generated = _generated(image_shape, x, norm, sizes, width, base_channels, slope, output)
    body = _Body(width, slope, dropout, minibatch_stddev, units, discriminator_norm)
    features = body.features(images, len(sizes) - 1)
    return Networks(generated, features, value_range(output), projects=True, score=keras.layers.Dense(1, name="dense"))


def map_sizes(image_shape) -> list[tuple[int, int]]:
    """The (height, width) of the first feature map and of each upsampled one after it.

    A valid K × K convolution takes K − 1 pixels off; going backwards from the image S: the two 5×5
    convolutions need S + 8, which is upsampled from half of it (rounded up), made by a 3×3 convolution from
    two more, and so on.
    """
    sides = image_shape[:2]
    if not all(_SMALLEST <= side <= _LARGEST for side in sides):
        way_out = "set --image_size" if max(sides) > 1 else "for points use --model='mlp(output=\"linear\")'"
        raise UserError(f"dcgan makes images of {_SMALLEST} to {_LARGEST} pixels a side, not "
                        f"{sides[0]} × {sides[1]}: {way_out}")
    maps = [tuple(side + 8 for side in sides)]
    while len(maps) < 3 or max(maps[0]) > _LARGEST_BASE:
        maps.insert(0, tuple(-(-side // 2) + 2 for side in maps[0]))
    return maps


def _generated(image_shape, x, norm, sizes, width, base_channels, slope, output) -> keras.KerasTensor:
    height, across = sizes[0]
    x = keras.layers.Dense(height * across * base_channels, use_bias=False, name="dense")(x)
    x = norm(x, name="dense_norm")
    x = activation("leaky_relu", slope)(x)
    x = keras.layers.Reshape([height, across, base_channels])(x)
    doublings = len(sizes) - 1
    for index, target in enumerate(sizes[1:], 1):
        filters = min(_WIDEST, width * 2 ** (doublings - index + 1))
        x = keras.layers.Conv2D(filters, 3, use_bias=False, name=f"conv_{index}")(x)
        x = small = activation("leaky_relu", slope)(norm(x, name=f"conv_{index}_norm"))
        x = BilinearUpsampling(target, name=f"upsampling_{index}")(x)
    name = f"conv_{len(sizes)}"
    x = UpsampledConvolution(width, 5, use_bias=False, name=name)([small, x])
    x = activation("leaky_relu", slope)(norm(x, name=f"{name}_norm"))
    x = NarrowConvolution(image_shape[-1], 5, name="conv_out")(x)
    return full_precision("images", output)(x)


class _Body(NamedTuple):
    """The discriminator but for its score; what the fields are: see dcgan."""

    width: int
    slope: float
    dropout: float
    minibatch_stddev: int | None
    units: int | None
    norm: bool

    def features(self, x, convolutions: int) -> keras.KerasTensor:
        for index in range(1, convolutions + 1):
            if self.minibatch_stddev is not None and index == convolutions:
                x = MinibatchStddev(self.minibatch_stddev, name="minibatch_stddev")(x)
            filters = min(_WIDEST, self.width * 2**index)
            normed = self.norm and index > 1
            x = keras.layers.Conv2D(filters, 3 if index == 1 else 5, strides=2, padding="same", use_bias=not normed,
                                    name=f"conv_{index}")(x)
            x = self._activated(x, f"conv_{index}", normed)
            if self.dropout:
                x = Dropout(self.dropout, name=f"dropout_{index}")(x)
        x = keras.layers.Flatten()(x)
        if self.units is None:
            return x
        x = keras.layers.Dense(self.units, use_bias=not self.norm, name="dense_hidden")(x)
        return self._activated(x, "dense_hidden", self.norm)

    def _activated(self, x, name: str, normed: bool) -> keras.KerasTensor:
        x = BatchNormalization(name=f"{name}_norm")(x) if normed else x
        return activation("leaky_relu", self.slope)(x)
