"""Stacked digits: three digits in the three channels of an image, of which there are 1,000 triples.

Stacked MNIST counts how many of these modes a generator has captured (Metz et al. 2016, arXiv:1611.02163; Srivastava et
al. 2017, arXiv:1705.07761): a classifier of single digits names that of each channel. 26,000 images are usual, 25,600
in the first paper; 1,000 triples and 0.06 nats are published for PacGAN (Lin et al. 2017, arXiv:1712.04086), 1,000 and
0.029 for R3GAN (Huang et al. 2024, arXiv:2501.05441). A perfect sampler of N images gets 999 / 2N nats on average,
0.0193 at 26,000.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from gan_zoo import features
from gan_zoo.data import Dataset, ImageDataset
from gan_zoo.data.stacked import channels, single
from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, Subject, enough, metrics
from gan_zoo.metrics.classes import UNSEEN, divergence_error, shares
from gan_zoo.metrics.classified import probability_space
from gan_zoo.metrics.comparing import MOST_IMAGES, facts, sides, with_floor

_DIGITS = tuple("0123456789")
_NAMES = tuple(map("".join, product(_DIGITS, repeat=3)))  # of the classes of stacked digits, "000" to "999"
_LEARNED, _REAL = 20_000, 5000  # images whose channels teach the classifier, and tell how often digits are
_FEWEST = 2


def triples(classes: np.ndarray, count: int = 10, class_shares: np.ndarray | None = None) -> tuple[int, float, float]:
    """(how many of the count³ triples there are, KL(theirs ‖ expected) in nats, its standard error).

    classes: of each channel of each image, integers [N, 3] below `count`. class_shares: how often each class is in a
    channel, [count], all above 0; the channels are independent of each other. None: all triples are as frequent.
    """
    expected = np.full(count, 1 / count) if class_shares is None else class_shares
    numbers, counts = np.unique(classes @ [count**2, count, 1], return_counts=True)
    digits = np.stack([numbers // count**2, numbers // count % count, numbers % count])
    p = shares(counts)
    logs = np.log(p) - np.log(expected)[digits].sum(axis=0)
    value = float(p @ logs)
    return len(counts), value, divergence_error((p @ logs**2 - value**2) / len(classes), count**3, 1 / len(classes))


@metrics.register("triples")
@dataclass(frozen=True)
class Triples:
    """Of stacked digits: how many of the 1,000 triples are generated, and how evenly (arXiv:1611.02163, 1705.07761).

    triples_captured: those that are there at all. triples_kl: KL(generated ‖ uniform) in nats, as published; it falls
    with samples, compare values of one number only. triples_kl_data: against triples of independent digits as frequent
    as in test images. features: a space whose classifier learns single channels.
    """

    features: str = "classifier"
    samples: int = 26_000

    def __post_init__(self):
        check_count("triples: samples", self.samples, least=_FEWEST)
        check_number("triples: samples", self.samples, most=MOST_IMAGES)
        features.build(self.features)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Stacked images that have classes, or any of three channels with the labels 000 to 999."""
        data = subject.load("all")
        if single(data) is not None:
            return bool(data.class_names)
        return (subject.test.has_pixels and subject.test.image_shape[-1] == 3
                and tuple(data.class_names) == _NAMES)

    def __call__(self, subject: Subject) -> Result:
        if not self.suits(subject):
            raise UserError(f"triples: it takes stacked digits, one in each of three channels, of classes 000 to 999, "
                            f"which {subject.test.name} has not: leave it out, or take --dataset='stacked(\"mnist\")'")
        space = self._space(subject)
        known = probability_space("triples", space)
        _, generated, stand_in = sides(subject, self.samples)
        enough("triples", len(generated), _FEWEST)
        real = subject.reference(_REAL).images
        classes = len(_grey(subject.load("all")).class_names)
        counts = np.bincount(_digits(subject, known, "reference", real).ravel(), minlength=classes)
        values, floor = (_measured(_digits(subject, known, what, images), shares(counts, UNSEEN))
                         for what, images in (("generated", generated), ("stand_in", stand_in.images)))
        return {**with_floor(values, floor), "triples": classes**3, "samples": len(generated),
                "real_images": len(real), **facts(space)}

    def _space(self, subject: Subject) -> Features:
        """That of single channels, kept beside those of whole images."""
        space = features.build(self.features)
        return subject.kept_space(f"{self.features} of channels",
                                  lambda load: space.fit(lambda part: _grey(load(part))))


def _grey(data: Dataset) -> ImageDataset:
    """What single channels show, with its classes."""
    made_of = single(data)
    return single_digits(data) if made_of is None else made_of


def single_digits(data: Dataset) -> ImageDataset:
    """The channels of stacked digits as images of their own, labelled 0 to 9: of 20,000 images at most, at random."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(data.images))[:_LEARNED])
    numbers = np.asarray(data.labels)[chosen]
    digits = np.stack([numbers // 100, numbers // 10 % 10, numbers % 10], axis=1)
    return ImageDataset(f"{data.name} channels", channels(np.asarray(data.images[chosen])),
                        digits.ravel().astype(np.int32), _DIGITS)


def _digits(subject: Subject, space: Features, what: str, images: np.ndarray) -> np.ndarray:
    """The likeliest digit of each channel, integers [N, 3]."""
    found = subject.embedded(space, f"channels of {what}", channels(images))
    return found.argmax(axis=1).reshape(len(images), -1)


def _measured(digits: np.ndarray, class_shares: np.ndarray) -> dict[str, float]:
    captured, divergence, error = triples(digits, len(class_shares))
    _, from_data, data_error = triples(digits, len(class_shares), class_shares)
    return {"triples_captured": float(captured), "triples_kl": divergence, "triples_kl_standard_error": error,
            "triples_kl_data": from_data, "triples_kl_data_standard_error": data_error}
