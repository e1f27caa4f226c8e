"""Images by the rows and columns that somebody asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gan_zoo.export.choosing import chosen, held
from gan_zoo.export.description import Classes, Description
from gan_zoo.export.interpolation import between
from gan_zoo.export.model import Model
from gan_zoo.game import LatentSample
from gan_zoo.labels import EACH

_STEPS = 10  # images in a row, if nobody says how many


@dataclass(frozen=True)
class Wanted:
    """What to draw.

    count: images, if no rows are wanted. interpolate: how many rows, each from one random point to another. label: a
    class's number or name, EACH: a row for each, or None: drawn. codes: values by name, as text. columns: of a row.
    """

    count: int = 64
    seed: int = 0
    interpolate: int | None = None
    columns: int | None = None
    label: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_rows(self) -> bool:
        """Whether rows are wanted, and not a number of images."""
        return bool(self.interpolate) or self.label == EACH

    @property
    def row(self) -> int:
        """How many images each row has, if they are drawn in rows."""
        return self.columns or _STEPS


def image_count(wanted: Wanted, classes: Classes | None) -> int:
    """How many images that makes."""
    if not wanted.in_rows:
        return wanted.count
    rows = wanted.interpolate or 1
    return rows * wanted.row * (len(classes.trained) if classes and wanted.label == EACH else 1)


def check(about: Description, wanted: Wanted) -> None:
    """Raises UserError if there is not the class or the codes that are wanted."""
    chosen(about, wanted.label, wanted.codes)


def latents(model: Model, wanted: Wanted) -> LatentSample:
    """What all images are decoded from, row by row; UserError for a class or codes that there are not."""
    about = model.description
    of = chosen(about, wanted.label, wanted.codes)
    count = wanted.row if wanted.in_rows else wanted.count
    drawn = model.draw(2 * wanted.interpolate if wanted.interpolate else count, wanted.seed)
    noise, labels = of.set_in(drawn.noise), of.classes(drawn.labels, len(drawn.noise))
    if wanted.interpolate:
        rows = between(noise[0::2], noise[1::2], wanted.row, about.spherical, held(about, of))
        labels = np.repeat(labels[0::2, np.newaxis], wanted.row, axis=1)
    else:
        rows, labels = noise[np.newaxis], labels[np.newaxis]
    if wanted.label == EACH and about.classes:
        rows, labels = _in_each_class(rows, about.classes)
    return LatentSample(rows.reshape(-1, about.latent_size).astype(np.float32),
                        labels.reshape(-1) if about.classes else None)


def _in_each_class(rows: np.ndarray, classes: Classes) -> tuple[np.ndarray, np.ndarray]:
    """Rows of noise [R, C, Z] → every row for each of the K classes that were trained on, in turn, [R K, C, Z]."""
    numbers = np.repeat(np.tile(classes.trained, len(rows))[:, np.newaxis], rows.shape[1], axis=1)
    return rows.repeat(len(classes.trained), axis=0), numbers.astype(np.int32)
