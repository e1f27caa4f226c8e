"""Images by the rows and columns that somebody asked for."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from gan_zoo.export.choosing import Chosen, chosen, held
from gan_zoo.export.description import Classes, Description
from gan_zoo.export.interpolation import between
from gan_zoo.export.model import Model
from gan_zoo.labels import EACH

_STEPS = 10  # images in a row, if nobody says how many


class Wanted(NamedTuple):
    """What to draw.

    count: images, if no rows are wanted. interpolate: how many rows, each from one random point to another. label: a
    class's number or name, EACH: a row for each, or None: drawn. codes: values by name, as text. columns: of a row.
    """

    count: int = 64
    seed: int = 0
    interpolate: int | None = None
    columns: int | None = None
    label: str | None = None
    codes: Mapping[str, str] = {}

    @property
    def row(self) -> int | None:
        """How many images each row has, or None if they are not drawn by rows."""
        return self.columns or _STEPS if self.interpolate or self.label == EACH else None


class Latents(NamedTuple):
    """noise: float32 [N, Z], row by row. labels: int32 [N], or None."""

    noise: np.ndarray
    labels: np.ndarray | None


def image_count(wanted: Wanted, classes: Classes | None) -> int:
    """How many images that makes."""
    if wanted.row is None:
        return wanted.count
    rows = wanted.interpolate or 1
    return rows * wanted.row * (len(classes.trained) if classes and wanted.label == EACH else 1)


def check(about: Description, wanted: Wanted) -> None:
    """Raises UserError if there is not the class or the codes that are wanted."""
    chosen(about, wanted.label, wanted.codes)


def latents(model: Model, wanted: Wanted) -> Latents:
    """What all images are decoded from; UserError if the model has not the class or the codes that are wanted."""
    about = model.description
    of = chosen(about, wanted.label, wanted.codes)
    drawn = 2 * wanted.interpolate if wanted.interpolate else wanted.row or wanted.count
    noise, labels = model.draw(drawn, wanted.seed)
    rows = of.set_in(noise)[np.newaxis]
    classes = None if labels is None else _classes(labels, of)[np.newaxis]
    if wanted.interpolate:
        rows = between(rows[0, 0::2], rows[0, 1::2], wanted.row, about.spherical, held(about, of))
        classes = None if classes is None else np.repeat(classes[0, 0::2, np.newaxis], wanted.row, axis=1)
    if wanted.label == EACH and about.classes:
        rows, classes = _in_each_class(rows, about.classes)
    return Latents(rows.reshape(-1, about.latent_size).astype(np.float32),
                   None if classes is None else classes.reshape(-1).astype(np.int32))


def _classes(drawn: np.ndarray, of: Chosen) -> np.ndarray:
    return drawn if of.label is None else np.full_like(drawn, of.label)


def _in_each_class(rows: np.ndarray, classes: Classes) -> tuple[np.ndarray, np.ndarray]:
    """Rows of noise [R, C, Z] → every row for each of the K classes that were trained on, in turn, [R K, C, Z]."""
    numbers = np.repeat(np.tile(classes.trained, len(rows))[:, np.newaxis], rows.shape[1], axis=1)
    return rows.repeat(len(classes.trained), axis=0), numbers
