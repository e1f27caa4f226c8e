"""Measures an exported generator: `python -m gan_zoo.evaluate --run_dir=runs/NAME`."""

import math
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError, nearest
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    from gan_zoo.evaluation.subjects import Candidate, RealImages

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
    with quiet():
        import tensorflow as tf

        from gan_zoo.evaluation import measuring, subjects

        records = measuring.read_records(request.run_dir) if request.run_dir else {}
        tf.config.list_logical_devices()  # looking for a GPU is loud
        metrics = measuring.build(request.metrics)
        candidate = (subjects.of_run(request.run_dir, request.seed, request.data_dir) if request.run_dir else
                     subjects.of_real_images(request.dataset, request.real, request.data_dir))
        real = subjects.RealImages(candidate, request.test_split, request.validation_split)
    print(_head(candidate, real))
    for call, results, record in measuring.measure(metrics, candidate, real, request.run_dir):
        print("\n".join(["", *table(call, results)]), flush=True)
        records[call] = record
        if request.run_dir:
            measuring.write_records(request.run_dir, records)
    if request.run_dir:
        print(f"\nkept in {os.path.join(request.run_dir, measuring.RESULTS)}")


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


def _known_metrics() -> str:
    with quiet():
        from gan_zoo.metrics import metrics
    return "\n".join(f"  {call}\n      {summary}" for call, summary in metrics.describe())


def _head(candidate: "Candidate", real: "RealImages") -> str:
    data = candidate.experiment.dataset
    text = f"{candidate.title}\n  scored: {data} {real.splits['test']}; set by: {data} {real.splits['validation']}"
    return text + (f"\n  remark: {real.remark}" if real.remark else "")


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
