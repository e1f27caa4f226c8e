"""Metrics of a candidate, one after the other, with the records of them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo import metrics
from gan_zoo.data import Dataset
from gan_zoo.drawing import plots
from gan_zoo.drawing.images import grid, write_png
from gan_zoo.drawing.lettering import titled
from gan_zoo.errors import UserError
from gan_zoo.evaluation.candidates import Candidate
from gan_zoo.evaluation.parts import Real
from gan_zoo.evaluation.records import DIFFERENCES, STD
from gan_zoo.features import Features
from gan_zoo.metrics import Counts, Metric, Subject, Tiles


class Measured(NamedTuple):
    """call: of the metric, as text. results: of it, pictures by their names. record: for metrics.json."""

    call: str
    results: dict
    record: dict


def build(spec: str) -> dict[str, Metric]:
    """The metrics of --metrics, by the text of their calls."""
    try:
        return metrics.build(spec)
    except UserError as error:
        raise UserError(f"--metrics: {error}") from None


class Measurement:
    """A candidate, the real images to hold it against, and the seeds of what is generated.

    folder: where pictures go; "" for nowhere.
    """

    def __init__(self, candidate: Candidate, real: Real, seeds: tuple[int, ...] = (0,), folder: str = ""):
        self.candidate, self.real, self.seeds, self.folder = candidate, real, seeds, folder
        self._looked_at: dict[str, Dataset] = {}
        spaces: dict[str, Features] = {}  # a space that was fitted serves all seeds
        self._subjects = [self._subject(seed, spaces) for seed in seeds]

    def _subject(self, seed: int, spaces: dict[str, Features]) -> Subject:
        drawn = self.candidate.drawn(seed)
        return Subject(drawn.generate, self._load, self.candidate.model, seed, drawn.labels, self.real.held_out,
                       spaces, drawn.class_names)

    def _load(self, part: str) -> Dataset:
        self._looked_at[part] = self.real.load(part)
        return self._looked_at[part]

    def fitting(self) -> dict[str, Metric]:
        """The metrics that these data and this generator can serve, as each says of itself (`suits`)."""
        return metrics.fitting(self._subjects[0])

    def measure(self, wanted: Mapping[str, Metric], begin: Callable[[str], None] = lambda call: None,
                ) -> Iterator[Measured]:
        """Measures as it is iterated over. begin: told of each metric before it starts."""
        for call, metric in wanted.items():
            begin(call)
            self._looked_at = {}
            _check_points(call, metric, self.real)
            found = [metric(subject) for subject in self._subjects]
            results = _drawn(call, _over_seeds(found), self.folder)
            yield Measured(call, results, {"results": results, DIFFERENCES: list(getattr(metric, DIFFERENCES, ())),
                                           "provenance": self._provenance(results),
                                           "date": datetime.now(UTC).isoformat(timespec="seconds"),
                                           "tensorflow": tf.__version__})

    def _provenance(self, results: dict) -> dict[str, Any]:
        """All that a value depends on beside the metric's call."""
        about = {"dataset": self.candidate.experiment.dataset,
                 "splits": {part: self.real.splits[part] for part in self._looked_at},
                 "data": {part: images.description for part, images in self._looked_at.items()},
                 "fingerprints": {part: images.fingerprint for part, images in self._looked_at.items()},
                 "remark": self.real.remark if "test" in self._looked_at else None, "seeds": list(self.seeds),
                 "pixel_range": [0, 255] if all(images.has_pixels for images in self._looked_at.values()) else None}
        about |= {key: results[key] for key in ("samples", "real_images", "features") if key in results}
        return about | self.candidate.facts


def _check_points(call: str, metric: Metric, real: Real) -> None:
    if not real.has_pixels and not getattr(metric, "takes_points", False):
        raise UserError(f"--metrics={call} is of images, but the data are points: leave --metrics out for all that fit")


def _over_seeds(found: list[dict]) -> dict:
    """The means of numbers over the seeds with their standard deviations; texts one after the other if they differ.

    Counts that differ by the seed are numbers too, such as captured classes; a number that not every seed has is left
    out, and a text that some have is kept. Whatever else is the first seed's, and so are the facts of a feature space,
    which serves all of them.
    """
    if len(found) == 1:
        return found[0]
    together: dict[str, Any] = {}
    for key in dict.fromkeys(key for results in found for key in results):
        values = [results[key] for results in found if results.get(key) is not None]
        if key.startswith("features_") or not all(isinstance(value, (float, str)) for value in values):
            together[key] = values[0] if values else None
        elif isinstance(values[0], str):
            together[key] = ", ".join(dict.fromkeys(values))
        elif len(values) == len(found):
            together |= {key: float(np.mean(values)), f"{key}{STD}": float(np.std(values, ddof=1))}
    return together


def _drawn(call: str, results: dict, folder: str) -> dict:
    """The results with pictures drawn, whose names take their place: other calls of a metric have others."""
    drawn, _, arguments = {}, *call.partition("(")[1:]
    which = f"_{hashlib.blake2b(arguments.encode(), digest_size=3).hexdigest()}" if arguments else ""
    for key, value in results.items():
        if not isinstance(value, (Counts, Tiles)):
            drawn[key] = value
        elif folder:
            drawn[key] = f"metrics_{key}{which}.png"
            path = os.path.join(folder, drawn[key])
            try:
                _draw(value, path)
            except OSError as error:
                raise UserError(f"{path} can't be written: {error.strerror or error}") from None
    return drawn


def _draw(value: Counts | Tiles, path: str) -> None:
    if isinstance(value, Counts):
        plots.confusion(value.counts, value.rows, value.columns, path, value.row_names, value.column_names)
    else:
        rows, columns = value.images.shape[:2]
        picture = grid(value.images.reshape(rows * columns, *value.images.shape[2:]), columns)
        write_png(path, titled(picture, value.title))
