"""An interpolation as a video."""

import os
from typing import TYPE_CHECKING

from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.export.model import Model
    from gan_zoo.game import LatentSample

TILES, STEPS = 16, 48  # images side by side, and pictures from one end to the other, if nobody says
_MOST_STEPS, _SIDE = 600, 512  # pictures, and pixels


def check(out: str, columns: int | None) -> None:
    """Raises UserError for a name that can be no video's, for too many steps, or a package that is missing."""
    flag, path = f"--video={out}", os.path.abspath(out)
    if not out.lower().endswith((".gif", ".mp4")):
        raise UserError(f"{flag}: name a .gif or an .mp4 file")
    if os.path.isdir(path):
        raise UserError(f"{flag} is a folder: name a file")
    if not os.path.isdir(os.path.dirname(path)):
        raise UserError(f"{flag}: there is no folder {os.path.dirname(path)}; create it first")
    if columns and columns > _MOST_STEPS:
        raise UserError(f"--columns={columns}: a video has at most {_MOST_STEPS} steps")
    from gan_zoo.drawing import animations

    if out.lower().endswith(".mp4") and not animations.can_write_mp4():
        raise UserError(f"{flag} needs a package more: pip install {animations.VIDEO_PACKAGE}, or name a .gif file")


def write(out: str, model: "Model", latent: "LatentSample", steps: int, names: list[str]) -> str:
    """Writes what lies along the way of all rows, `steps` of each, and back. names: of the rows' classes, or []."""
    from gan_zoo.drawing import animations
    from gan_zoo.drawing.class_grids import class_grid
    from gan_zoo.drawing.images import grid

    images = model.decode(latent)
    ways = images.reshape(-1, steps, *images.shape[1:])
    pictures = [class_grid(ways[:, step], names) if names else grid(ways[:, step], largest=_SIDE)
                for step in range(steps)]
    animations.video([*pictures, *pictures[-2:0:-1]], out)
    return f"{len(ways)} interpolations in {steps} steps: {out}"
