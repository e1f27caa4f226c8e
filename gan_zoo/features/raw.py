"""The pixels themselves, or the coordinates of points."""

from dataclasses import dataclass

import numpy as np

from gan_zoo.features.base import Features, Parts, features, in_parts


@features.register("raw")
@dataclass(frozen=True)
class Raw:
    """All pixels of an image, in [0, 1]; of a point its coordinates. Nothing is learned."""

    def fit(self, parts: Parts) -> Features:
        """Looks at no image."""
        return Features("raw", in_parts(flat))


def flat(images: np.ndarray) -> np.ndarray:
    """[N, H, W, C] → float32 [N, D]: bytes in [0, 1], floats as they are."""
    rows = images.reshape(len(images), -1)
    return rows.astype(np.float32) / 255 if images.dtype == np.uint8 else rows.astype(np.float32)
