"""Measures an exported generator: `python -m gan_zoo.evaluate --run_dir=runs/NAME`."""

import json
import math
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError, nearest
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    from gan_zoo.evaluation.subjects import Candidate, RealImages

_RESULTS = "metrics.json"
_MOST_DECIMALS = 4
_ERROR_OF = "_standard_error"  # a quantity of this ending is the ± of the one before it

_HELP = """python -m gan_zoo.evaluate --run_dir=runs/NAME [--flag=value …]
python -m gan_zoo.evaluate --dataset=mnist --real='train[:10000]' [--flag=value …]

Measures what the export of a run generates, prints a table and keeps it in runs/NAME/metrics.json. Or measures
real images as if they were generated, which shows what a metric says of perfect ones, and only prints.

  --run_dir=DIR          the run: its run.json says which data, its export/ generates
  --dataset=NAME         without a run: the data
  --real=SPLIT           without a run: the images of it that stand in for generated ones, in their order
  --metrics=parzen       one or a sum of the metrics below, as in 'parzen + kde(samples=4096)'
  --seed=0               which images are generated
  --test_split=SPLIT     real images to score (default: test; what was trained on, if there is no such split)
  --validation_split=SPLIT
                         real images by which a metric sets itself (default: train[-10000:], of fewer all)
  --data_dir=DIR         where the data lie, if not where run.json says
  --help                 this text

Metrics:
"""


class Request(NamedTuple):
    """What to measure, a run or a split of real images, and how; the flags of the same names.

    run_dir: "" for real images; dataset, real: "" for a run.
    """

    run_dir: str
    dataset: str
    real: str
    metrics: str
    seed: int
    test_split: str | None
    validation_split: str | None
    data_dir: str | None


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP + _known_metrics())
        return
    _check(request)
    records = _earlier(request)
    with quiet():
        import tensorflow as tf

        from gan_zoo.evaluation import subjects as candidates

        tf.config.list_logical_devices()  # looking for a GPU is loud
        metrics = _built(request.metrics)
        candidate = (candidates.of_run(request.run_dir, request.seed, request.data_dir) if request.run_dir else
                     candidates.of_real_images(request.dataset, request.real, request.data_dir))
        real = candidates.RealImages(candidate, request.test_split, request.validation_split)
    for name, record in _measured(metrics, candidate, real, request.run_dir):
        records[name] = record
        if request.run_dir:
            _write(request, records)
    if request.run_dir:
        print(f"\nkept in {os.path.join(request.run_dir, _RESULTS)}")


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    for name in ("run_dir", "dataset", "real", "test_split", "validation_split", "data_dir"):
        flags.DEFINE_string(name, None, "", flag_values=values)
    flags.DEFINE_string("metrics", "parzen", "", flag_values=values)
    startup.define_seed(values)
    if not startup.read(values, argv):
        return None
    given: dict[str, Any] = {name: values[name].value for name in Request._fields}
    given |= {name: given[name] or "" for name in ("run_dir", "dataset", "real")}
    return Request(**given | {"run_dir": os.path.expanduser(given["run_dir"]),
                              "data_dir": os.path.expanduser(given["data_dir"] or "") or None})


def _check(request: Request) -> None:
    if not request.metrics.strip():
        raise UserError("--metrics is empty: name one, as in --metrics=parzen")
    if request.run_dir and (request.dataset or request.real):
        raise UserError("--run_dir excludes --dataset and --real: a run knows its own data")
    if not request.run_dir and not (request.dataset and request.real):
        raise UserError("name a run, as in --run_dir=runs/NAME, or real images, as in --dataset=mnist "
                        "--real='train[:10000]'")
    if request.run_dir and not os.path.isdir(request.run_dir):
        folder, name = os.path.split(os.path.normpath(request.run_dir))
        raise UserError(f"--run_dir={request.run_dir}: there is no such folder; runs in {folder or '.'}: "
                        f"{nearest(name, _runs(folder or '.'))}")


def _runs(folder: str) -> list[str]:
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [name for name in names if os.path.isfile(os.path.join(folder, name, "run.json"))]


def _earlier(request: Request) -> dict:
    """The records that metrics.json holds so far."""
    path = os.path.join(request.run_dir, _RESULTS)
    if not request.run_dir or not os.path.lexists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            earlier = json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} can't be read ({error}): move it away") from None
    if not isinstance(earlier, dict):
        raise UserError(f"{path} holds no records by metric: move it away")
    return earlier


def _known_metrics() -> str:
    with quiet():
        from gan_zoo.metrics import metrics
    return "\n".join(f"  {call}\n      {summary}" for call, summary in metrics.describe())


def _built(spec: str) -> dict:
    from gan_zoo import metrics

    try:
        return metrics.build(spec)
    except UserError as error:
        raise UserError(f"--metrics: {error}") from None


def _measured(metrics: dict, candidate: "Candidate", real: "RealImages", folder: str) -> Iterator[tuple[str, dict]]:
    """Prints what is measured and each metric's results as they come; yields the metric's call and its record.

    folder: where pictures go; "" for nowhere.
    """
    import tensorflow as tf

    from gan_zoo.data import ImageDataset
    from gan_zoo.metrics import Subject

    data = candidate.experiment.dataset
    print(f"{candidate.title}\n  scored: {data} {real.splits['test']}; set by: {data} {real.splits['validation']}")
    if real.remark:
        print(f"  remark: {real.remark}")
    for name, metric in metrics.items():
        print(flush=True)
        looked_at: dict[str, ImageDataset] = {}

        def load(part: str, looked_at: dict[str, ImageDataset] = looked_at) -> ImageDataset:
            looked_at[part] = real.load(part)
            return looked_at[part]

        results = metric(Subject(candidate.generate, load, candidate.model, candidate.about,
                                 candidate.facts.get("seed", 0), candidate.labels))
        results = _drawn(results, folder)
        print("\n".join(table(name, results)))
        yield name, {"results": results, **candidate.facts,
                     "data": {part: found.description for part, found in looked_at.items()},
                     "remark": real.remark, "date": datetime.now(UTC).isoformat(timespec="seconds"),
                     "tensorflow": tf.__version__}


def _drawn(results: dict, folder: str) -> dict:
    """The results with Counts drawn into pictures, whose names take their place."""
    from gan_zoo.drawing import plots
    from gan_zoo.metrics import Counts

    drawn = {}
    for key, value in results.items():
        if not isinstance(value, Counts):
            drawn[key] = value
        elif folder:
            drawn[key] = f"metrics_{key}.png"
            plots.confusion(*value, os.path.join(folder, drawn[key]))
    return drawn


def table(name: str, results: dict) -> list[str]:
    """The lines for a metric's results: its call, then each quantity and its value, ± its standard error."""
    errors = {key for key in results if key.endswith(_ERROR_OF) and key.removesuffix(_ERROR_OF) in results}
    shown = {key: _shown(value, results.get(key + _ERROR_OF)) for key, value in results.items() if key not in errors}
    width = max(map(len, shown), default=0)
    return [name, *(f"  {key:<{width}}  {value}" for key, value in shown.items())]


def _shown(value, error: float | None) -> str:
    """With an error, whose first two digits are shown, the value gets as many decimals as that."""
    if error is not None:
        decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(error)))) if error > 0 else 1
        return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _write(request: Request, records: dict) -> None:
    from gan_zoo.files import replacing

    path = os.path.join(request.run_dir, _RESULTS)
    text = json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    try:
        with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}") from None
