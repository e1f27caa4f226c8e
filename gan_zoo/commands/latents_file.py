"""Noise from a file of the user's."""

import numpy as np

from gan_zoo.commands import startup
from gan_zoo.errors import UserError


def read(text: str | None) -> np.ndarray | None:
    """The array of the .npy file that --latents names, if it does; UserError if it is none, or can't be noise."""
    if text is None:
        return None
    path = startup.path("latents", text)
    from gan_zoo.export.sampling import check_latents

    flag = f"--latents={path}"
    if not path:
        raise UserError("--latents is empty: name a .npy file")
    try:
        given = np.load(path, allow_pickle=False)
    except OSError as error:
        raise UserError(f"{flag} can't be read: {error.strerror or error}") from None
    except Exception:  # whatever NumPy raises for other people's bytes
        raise UserError(f"{flag} is no .npy file: write it with numpy.save") from None
    if not isinstance(given, np.ndarray):
        raise UserError(f"{flag} is no .npy file but an archive of several: write one array with numpy.save")
    check_latents(given, name=flag)
    return given
