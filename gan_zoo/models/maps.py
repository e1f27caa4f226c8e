"""The sizes of feature maps that are halved from an image's."""

from gan_zoo.errors import UserError

_SMALLEST, _LARGEST = 8, 64  # pixels a side


def check_sides(model: str, image_shape) -> None:
    """UserError, naming the model, unless images have 8 to 64 pixels a side."""
    height, width = image_shape[:2]
    if not all(_SMALLEST <= side <= _LARGEST for side in (height, width)):
        way_out = ("set --image_size" if max(height, width) > 1
                   else "for points use --model='mlp(output=\"linear\")'")
        raise UserError(f"{model} makes images of {_SMALLEST} to {_LARGEST} pixels a side, not {height} × {width}: "
                        f"{way_out}")


def halvings(image_shape, largest: int) -> list[tuple[int, int]]:
    """(height, width) of the image and of each map after it, halved (rounded up) until no side is above `largest`.

    At least once.
    """
    maps = [tuple(image_shape[:2])]
    while len(maps) == 1 or max(maps[-1]) > largest:
        maps.append(tuple((side + 1) // 2 for side in maps[-1]))
    return maps
