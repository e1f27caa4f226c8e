"""Metrics of a candidate, one after the other, and the records of them in metrics.json."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import tensorflow as tf

from gan_zoo import metrics
from gan_zoo.data import ImageDataset
from gan_zoo.drawing import plots
from gan_zoo.errors import UserError
from gan_zoo.evaluation.subjects import Candidate, GivenImages, RealImages
from gan_zoo.files import write_text
from gan_zoo.metrics import Counts, Metric, Subject

RESULTS = "metrics.json"


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


def measure(wanted: Mapping[str, Metric], candidate: Candidate, real: RealImages | GivenImages,
            folder: str) -> Iterator[Measured]:
    """Measures as it is iterated over. folder: where pictures go; "" for nowhere."""
    for call, metric in wanted.items():
        looked_at: dict[str, ImageDataset] = {}

        def load(part: str, looked_at: dict[str, ImageDataset] = looked_at) -> ImageDataset:
            looked_at[part] = real.load(part)
            return looked_at[part]

        results = metric(Subject(candidate.generate, load, candidate.model, candidate.facts.get("seed", 0),
                                 candidate.labels))
        results = _drawn(results, folder)
        yield Measured(call, results, {
            "results": results, **candidate.facts,
            "data": {part: images.description for part, images in looked_at.items()}, "remark": real.remark,
            "date": datetime.now(UTC).isoformat(timespec="seconds"), "tensorflow": tf.__version__})


def _drawn(results: dict, folder: str) -> dict:
    """The results with Counts drawn into pictures, whose names take their place."""
    drawn = {}
    for key, value in results.items():
        if not isinstance(value, Counts):
            drawn[key] = value
        elif folder:
            drawn[key] = f"metrics_{key}.png"
            plots.confusion(*value, os.path.join(folder, drawn[key]))
    return drawn


def read_records(folder: str) -> dict:
    """What metrics.json in the folder of a run holds so far, by metric."""
    path = os.path.join(folder, RESULTS)
    if not os.path.lexists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            earlier = json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} can't be read ({error}): move it away") from None
    if not isinstance(earlier, dict):
        raise UserError(f"{path} holds no records by metric: move it away")
    return earlier


def write_records(folder: str, records: dict) -> None:
    """Keeps the records in metrics.json, which is replaced whole."""
    path = os.path.join(folder, RESULTS)
    try:
        write_text(path, json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}") from None
