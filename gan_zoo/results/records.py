"""What a row gave, from the folders of its runs, as a JSON file of its own."""

import csv
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_zoo import processor
from gan_zoo.comparison.measured import check_alike
from gan_zoo.comparison.reading import RunRecord, read_run
from gan_zoo.errors import UserError
from gan_zoo.evaluation.records import DIFFERENCES, quantities
from gan_zoo.files import write_text
from gan_zoo.results.rows import Row


class Value(NamedTuple):
    """A number. error: its standard error, over seeds or, of one seed, of the metric; std: over seeds, None of one.

    floor: what real images get.
    """

    value: float
    error: float | None = None
    std: float | None = None
    floor: float | None = None


class Record(NamedTuple):
    """What a row gave. values: numbers by quantity, as METRIC.QUANTITY; texts likewise. seeds: those that it was run
    with. about: provenance of each metric, by its name, as metrics.json has it. made: when and with what; processor: of
    the command that gathered it.
    """

    flags: Sequence[str]
    seeds: Sequence[int]
    values: Mapping[str, Value]
    texts: Mapping[str, str]
    about: Mapping[str, Mapping[str, Any]]
    made: Mapping[str, Any]


def gather(row: Row, seeds: Sequence[int], folders: Sequence[Path]) -> Record:
    """The record of runs that have ended and were measured. UserError if their values can't be taken together."""
    from gan_zoo import metrics  # imported here: that it imports TensorFlow delays no help text

    runs = [read_run(folder, folder.name) for folder in folders]
    calls = list(metrics.build(row.metrics))  # and nothing that the folders hold beside
    for call in calls:
        check_alike(call, [(run, run.measured[call]["provenance"]) for run in runs])
    each = [_quantities(run, calls) for run in runs]
    names = dict.fromkeys(name for found in each for name in found)
    values = {name: _over_seeds([found[name] for found in each]) for name in names
              if all(isinstance(found.get(name), Value) for found in each)}
    said = {name: [found[name] for found in each if isinstance(found.get(name), str)] for name in names}
    texts = {name: ", ".join(dict.fromkeys(map(str, parts))) for name, parts in said.items() if parts}
    about = {_name(call): dict(runs[0].measured[call]["provenance"]) for call in calls}
    first = runs[0].record
    return Record(row.flags, list(seeds), values, texts, about,
                  {"processor": processor.described(), "device": first["device"], "versions": first["versions"],
                   "git_revision": first["git_revision"], "ended": first["ended"]})


def read(folder: Path, name: str) -> Record | None:
    """The record of a row in a folder, or None. UserError if it can't be read."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Record(**found | {"values": {key: Value(**value) for key, value in found["values"].items()}})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path} can't be read ({error}): move it away") from None


def write(folder: Path, name: str, record: Record) -> Path:
    """Writes the record of a row into a folder; where it is."""
    path = folder / f"{name}.json"
    values = {key: {part: number for part, number in value._asdict().items() if number is not None}
              for key, value in record.values.items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(record._asdict() | {"values": values}, indent=1, ensure_ascii=False) + "\n")
    return path


def difference(one: Value, other: Value) -> float | None:
    """one − other in standard errors of that; None if neither has one."""
    error = math.hypot(one.error or 0, other.error or 0)
    return (one.value - other.value) / error if error > 0 else None


def _quantities(run: RunRecord, calls: Sequence[str]) -> dict[str, Value | str]:
    """All that a run has: METRIC.QUANTITY, run.… of its course and epoch.… of its last epoch."""
    found: dict[str, Value | str] = {"run.minutes": Value(run.minutes or 0.0), "run.steps": Value(run.step),
                                     "run.verdict": run.verdict or "not checked"}
    for name in ("exported_step", "images_per_s"):
        if (known := run.record.get(name)) is not None:
            found[f"run.{name}"] = Value(known)
    found |= {f"epoch.{name}": Value(value) for name, value in _last_epoch(run.path).items()}
    for call in calls:
        measured = run.measured[call]
        for each in quantities(measured["results"], measured[DIFFERENCES]):
            name = f"{_name(call)}.{each.name}"
            found[name] = (Value(each.value, each.error, None, each.floor) if isinstance(each.value, (int, float))
                           else str(each.value))
    return found


def _last_epoch(folder: Path) -> dict[str, float]:
    """Means of the last whole epoch, {} if there is none."""
    if not (folder / "epochs.csv").exists():
        return {}
    with (folder / "epochs.csv").open() as file:
        return {name: float(value) for name, value in list(csv.DictReader(file))[-1].items()}


def _over_seeds(values: Sequence[Any]) -> Value:
    if len(values) == 1:
        return values[0]
    numbers = [each.value for each in values]
    std = statistics.stdev(numbers)
    return Value(statistics.fmean(numbers), std / math.sqrt(len(numbers)), std, values[0].floor)


def _name(call: str) -> str:
    return call.partition("(")[0]
