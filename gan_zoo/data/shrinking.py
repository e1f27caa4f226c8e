"""Small versions of images, of which statistics are cheap."""

import numpy as np

_LARGEST_SIDE = 16  # pixels


def shrunk(images: np.ndarray) -> np.ndarray:
    """[N, H, W, C] with each side averaged down to at most 16, as float32 in [0, 1] (points as they are)."""
    levels = np.float32(255) if images.dtype == np.uint8 else np.float32(1)
    count, height, width, channels = images.shape
    down, across = (-(-side // _LARGEST_SIDE) for side in (height, width))
    fit = images[:, :height - height % down, :width - width % across].astype(np.float32) / levels
    return fit.reshape(count, height // down, down, width // across, across, channels).mean(axis=(2, 4))
