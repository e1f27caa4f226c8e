"""Measures what a generator makes: `python -m gan_zoo.evaluate --run_dir=runs/NAME`."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from absl import flags

from gan_zoo.commands import keywords, loading, startup
from gan_zoo.commands.tables import table
from gan_zoo.errors import MOST, UserError, nearest
from gan_zoo.evaluation.records import DIFFERENCES, RESULTS, keep, read_records
from gan_zoo.experiment import Experiment
from gan_zoo.files import check_writable
from gan_zoo.quiet import quiet
from gan_zoo.registry import summaries_in

if TYPE_CHECKING:
    from gan_zoo.evaluation.candidates import Candidate
    from gan_zoo.evaluation.parts import Real

_HELP = """python -m gan_zoo.evaluate --run_dir=runs/NAME [--flag=value …]
python -m gan_zoo.evaluate --saved_model=runs/NAME/export [--flag=value …]
python -m gan_zoo.evaluate --generated=FOLDER --dataset=mnist [--flag=value …]
python -m gan_zoo.evaluate --dataset=mnist --real='train[:10000]' [--flag=value …]

Measures what a run generates, finished or not, or an export, or anyone's images in a folder, and prints a table: each
value, its floor (what real images get in place of generated ones) and their ratio. Or measures real images as if they
were generated.

  --run_dir=DIR          the run: its run.json says which data; its export, or if it goes on its newest checkpoint,
                         generates
  --checkpoint=STEP      another state of the run: step_00000500, or best, that of the best check while it trained
  --saved_model=DIR      an export, which remembers its data. Load only exports that you trust: a SavedModel's graph
                         may write files
  --generated=DIR        a folder of pictures, of the size of the data's
  --dataset=NAME         the data, for a folder or for real images; for others, in place of their own
  --image_size=N --channels=N --fit=crop|pad|stretch --image_key=KEY --label_key=KEY
                         of these data, as in gan-zoo train; default: their own
  --real=SPLIT           the images of the data that stand in for generated ones; of points, --real=train draws others
  --metrics=SUM          one or a sum of the metrics below, as in 'frechet + kde(samples=4096)'; default: all that
                         fit the data
  --seed=0               which images are generated, and which real ones are drawn where not all are taken
  --seeds=1              measure with so many seeds from --seed on: mean ± standard deviation
  --test_split=SPLIT     real images to score (default: test; what was trained on, if there is no such split)
  --validation_split=SPLIT
                         real images by which a metric sets itself (default: train[-10000:], of fewer all)
  --data_dir=DIR         where the data lie, if not where the run says
  --out=DIR              where metrics.json and pictures go (default: the run's folder; without a run nowhere)
  --help                 this text

Metrics (gan-zoo list shows their arguments):
"""
_TEXTS = ("run_dir", "checkpoint", "saved_model", "generated", "dataset", "real", "metrics", "test_split",
          "validation_split", "data_dir", "out", "fit", "image_key", "label_key")
_OF_DATA = ("data_dir", "image_size", "channels", "fit", "image_key", "label_key")
_SUBJECTS = ("run_dir", "saved_model", "generated", "real")
_MISSING = ("name a run, as in --run_dir=runs/NAME, an export with --saved_model, a folder of images with --generated "
            "and --dataset, or real images, as in --dataset=mnist --real='train[:10000]'")


class Request(NamedTuple):
    """What to measure, and how; the flags of the same names, "" where a text is not given."""

    run_dir: str
    checkpoint: str
    saved_model: str
    generated: str
    dataset: str
    real: str
    metrics: str | None
    seeds: tuple[int, ...]
    test_split: str
    validation_split: str
    data_dir: str
    image_size: int | None
    channels: int | None
    fit: str
    image_key: str
    label_key: str
    out: str


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP + _known_metrics())
        return
    _check(request)
    with quiet():
        import tensorflow as tf

        from gan_zoo.evaluation import measuring

        folder = request.out or request.run_dir
        if folder:
            read_records(folder)  # now, lest it turn out in the end that it can't be
        tf.config.list_logical_devices()  # looking for a GPU is loud
        wanted = None if request.metrics is None else measuring.build(request.metrics)
        candidate = _candidate(request)
        real = candidate.real(request.test_split or None, request.validation_split or None)
    if request.out:
        Path(request.out).mkdir(parents=True, exist_ok=True)
    print(_head(candidate, real, request.seeds))
    measurement = measuring.Measurement(candidate, real, request.seeds, folder)
    wanted = measurement.fitting() if wanted is None else wanted
    with startup.Status() as progress:
        for call, results, record in measurement.measure(wanted, progress.show):
            progress.clear()
            lines = table(call, results, record["provenance"]["remark"], record[DIFFERENCES])
            print("\n".join(["", *lines]), flush=True)
            if folder:
                keep(folder, call, record)
    print(f"\nkept in {os.path.join(folder, RESULTS)}" if folder else "\nkept nowhere: --out=DIR keeps it")


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    for name in _TEXTS:
        flags.DEFINE_string(name, None, "", flag_values=values)
    for name in ("image_size", "channels"):
        flags.DEFINE_integer(name, None, "", lower_bound=1, upper_bound=MOST, flag_values=values)
    flags.DEFINE_integer("seeds", 1, "", lower_bound=1, upper_bound=keywords.MOST_SEEDS,
                         flag_values=values)
    startup.define_seed(values)
    if not startup.read(values, argv):
        return None
    given: dict[str, Any] = {name: values[name].value for name in Request._fields}
    given |= {name: given[name] or "" for name in _TEXTS if name != "metrics"}
    given |= {name: startup.path(name, given[name])
              for name in ("run_dir", "saved_model", "generated", "data_dir", "out")}
    return Request(**given | {"seeds": keywords.seeds(values["seed"].value, given["seeds"])})


def _check(request: Request) -> None:
    if request.metrics is not None and not request.metrics.strip():
        raise UserError("--metrics is empty: name one, as in --metrics=frechet, or leave it out for all that fit")
    given = [name for name in _SUBJECTS if getattr(request, name)]
    if len(given) > 1:
        raise UserError(f"--{given[0]} excludes --{given[1]}: measure one after the other")
    if not given or (given[0] in ("generated", "real") and not request.dataset):
        raise UserError(_MISSING)
    for name in _OF_DATA:
        if name != "data_dir" and not request.dataset and getattr(request, name) not in (None, ""):
            raise UserError(f"--{name} is of the images that --dataset names: give that too, or leave --{name} out")
    if request.checkpoint and not request.run_dir:
        raise UserError("--checkpoint is of a run: name it with --run_dir")
    for name in ("run_dir", "saved_model", "generated"):
        path = getattr(request, name)
        if path and not os.path.isdir(path):
            folder, last = os.path.split(os.path.normpath(path))
            there = _folders(folder or ".", name)
            known = (f"; {_WHAT[name]} in {folder or '.'}: {nearest(last, there)}" if there else
                     f", nor are there {_WHAT[name]} in {folder or '.'}: name another, or train a run first")
            raise UserError(f"--{name}={path}: there is no such folder{known}")
    if request.out or request.run_dir:
        way = "name another folder" if request.out else "name another folder with --out"
        check_writable(request.out or request.run_dir, "--out" if request.out else "--run_dir", way)


_WHAT = {"run_dir": "runs", "saved_model": "exports", "generated": "folders"}
_HOLDS = {"run_dir": "run.json", "saved_model": "saved_model.pb", "generated": ""}


def _folders(folder: str, name: str) -> list[str]:
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [each for each in names if os.path.exists(os.path.join(folder, each, _HOLDS[name]))
            and os.path.isdir(os.path.join(folder, each))]


def _candidate(request: Request) -> "Candidate":
    return next(of for name, of in _CANDIDATES.items() if getattr(request, name))(request)


def _of_run(request: Request) -> "Candidate":
    """Of its export if the run is complete and no checkpoint is named, else of a checkpoint."""
    from gan_zoo.evaluation import candidates

    experiment = _experiment(request, lambda: candidates.experiment_of_run(request.run_dir))
    if export := loading.exported(request.run_dir, request.checkpoint):
        return candidates.of_export(export, "--run_dir", experiment, request.run_dir)
    loaded = loading.loaded(request.run_dir, request.checkpoint, request.data_dir)
    return candidates.of_model(loaded.model, experiment, request.run_dir)


def _of_export(request: Request) -> "Candidate":
    from gan_zoo.evaluation import candidates

    experiment = _experiment(request, lambda: candidates.experiment_of_export(request.saved_model, "--saved_model"))
    return candidates.of_export(request.saved_model, "--saved_model", experiment, request.saved_model)


def _of_folder(request: Request) -> "Candidate":
    from gan_zoo.evaluation import candidates

    return candidates.of_folder(request.generated, _experiment(request))


def _of_real(request: Request) -> "Candidate":
    from gan_zoo.evaluation import candidates

    return candidates.of_real_images(_experiment(request), request.real)


def _experiment(request: Request, own: Callable[[], Experiment] = Experiment) -> Experiment:
    """Which real images: those that the flags name, or else one's own, maybe in another place."""
    if request.dataset:
        given = {name: value for name in _OF_DATA if (value := getattr(request, name))}
        return Experiment(dataset=request.dataset, **given)
    return replace(own(), data_dir=request.data_dir) if request.data_dir else own()


_CANDIDATES: dict[str, Callable[[Request], "Candidate"]] = {
    "run_dir": _of_run, "saved_model": _of_export, "generated": _of_folder, "real": _of_real}


def _known_metrics() -> str:
    known = summaries_in("gan_zoo.metrics", "metrics")
    return "\n".join(f"  {name}\n      {summary}" for name, summary in known.items())


def _head(candidate: "Candidate", real: "Real", seeds: tuple[int, ...]) -> str:
    data = candidate.experiment.dataset
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    text = (f"{candidate.title}, {which}\n  scored: {data} {real.splits['test']}; set by: {data} "
            f"{real.splits['validation']}")
    return text + (f"\n  remark: {real.remark}" if real.remark else "")
