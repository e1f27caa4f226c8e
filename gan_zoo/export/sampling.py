"""Images by the rows and columns that somebody asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gan_zoo.errors import UserError
from gan_zoo.export.choosing import chosen, held
from gan_zoo.export.description import Classes, Description
from gan_zoo.export.interpolation import between
from gan_zoo.export.model import Model
from gan_zoo.export.truncation import truncated
from gan_zoo.game import LatentSample
from gan_zoo.labels import EACH

_STEPS = 10  # images in a row, if nobody says how many


@dataclass(frozen=True)
class Wanted:
    """What to draw.

    count: images, if no rows are wanted. interpolate: how many rows, each from one random point to another. label: a
    class's number or name, EACH: a row for each, or None: drawn. codes: values by name, as text. columns: of a row.
    truncation: the threshold of gan_zoo.export.truncation, or None. latents: noise [N, Z], floats, in place of what the
    seed gives, N images (with EACH in a row), or None; check_latents looks at it.
    """

    count: int = 64
    seed: int = 0
    interpolate: int | None = None
    columns: int | None = None
    label: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    truncation: float | None = None
    latents: np.ndarray | None = None

    @property
    def in_rows(self) -> bool:
        """Whether rows are wanted, and not a number of images."""
        return bool(self.interpolate) or self.label == EACH

    @property
    def row(self) -> int:
        """How many images each row has, if they are drawn in rows."""
        return len(self.latents) if self.latents is not None else self.columns or _STEPS


def image_count(wanted: Wanted, classes: Classes | None) -> int:
    """How many images that makes."""
    if not wanted.in_rows:
        return wanted.count if wanted.latents is None else len(wanted.latents)
    rows = wanted.interpolate or 1
    return rows * wanted.row * (len(classes.trained) if classes and wanted.label == EACH else 1)


def check(about: Description, wanted: Wanted) -> None:
    """Raises UserError if there is not the class or the codes that are wanted, or if latents are given for another."""
    chosen(about, wanted.label, wanted.codes)
    if wanted.latents is not None:
        check_latents(wanted.latents, about.latent_size)


def check_latents(given: np.ndarray, size: int | None = None, name: str = "--latents") -> None:
    """Raises UserError for what is no [N, size] of floats, N at least 1, all finite. size: if it is known already."""
    if given.dtype.kind != "f":
        raise UserError(f"{name} must be floats, got {given.dtype}: convert it with .astype(numpy.float32)")
    if given.ndim != 2 or not len(given) or size not in (None, given.shape[1]):
        raise UserError(f"{name} must have the shape [N, {'Z' if size is None else size}], N rows of noise, got "
                        f"{list(given.shape)}")
    with np.errstate(over="ignore"):
        finite = np.isfinite(given.astype(np.float32)).all(axis=1)
    if not finite.all():
        raise UserError(f"{name} must be finite in float32: row {int(np.argmin(finite))} is not")


def latents(model: Model, wanted: Wanted) -> LatentSample:
    """What all images are decoded from, row by row; UserError for a class or codes that there are not."""
    about = model.description
    of = chosen(about, wanted.label, wanted.codes)
    count = wanted.row if wanted.in_rows else wanted.count
    drawn = _drawn(model, wanted, 2 * wanted.interpolate if wanted.interpolate else count)
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


def _drawn(model: Model, wanted: Wanted, count: int) -> LatentSample:
    """What the seed gives of that many, with given latents in the noise's place, or truncated."""
    about, given = model.description, wanted.latents
    if given is None:
        drawn = model.draw(count, wanted.seed)
    elif about.classes:
        drawn = model.draw(len(given), wanted.seed)._replace(noise=given)
    else:
        drawn = LatentSample(given)
    return drawn if wanted.truncation is None else drawn._replace(
        noise=truncated(drawn.noise, about, wanted.truncation))


def _in_each_class(rows: np.ndarray, classes: Classes) -> tuple[np.ndarray, np.ndarray]:
    """Rows of noise [R, C, Z] → every row for each of the K classes that were trained on, in turn, [R K, C, Z]."""
    numbers = np.repeat(np.tile(classes.trained, len(rows))[:, np.newaxis], rows.shape[1], axis=1)
    return rows.repeat(len(classes.trained), axis=0), numbers.astype(np.int32)
