"""R3GAN at small sizes (Huang et al. 2024, arXiv:2501.05441): ResNeXt blocks and no normalization."""

import keras

from gan_zoo.errors import check_count, check_number
from gan_zoo.layers import BilinearUpsampling, GroupedConvolution, LearnedBasis
from gan_zoo.layers.resnext import pointwise, resnext_block, scaled
from gan_zoo.models import conditioning
from gan_zoo.models.base import Networks, full_precision, models, value_range
from gan_zoo.models.maps import check_sides, halvings

_LARGEST_FIRST = 7  # pixels a side of the smallest map, at most: 4 for 32 pixels, 7 for 28


@models.register("r3gan")
def r3gan(image_shape, noise, images, label, width=32, widest=128, blocks=1, group_width=16, output="tanh",
          label_embedding=None, branch_gain=0.0) -> Networks:
    """R3GAN's networks at small sizes: no normalization, ResNeXt blocks, two alike of opposite direction.

    width: channels at the image's size, doubled with every halving, at most widest. blocks: residual blocks at each
    size. group_width: channels of a group in the 3×3 convolutions, which see twice the width. output: "tanh", "sigmoid"
    or "linear" (the paper's). label_embedding: of a conditional generator, numbers a class beside the noise; None: the
    label is one-hot. branch_gain: of a residual branch's last kernel at the start, where 0 makes blocks the identity;
    not 0 with --spectral_norm.

    At 28 × 28: G is noise → FC 128 → a learned map 7·7·128 → blocks, 1×1 conv 64, ×2 (14) → blocks, 1×1 conv 32, ×2
    (28) → blocks → 1×1 conv. D is the reverse: 1×1 conv 32 → blocks, ÷2 (14), 1×1 conv 64 → … → blocks → 7×7 depthwise
    conv → score. Sides of 8 to 64 are halved, rounding up, until they are at most 7; resampling is bilinear. The
    paper's 32 × 32 networks have width = widest = 768, 2 blocks at 4, 8, 16 and 32 pixels, and groups of 16. With
    classes the discriminator projects its features (arXiv:1802.05637).
    """
    for name, value in (("width", width), ("widest", widest), ("blocks", blocks), ("group_width", group_width)):
        check_count(name, value)
    check_number("branch_gain", branch_gain, least=0)
    check_sides("r3gan", image_shape)
    maps = halvings(image_shape, _LARGEST_FIRST)
    stages = _Stages([(size, min(widest, width * 2**index)) for index, size in enumerate(maps)], blocks, group_width,
                     branch_gain)
    x = conditioning.beside_noise(noise, label, label_embedding)
    score = keras.layers.Dense(1, use_bias=False, kernel_initializer=scaled(1), name="dense")
    return Networks(stages.generated(x, image_shape[-1], output), stages.features(images), value_range(output),
                    projects=True, score=score)


class _Stages:
    """Both networks, from the (size, channels) of each stage, the largest first."""

    def __init__(self, stages, blocks: int, group_width: int, branch_gain: float):
        self._stages, self._blocks = stages, blocks
        self._group_width, self._branch_gain = group_width, branch_gain

    def _resnext(self, x, size: tuple[int, int]) -> keras.KerasTensor:
        """The blocks of a stage, named after its height."""
        for index in range(1, self._blocks + 1):
            x = resnext_block(x, self._group_width, self._blocks * len(self._stages), f"block_{size[0]}_{index}",
                              self._branch_gain)
        return x

    def generated(self, x, channels: int, output: str) -> keras.KerasTensor:
        (first, filters), *following = reversed(self._stages)
        x = keras.layers.Dense(filters, use_bias=False, kernel_initializer=scaled(1), name="dense")(x)
        x = self._resnext(LearnedBasis(first, name="basis")(x), first)
        for size, filters in following:
            if x.shape[-1] != filters:
                x = pointwise(filters, f"narrowing_{size[0]}")(x)
            x = self._resnext(BilinearUpsampling(size, name=f"upsampling_{size[0]}")(x), size)
        return full_precision("images", output)(pointwise(channels, "conv_out")(x))

    def features(self, images) -> keras.KerasTensor:
        (size, filters), *following = self._stages
        x = self._resnext(pointwise(filters, "conv_in")(images), size)
        for size, filters in following:
            # Of even sides the mean of 2 × 2 is bilinear interpolation at half the size.
            x = keras.layers.AveragePooling2D(2, padding="same", name=f"pooling_{size[0]}")(x)
            if x.shape[-1] != filters:
                x = pointwise(filters, f"widening_{size[0]}")(x)
            x = self._resnext(x, size)
        x = GroupedConvolution(filters, x.shape[1:3], groups=filters, use_bias=False, kernel_initializer=scaled(1),
                               name="basis")(x)
        return keras.layers.Flatten()(x)
