"""How alike two images look, MS-SSIM, as a measure of how alike generated images are.

Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003, Multiscale structural similarity for image quality
assessment), as GANs are measured with it: means over pairs of a class (Odena, Olah and Shlens 2017, arXiv:1610.09585;
Fedus et al. 2018, arXiv:1710.08446), with the windows of the public code of Progressive GAN (arXiv:1710.10196), which
shrink to what is left of a small image. Its five scales reach down to 4 pixels for images of 64; smaller images get
fewer scales, and values of other sizes are not to be compared.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.features import Features
from gan_zoo.features import build as build_space
from gan_zoo.metrics.base import Result, Subject, enough, metrics
from gan_zoo.metrics.classified import class_names, has_classes, probability_space
from gan_zoo.metrics.comparing import MOST_IMAGES, facts, sides, there_are, with_floor

_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # of the scales, from the finest on
_WINDOW, _SIGMA = 11, 1.5  # pixels, of a Gaussian
_STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # C₁ and C₂ for pixels from 0 to 255
_COARSEST = 4  # pixels a side, to which images are halved at most
_BLOCK = 2**21  # pixels that are compared at a time
_FEWEST, _FEWEST_OF_A_CLASS = 4, 10  # images, and pairs of a class whose mean is told


def scales(height: int, width: int) -> list[tuple[int, int]]:
    """The sizes at which images are compared: at most five, each half of the one before, and at least 4 pixels."""
    sizes = [(height, width)]
    while len(sizes) < len(_WEIGHTS) and min(sizes[-1]) > 2 * (_COARSEST - 1):
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def ms_ssim(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """MS-SSIM of each pair of images, float64 [N], in [0, 1] and 1 for equal ones.

    one, other: [N, H, W, C], numbers from 0 to 255. The product over the scales of the mean contrast and structure, and
    at the coarsest of the mean SSIM, none below 0, to the powers of the scales. If there are fewer than five scales,
    the powers of the first ones are divided by their sum.
    """
    together = max(1, _BLOCK // max(1, one[0].size)) if len(one) else 1
    parts = [_compared(one[start:start + together], other[start:start + together])
             for start in range(0, len(one), together)]
    return np.concatenate([np.empty(0), *parts])


def _compared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one, other = (np.moveaxis(images, -1, 1).astype(np.float64) for images in (one, other))
    sizes = scales(*one.shape[2:])
    powers = _WEIGHTS[:len(sizes)] / _WEIGHTS[:len(sizes)].sum()
    product = np.ones(len(one))
    for index, power in enumerate(powers):
        similarity, structure = _similarity(one, other)
        last = index == len(powers) - 1
        product *= np.maximum(similarity if last else structure, 0) ** power
        one, other = _halved(one), _halved(other)
    return product


def _similarity(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean SSIM, mean of its factor for contrast and structure) of images [N, C, H, W]: [N], [N]."""
    size = min(_WINDOW, *one.shape[2:])
    down, across = (_windows(side, size) for side in one.shape[2:])
    mean, other_mean, square, other_square, cross = (
        down @ values @ across.T for values in (one, other, one * one, other * other, one * other))
    both, products = mean**2 + other_mean**2, mean * other_mean
    structure = (2 * (cross - products) + _STEADY[1]) / (square + other_square - both + _STEADY[1])
    luminance = (2 * products + _STEADY[0]) / (both + _STEADY[0])
    return (luminance * structure).mean(axis=(1, 2, 3)), structure.mean(axis=(1, 2, 3))


def _windows(side: int, size: int) -> np.ndarray:
    """The Gaussian weights of each place of a window on a side, float64 [side − size + 1, side]."""
    weights = np.exp(-((np.arange(size) - (size - 1) / 2) / (_SIGMA * size / _WINDOW)) ** 2 / 2)
    places = np.arange(side - size + 1)[:, np.newaxis]
    matrix = np.zeros([side - size + 1, side])
    matrix[places, places + np.arange(size)] = weights / weights.sum()
    return matrix


def _halved(images: np.ndarray) -> np.ndarray:
    """[N, C, H, W], each side halved and rounded up, by means of four; the edge of an odd side is taken twice."""
    height, width = images.shape[2:]
    even = np.pad(images, ((0, 0), (0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    return even.reshape(*images.shape[:2], -(-height // 2), 2, -(-width // 2), 2).mean(axis=(3, 5))


def pairs(classes: np.ndarray) -> np.ndarray:
    """Rows of images of one class, two by two, none of them twice, int64 [P, 2]; classes: integers [N]."""
    order = np.random.default_rng(0).permutation(len(classes))
    found = [np.empty([0, 2], np.int64)]
    for number in np.unique(classes):
        rows = order[classes[order] == number]
        found.append(rows[:len(rows) - len(rows) % 2].reshape(-1, 2))
    return np.concatenate(found)


@metrics.register("ms_ssim")
@dataclass(frozen=True)
class MsSsim:
    """How alike two images of a class are: mean MS-SSIM (arXiv:1610.09585), lower for more variety; compare with real.

    Over pairs of images of one class, as the classifier of a feature space sorts them, of any two without classes, no
    image in two pairs. ms_ssim_highest: of the class whose images are most alike, with its name. Above its floor there
    is less variety than in real images; below it there may be noise. The scales are told: they depend on the size.
    """

    features: str | None = None
    samples: int = 2000

    def __post_init__(self):
        check_count("ms_ssim: samples", self.samples, least=_FEWEST)
        check_number("ms_ssim: samples", self.samples, most=MOST_IMAGES)
        if self.features is not None:
            build_space(self.features)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """All images, if there are enough for two pairs of one class."""
        if not subject.test.has_pixels:
            return False
        classes = len(np.unique(np.asarray(subject.load("all").labels))) if has_classes(subject) else 0
        return there_are(subject, _FEWEST + classes)

    def __call__(self, subject: Subject) -> Result:
        _, generated, stand_in = sides(subject, self.samples)
        enough("ms_ssim", len(generated), _FEWEST)
        space = subject.space(self.features) if self.features or has_classes(subject) else None
        found, real = (_alike(images, _classes(subject, space, what, images), sorted_=space is not None)
                       for what, images in (("generated", generated), ("stand_in", stand_in.images)))
        sizes = ", ".join(f"{height}x{width}" for height, width in scales(*generated.shape[1:3]))
        results: Result = {**with_floor(found.values, real.values), "pairs": found.pairs,
                           "ms_ssim_scales": f"{sizes} pixels"}
        if found.highest is not None:
            results["ms_ssim_highest_name"] = class_names(subject, found.highest + 1)[found.highest]
        return {**results, "samples": len(generated), **(facts(space) if space else {})}


class _Alike(NamedTuple):
    """values: of a result. pairs: how many. highest: the class of the highest mean, None without classes."""

    values: dict[str, float]
    pairs: int
    highest: int | None


def _alike(images: np.ndarray, classes: np.ndarray, sorted_: bool) -> _Alike:
    """classes: integers [N]. sorted_: whether they are of a classifier, and not all 0 for want of one."""
    rows = pairs(classes)
    if len(rows) < 2:
        raise UserError(f"ms_ssim: of {len(images):,} images there are no two pairs of one class: take more samples")
    found, of = ms_ssim(images[rows[:, 0]], images[rows[:, 1]]), classes[rows[:, 0]]
    values = {"ms_ssim": float(found.mean()),
              "ms_ssim_standard_error": float(found.std(ddof=1) / np.sqrt(len(found)))}
    means = {int(number): float(found[of == number].mean()) for number in np.unique(of)
             if (of == number).sum() >= _FEWEST_OF_A_CLASS}
    if not sorted_ or not means:
        return _Alike(values, len(rows), None)
    highest = max(means, key=means.__getitem__)
    return _Alike(values | {"ms_ssim_highest": means[highest]}, len(rows), highest)


def _classes(subject: Subject, space: Features | None, what: str, images: np.ndarray) -> np.ndarray:
    """The likeliest class of each image, int64 [N]; 0 for all without a space."""
    if space is None:
        return np.zeros(len(images), np.int64)
    return subject.embedded(probability_space("ms_ssim", space), what, images).argmax(axis=1)
