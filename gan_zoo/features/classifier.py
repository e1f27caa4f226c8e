"""What a classifier of the real images looks at: the layer before its last, of a network that is trained once."""

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.data import Dataset
from gan_zoo.data.pixel_cache import default_cache_dir
from gan_zoo.data.stacked import channels, single
from gan_zoo.errors import UserError, check_count, one_line
from gan_zoo.features.base import Features, Parts, digest, features
from gan_zoo.features.classifier_network import RECIPE, Network, steps, trained
from gan_zoo.files import replacing

_MOST_TESTED = 10_000  # images
_FIRST_TIMED, _LAST_TIMED = 5, 25  # steps from which the whole time is guessed


@features.register("classifier")
@dataclass(frozen=True)
class Classifier:
    """64 features of a small network that tells the classes of the data apart; trained when first needed, then kept.

    seed: of its first weights and of the order of its images.
    """

    seed: int = 0

    def __post_init__(self):
        check_count("classifier: seed", self.seed, least=0)

    def fit(self, parts: Parts) -> Features:
        """Trains on all labelled images, or finds what was trained on them; UserError if there are no classes.

        The facts are its accuracy, from 0 to 1, and on what. Of stacked images it learns the grey ones that they are
        made of, and looks at one channel after the other.
        """
        data = parts("all")
        if single(data) is not None:
            return _of_channels(self.fit(lambda part: _learned(parts(part))), bool(data.class_names))
        network = Network(data.image_shape, _classes(data))
        path = kept_in(data, self.seed)
        weights, about = _read(path, network) or _made(path, network, data, parts("test"), self.seed)
        embed = network.embedding(weights)
        if about["tested"] != _fingerprint(parts("test")):  # the same classifier, other images to test it
            about |= _tested(network, weights, data, parts("test"))
        facts = {name: about[name] for name in ("accuracy", "accuracy_on")}
        name = f"classifier(seed={self.seed})" if self.seed else "classifier"
        return Features(name, embed, digest([weights]), facts,
                        lambda images: network.probabilities(weights, embed(images)))


def _learned(data: Dataset) -> Dataset:
    """What a classifier of these images is trained on."""
    return single(data) or data


def _of_channels(space: Features, classes: bool) -> Features:
    """Features of grey images, as those of the three channels one behind the other. classes: whether triples have some.

    A triple's probability is the product of those of its channels, in the order of stacked.StackedImages.labels.
    """
    def embed(images: np.ndarray) -> np.ndarray:
        return space.embed(channels(images)).reshape(len(images), -1)

    return replace(space, embed=embed, classify=_products(space.classify) if classes and space.classify else None)


def _products(classify: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities of triples, float32 [N, K³], by those of grey images."""
    def products(images: np.ndarray) -> np.ndarray:
        found = classify(channels(images)).reshape(len(images), 3, -1)
        return np.einsum("nr,ng,nb->nrgb", *np.moveaxis(found, 1, 0)).reshape(len(images), -1)

    return products


def kept_in(data: Dataset, seed: int = 0) -> Path:
    """The file of the classifier of these images, whether it is there or not."""
    data = _learned(data)
    key = repr((RECIPE, _fingerprint(data), data.class_names, seed))
    name = re.sub(r"[^\w.-]+", "-", data.name)
    short = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
    return default_cache_dir() / "classifiers" / f"{name}-{short}.npz"


def _classes(data: Dataset) -> int:
    """How many there are; UserError if that is too few to learn."""
    if not data.has_pixels:
        raise UserError(f"classifier: {data.name} has points, not images: take features='raw'")
    if data.labels is None:
        raise UserError(f"classifier: the images of {data.name} have no labels: take features='pca'")
    if len(np.unique(data.labels)) < 2:
        raise UserError(f"classifier: the images of {data.name} are of one class: take features='pca'")
    return max(len(data.class_names), int(np.max(data.labels)) + 1)


def _fingerprint(data: Dataset) -> str:
    """Tells other images, and other labels of them, from these."""
    labels = b"" if data.labels is None else np.ascontiguousarray(data.labels, np.int32).tobytes()
    return f"{data.fingerprint} {len(data.images)} {hashlib.blake2b(labels, digest_size=8).hexdigest()}"


def _made(path: Path, network: Network, data: Dataset, test: Dataset, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Trained now, and kept; what another process has kept meanwhile goes before it, so that all have one."""
    weights = trained(network, data.images, np.asarray(data.labels), seed, _notice(path, data))
    if not np.isfinite(weights).all():
        raise UserError(f"classifier: its training on {data.name} diverged: take another seed, or features='pca'")
    about = {"key": path.stem, "recipe": RECIPE, "identity": digest([weights]), "dataset": data.description,
             "seed": seed, "image_shape": network.image_shape, "class_names": data.class_names,
             **_tested(network, weights, data, test)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if found := _read(path, network):
            return found
        with replacing(path) as temporary:
            np.savez(temporary, weights=weights, about=json.dumps(about))
    except OSError as error:
        print(f"{path} can't be written ({error.strerror or error}): the classifier is not kept", file=sys.stderr)
    return weights, about


def _notice(path: Path, data: Dataset) -> Callable[[int], None]:
    """Says at the start of a training how long it will take, as far as its first steps tell."""
    began = 0.0

    def watch(step: int) -> None:
        nonlocal began
        if step == _FIRST_TIMED:
            began = time.monotonic()
        if step == _LAST_TIMED:
            seconds = (time.monotonic() - began) / (_LAST_TIMED - _FIRST_TIMED) * steps(len(data.images))
            duration = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
            print(f"training a classifier of {data.name} once, on {len(data.images):,} images, about {duration}, into "
                  f"{path}", file=sys.stderr, flush=True)

    return watch


def _read(path: Path, network: Network) -> tuple[np.ndarray, dict[str, Any]] | None:
    """(weights, what is known of them), or None if there is no such file; UserError if it is not what was written."""
    if not os.path.lexists(path):
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            weights, about = stored["weights"], json.loads(str(stored["about"]))
        whole = ((weights.shape, weights.dtype) == ((network.size,), np.float32)
                 and (about["key"], about["identity"]) == (path.stem, digest([weights]))
                 and {"accuracy", "accuracy_on", "tested"} <= set(about))
    except Exception as error:  # zip, NumPy, JSON and the disk have each their own
        raise UserError(f"{path} can't be read ({one_line(error, most=80)}): delete it, the classifier is trained "
                        "again then") from None
    if not whole:
        raise UserError(f"{path} does not hold what was written: delete it, the classifier is trained again then")
    return weights, about


def _tested(network: Network, weights: np.ndarray, data: Dataset, test: Dataset) -> dict[str, float | str]:
    """The share of test images that it classifies as they are labelled, and how far these are new to it."""
    fingerprint = _fingerprint(test)
    test = data if test.labels is None else test
    rows = np.arange(0, len(test.images), -(-len(test.images) // _MOST_TESTED))
    images = np.asarray(test.images[rows])
    found = network.probabilities(weights, network.embedding(weights)(images)).argmax(axis=1)
    return {"accuracy": float(np.mean(found == np.asarray(test.labels)[rows])), "accuracy_on": _new(images, data),
            "tested": fingerprint}


def _new(images: np.ndarray, data: Dataset) -> str:
    """In words, how many of the images are among those of the data."""
    known = {hash(image.tobytes()) for image in data.images}
    share = np.mean([hash(image.tobytes()) in known for image in images])
    if share < 0.01:
        return "test images"
    return "training images" if share > 0.99 else f"test images, {share:.0%} of them training images"
