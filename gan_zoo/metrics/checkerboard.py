"""Checkerboards: patterns of a period of two pixels, which strided transposed convolutions leave behind.

Odena, Dumoulin and Olah 2016, Deconvolution and checkerboard artifacts (distill.pub/2016/deconv-checkerboard). A kernel
whose size its stride does not divide covers some pixels more often than their neighbours: 9, 6, 6 and 4 times in turn
if it is 5x5 with stride 2. Two traces of that: power at the highest frequency, and unlike means of even and odd pixels.
"""

from dataclasses import dataclass

import numpy as np

from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.features.base import in_parts
from gan_zoo.metrics.base import Result, Subject, enough, metrics
from gan_zoo.metrics.comparing import MOST_IMAGES, sides, there_are, with_floor

_NEIGHBOURS = 3  # frequencies below the highest one
_SMALLEST_SIDE = 8  # pixels
_FEWEST = 2
_LEAST_POWER = 1e-9  # of the whole power: what is less is rounding
_DECIBELS = 10 / np.log(10)  # a nat


def nyquist_powers(images: np.ndarray) -> np.ndarray:
    """The mean power of each image at the highest frequency, and at the three below it: float64 [N, 2].

    images: uint8 or float [N, H, W, C], sides of at least 8 pixels; the last row or column of an odd side is left out.
    The highest frequency, 1/2 a pixel, is on either axis; on the other axis frequencies are below 1/4.
    """
    height, width = (side - side % 2 for side in images.shape[1:3])
    if min(height, width) < _SMALLEST_SIDE:
        raise ValueError(f"images must have at least {_SMALLEST_SIDE} pixels a side, got {images.shape[1:3]}")
    return in_parts(_powers, size=max(1, 2**22 // (height * width)))(images[:, :height, :width])


def _powers(images: np.ndarray) -> np.ndarray:
    spectrum = (np.abs(np.fft.fft2(images.astype(np.float64), axes=(1, 2))) ** 2).mean(axis=-1)
    high, near = np.zeros(len(images)), np.zeros(len(images))
    for power in (spectrum, spectrum.transpose(0, 2, 1)):
        highest = power.shape[1] // 2
        slow = power[:, :, np.abs(np.fft.fftfreq(power.shape[2])) < 1 / 4]
        high += slow[:, highest].mean(axis=-1) / 2
        near += slow[:, highest - _NEIGHBOURS:highest].mean(axis=(1, 2)) / 2
    least = _LEAST_POWER * spectrum.mean(axis=(1, 2)) + np.finfo(np.float64).tiny
    return np.stack([high + least, near + least], axis=1)


def nyquist_excess(images: np.ndarray) -> tuple[float, float]:
    """(power at the highest frequency over that at the three below it, its standard error), both in decibels.

    images: as of nyquist_powers. Below 0 for most natural images, whose power falls with frequency.
    """
    powers = nyquist_powers(images)
    means = powers.mean(axis=0)
    spread = (powers / means) @ [1, -1]
    return float(_DECIBELS * np.log(means[0] / means[1])), float(_DECIBELS * spread.std() / np.sqrt(len(images)))


def phase_means(images: np.ndarray) -> np.ndarray:
    """The mean of pixels in even and odd rows (first axis) and columns (second), float64 [2, 2], in grey levels."""
    height, width = (side - side % 2 for side in images.shape[1:3])
    mean = images[:, :height, :width].mean(axis=(0, 3), dtype=np.float64)
    return mean.reshape(height // 2, 2, width // 2, 2).mean(axis=(0, 2))


def variation(values: np.ndarray) -> float:
    """Standard deviation over mean, 0 if all are 0: the coefficient of variation."""
    return float(values.std() / values.mean()) if values.any() else 0.0


@metrics.register("checkerboard")
@dataclass(frozen=True)
class Checkerboard:
    """Checkerboards of a period of two pixels: power at the highest frequency, in dB, and means of even and odd pixels.

    nyquist_db: power at frequency 1/2 over that of the three frequencies below it; checkerboard_db: how much more than
    that of test images. phase_variation: of the means of the four kinds of pixels (even or odd row and column), their
    standard deviation over their mean. No checkerboard: within 0.5 dB of real images, and phases within 0.01.
    """

    samples: int = 2000
    differences = ("nyquist_db", "checkerboard_db")

    def __post_init__(self):
        check_count("checkerboard: samples", self.samples, least=_FEWEST)
        check_number("checkerboard: samples", self.samples, most=MOST_IMAGES)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Images of at least 8 pixels a side, if there are enough."""
        return _large(subject) and there_are(subject, _FEWEST)

    def __call__(self, subject: Subject) -> Result:
        if not _large(subject):
            raise UserError(f"checkerboard: it takes images of at least {_SMALLEST_SIDE} pixels a side, here are "
                            f"{'x'.join(map(str, subject.test.image_shape))}: leave it out")
        reference, generated, stand_in = sides(subject, self.samples)
        enough("checkerboard", min(len(reference.images), len(generated)), _FEWEST)
        base = nyquist_excess(reference.images)
        values, floor = (_measured(images, base) for images in (generated, stand_in.images))
        phases = phase_means(generated).ravel()
        return {**with_floor(values, floor), "phase_means": " ".join(f"{mean:.2f}" for mean in phases),
                "samples": len(generated), "real_images": len(reference.images)}


def _large(subject: Subject) -> bool:
    return subject.test.has_pixels and min(subject.test.image_shape[:2]) >= _SMALLEST_SIDE


def _measured(images: np.ndarray, base: tuple[float, float]) -> dict[str, float]:
    """base: nyquist_excess of real images."""
    excess, error = nyquist_excess(images)
    return {"nyquist_db": excess, "nyquist_db_standard_error": error, "checkerboard_db": excess - base[0],
            "checkerboard_db_standard_error": float(np.hypot(error, base[1])),
            "phase_variation": variation(phase_means(images))}
