"""scikit-learn's handwritten digits, which need no download."""

import numpy as np
from PIL import Image

from gan_zoo.data.source import BATCH, DataRequest, Source, check_no_keys, datasets
from gan_zoo.data.splits import positions

_DEFAULT_SIZE = 28
_INK_LEVELS = 16  # the values are counts of dark pixels in 4x4 blocks, 0 … 16


@datasets.register("digits")
def digits(request: DataRequest) -> Source:
    """1,797 handwritten 8x8 digits that ship with scikit-learn, enlarged to 28x28: no download."""
    from sklearn.datasets import load_digits

    check_no_keys(request)
    data = load_digits()
    splits = {"train": len(data.images)}
    chosen = positions(request.split, splits)
    size, channels = request.image_size or _DEFAULT_SIZE, request.channels or 1

    def batches():
        for start in range(0, len(chosen), BATCH):
            rows = chosen[start:start + BATCH]
            images = np.stack([_enlarged(data.images[row], size) for row in rows])
            yield np.repeat(images[..., np.newaxis], channels, axis=-1), data.target[rows]

    names = tuple(str(name) for name in data.target_names)
    return Source("digits", ("digits", chosen.tolist()), len(chosen), (size, size, channels), names, batches,
                  splits)


def _enlarged(ink: np.ndarray, size: int) -> np.ndarray:
    """Ink [8, 8] in 0 … 16 to uint8 [size, size], bilinearly."""
    grey = Image.fromarray((ink * (255 / _INK_LEVELS)).astype(np.float32))
    enlarged = np.asarray(grey.resize((size, size), Image.Resampling.BILINEAR))
    return np.clip(np.rint(enlarged), 0, 255).astype(np.uint8)
