"""What codes have come to mean: against labels, against the image, and against each other.

The protocol for a categorical code (Chen et al. 2016, arXiv:1606.03657, section 7.2, made precise): the cluster of a
real image x is argmax_k Q(c = k|x); clusters are matched with classes one to one on training images so that most of
them agree (Hungarian method), and the accuracy of that matching is taken on test images.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.optimize
import scipy.special

from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.latents import Block
from gan_zoo.metrics.base import Counts, Generator, Subject, metrics
from gan_zoo.metrics.comparing import MOST_IMAGES

_DEAD = 0.1  # of a code's entropy, or of a continuous code's variance
_REDUNDANT = 0.9  # of the dependence on an earlier code


def matching(clusters: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class of every cluster, −1 for a cluster that is left over: the one-to-one matching that fits most often.

    clusters, labels: integers [N] from 0.
    """
    counts = contingency(clusters, labels)
    rows, columns = scipy.optimize.linear_sum_assignment(-counts)
    matched = np.full(len(counts), -1)
    matched[rows] = columns
    return matched


def contingency(clusters: np.ndarray, labels: np.ndarray, rows: int = 0, columns: int = 0) -> np.ndarray:
    """How often a cluster (row) meets a class (column): [K, L]. rows, columns: at least so many."""
    counts = np.zeros([max(rows, clusters.max(initial=-1) + 1), max(columns, labels.max(initial=-1) + 1)], int)
    np.add.at(counts, (clusters, labels), 1)
    return counts


def purity(counts: np.ndarray) -> float:
    """The accuracy of giving every cluster its most frequent class; counts: [clusters, classes]."""
    return float(counts.max(axis=1).sum() / counts.sum())


def normalized_mutual_information(counts: np.ndarray) -> float:
    """I(cluster; class) / mean of their entropies, in [0, 1]; 0 if both are constant."""
    joint = counts / counts.sum()
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    information = scipy.special.entr(rows).sum() + scipy.special.entr(columns).sum() - scipy.special.entr(joint).sum()
    mean = (scipy.special.entr(rows).sum() + scipy.special.entr(columns).sum()) / 2
    return float(information / mean) if mean > 0 else 0.0


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """|Pearson's r|; 0 if either is constant."""
    one, other = one - one.mean(), other - other.mean()
    scale = np.sqrt((one**2).sum() * (other**2).sum())
    return float(abs((one * other).sum() / scale)) if scale > 0 else 0.0


def slant(images: np.ndarray) -> np.ndarray:
    """The shear x per y of the ink of each image [N, H, W], from its central moments: −μ11 / μ02.

    Above 0 where the top leans right; 0 for an image without ink or of no height.
    """
    ink = images.astype(np.float64)
    mass = np.maximum(ink.sum(axis=(1, 2), keepdims=True), 1e-12)
    y, x = np.arange(ink.shape[1])[:, None], np.arange(ink.shape[2])[None]
    down = y - (ink * y).sum(axis=(1, 2), keepdims=True) / mass
    right = x - (ink * x).sum(axis=(1, 2), keepdims=True) / mass
    vertical = (ink * down**2).sum(axis=(1, 2))
    return np.where(vertical > 1e-9, -(ink * down * right).sum(axis=(1, 2)) / np.maximum(vertical, 1e-9), 0.0)


def thickness(images: np.ndarray) -> np.ndarray:
    """The stroke's width in pixels of each image [N, H, W]: four times the ink's mean depth, of a bar its width.

    Depth: the distance of a pixel brighter than half the brightest to the nearest other, less half a pixel.
    """
    widths = np.zeros(len(images))
    for index, image in enumerate(images):
        ink = np.pad(image > image.max(initial=0) / 2, 1)
        if ink.any():
            widths[index] = 4 * (scipy.ndimage.distance_transform_edt(ink)[ink] - 0.5).mean()
    return widths


@metrics.register("codes")
@dataclass(frozen=True)
class Codes:
    """What each code of an InfoGAN means: clusters against labels, correlations, and a verdict (arXiv:1606.03657).

    Of every code the bound on its information over `samples` generated images, in nats, and used, dead (it tells less
    than a tenth of its entropy, a continuous one of its variance) or redundant (on real images an earlier used code
    says the same). Of a categorical code against labels: accuracy, purity and normalised mutual information.
    Of a continuous one: |correlation| with what is recognized, with slant and with thickness.
    """

    samples: int = 5000
    train_images: int = 10_000
    test_images: int = 10_000

    def __post_init__(self):
        for name in ("samples", "train_images", "test_images"):
            check_count(f"codes: {name}", getattr(self, name), 2)
            check_number(f"codes: {name}", getattr(self, name), most=MOST_IMAGES)

    @staticmethod
    def suits(subject: Subject) -> bool:
        """Whether there are codes, of images."""
        return subject.test.has_pixels and subject.model is not None and bool(subject.model.description.codes)

    def __call__(self, subject: Subject) -> dict:
        model = subject.model
        codes = model.description.codes if model else ()
        if not model or not codes:
            raise UserError("codes: this export has none; it needs a run whose --latent has codes, as in "
                            "noise(62) + categorical(10) + uniform(2)")
        made = subject.generate(self.samples)
        noise = model.draw(self.samples, subject.seed).noise
        real = subject.drawn("test", self.test_images)
        generated, tested = model.recognize(made), model.recognize(real.images)
        ink = made.mean(axis=-1)
        shapes = {"slant": slant(ink), "thickness": thickness(ink)}
        results: dict[str, Any] = {}
        kept: list[Block] = []
        for code in codes:
            results |= (_discrete if code.discrete else _continuous)(code, generated, code.read(noise), shapes)
            if code.discrete:
                results |= self._against_labels(code.name, subject, model, tested)
            similar = max((_dependence(code, other, tested) for other in kept), default=0.0)
            verdict = "dead" if results[f"{code.name}_share"] < _DEAD else (
                "redundant" if similar > _REDUNDANT else "used")
            results[f"{code.name}_verdict"] = verdict
            kept += [code] if verdict == "used" else []
        return results | {"samples": len(made), "test_images": len(real.images)}

    def _against_labels(self, name: str, subject: Subject, model: Generator, tested: dict) -> dict:
        """Matched on training images, scored on test images; {} without labels."""
        if subject.train.labels is None or subject.test.labels is None:
            return {}
        known, labels = subject.drawn("train", self.train_images), subject.drawn("test", self.test_images).classes
        values = _values(name, tested)
        classes = matching(_values(name, model.recognize(known.images)), known.classes)
        guessed = np.append(classes, np.full(values.max() + 1, -1))[values]
        counts = contingency(values, labels)
        return {f"{name}_accuracy": float((guessed == labels).mean()), f"{name}_purity": purity(counts),
                f"{name}_nmi": normalized_mutual_information(counts),
                f"{name}_classes": _named(classes, subject.test.class_names),
                f"{name}_confusion": Counts(counts, "value of the code", "class", (), subject.test.class_names)}


def _named(classes: np.ndarray, names: tuple[str, ...]) -> str:
    """The classes of the values of a code, one after the other: their names, numbers without any, - for none."""
    return ", ".join("-" if each < 0 else names[each] if each < len(names) else str(each) for each in classes)


def _probabilities(name: str, recognized: dict) -> np.ndarray:
    """Q(c = k|x) of a discrete code, [N, K]."""
    if f"{name}_probabilities" in recognized:
        return recognized[f"{name}_probabilities"]
    one = recognized[f"{name}_probability"]
    return np.concatenate([1 - one, one], axis=1)


def _values(name: str, recognized: dict) -> np.ndarray:
    """argmax_k Q(c = k|x), [N]."""
    return _probabilities(name, recognized).argmax(axis=1)


def _discrete(code: Block, recognized: dict, drawn: np.ndarray, shapes: dict) -> dict:
    name = code.name
    chosen = np.maximum(_probabilities(name, recognized)[np.arange(len(drawn)), drawn.astype(int)], 1e-30)
    bound = code.entropy_nats + float(np.log(chosen).mean())
    return {f"{name}_information_nats": bound, f"{name}_entropy_nats": code.entropy_nats,
            f"{name}_share": bound / code.entropy_nats}


def _continuous(code: Block, recognized: dict, drawn: np.ndarray, shapes: dict) -> dict:
    """The share of a continuous code is that of its variance which E_Q[c|x] tells, R²."""
    name = code.name
    mean, stddev = recognized[f"{name}_mean"][:, 0], recognized[f"{name}_stddev"][:, 0]
    logs = -((drawn - mean) / stddev) ** 2 / 2 - np.log(stddev) - np.log(2 * np.pi) / 2
    return {f"{name}_information_nats": code.entropy_nats + float(logs.mean()),
            f"{name}_entropy_nats": code.entropy_nats,
            f"{name}_share": 1 - float(np.mean((drawn - mean) ** 2)) / np.float64(code.variance),
            f"{name}_correlation": correlation(drawn, mean),
            **{f"{name}_correlation_{shape}": correlation(drawn, values) for shape, values in shapes.items()}}


def _dependence(code: Block, other: Block, recognized: dict) -> float:
    """How much of one code's recognized value another's tells on the same images, in [0, 1]: the normalised mutual
    information of two discrete ones, |r| of two continuous ones, the correlation ratio of a mixed pair."""
    if code.discrete and other.discrete:
        return normalized_mutual_information(contingency(_values(code.name, recognized),
                                                         _values(other.name, recognized)))
    if not code.discrete and not other.discrete:
        return correlation(recognized[f"{code.name}_mean"][:, 0], recognized[f"{other.name}_mean"][:, 0])
    discrete, continuous = (code, other) if code.discrete else (other, code)
    groups = _values(discrete.name, recognized)
    means = recognized[f"{continuous.name}_mean"][:, 0]
    fitted = np.array([means[groups == group].mean() if (groups == group).any() else 0
                       for group in range(groups.max() + 1)])[groups]
    return correlation(means, fitted)
