"""How often the verdicts of a run err: `python -m gan_zoo.experiments.alarm`.

Trains every case of gan_zoo.experiments.alarm_cases that is not there yet, a few at a time, and writes its series of
checks and a picture; then sets the threshold by the calibration runs and counts what the rules say of the others.
"""

import json
import multiprocessing
import os
import sys
import time
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from absl import flags

from gan_zoo.commands import startup
from gan_zoo.experiments import alarm_pictures, alarm_report
from gan_zoo.experiments.alarm_cases import Case, cases
from gan_zoo.files import write_text
from gan_zoo.judging import calibration

_HELP = """python -m gan_zoo.experiments.alarm [--flag=value …]

Calibrates the verdicts of runs and counts their errors on runs that set nothing. Goes on where it was stopped.

  --out=runs/alarm       where series, pictures and report.json go
  --processes=2          trainings at a time, on a core each
  --only=TEXT            train only those whose names hold this; no report
  --pictures=DIR         draw there an example of each verdict
  --write_calibration    make the scores of the calibration runs those of the package
  --help                 this text
"""
_TRAININGS_A_PROCESS = 12  # after which a new one begins, since TensorFlow keeps memory


_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class _Task(NamedTuple):
    case: Case
    folder: Path


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    values = flags.FlagValues()
    flags.DEFINE_string("out", "runs/alarm", "", flag_values=values)
    flags.DEFINE_integer("processes", 2, "", lower_bound=1, flag_values=values)
    flags.DEFINE_string("only", "", "", flag_values=values)
    flags.DEFINE_string("pictures", "", "", flag_values=values)
    flags.DEFINE_boolean("write_calibration", False, "", flag_values=values)
    if not startup.read(values, argv):
        print(_HELP, end="")
        return
    given: dict[str, Any] = {name: values[name].value for name in values}
    folder = Path(given["out"])
    chosen = [case for case in cases() if given["only"] in case.name]
    _train([_Task(case, folder) for case in chosen if not alarm_report.is_there(folder, case)], given["processes"])
    if given["only"]:
        return
    report = alarm_report.report(folder, chosen)
    write_text(folder / "report.json", json.dumps(report, indent=1) + "\n")
    print(alarm_report.as_text(report))
    if given["pictures"]:
        Path(given["pictures"]).mkdir(parents=True, exist_ok=True)
        for verdict, path in alarm_pictures.draw(folder, Path(given["pictures"]),
                                                 report["calibration"]["threshold"]).items():
            print(f"{verdict}: {path}")
    if given["write_calibration"]:
        write_text(calibration.FILE, json.dumps({"scores": report["calibration"]["scores"]}) + "\n")


def _train(tasks: list[_Task], processes: int) -> None:
    started = time.monotonic()
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(processes, _on_one_core, maxtasksperchild=_TRAININGS_A_PROCESS) as pool:
        for done, line in enumerate(pool.imap_unordered(_train_one, tasks), 1):
            print(f"{done}/{len(tasks)} {time.monotonic() - started:.0f} s: {line}", flush=True)


def _on_one_core() -> None:
    """Before TensorFlow is imported: small networks gain nothing from more threads, and trainings run side by side."""
    os.environ.update(dict.fromkeys(_THREADS, "1"))


def _train_one(task: _Task) -> str:
    """Trains and watches a case, writes what it was, and says so in a line."""
    from gan_zoo.quiet import quiet

    with quiet():
        import keras

        from gan_zoo.commands.flags import parse
        from gan_zoo.experiments import faults, series_files
        from gan_zoo.experiments.watching import watch

    case, began = task.case, time.monotonic()
    experiment = parse(list(case.flags)).experiment
    found = watch(experiment, _faults(case, experiment.steps or 0, faults) if case.injected else None)
    for name, watched in found.items():
        if name:
            series_files.write(alarm_report.path(task.folder, case, name), watched)
    series_files.write(alarm_report.path(task.folder, case), found[""])  # last: it says that the case is there
    keras.backend.clear_session()
    series = found[""].series
    coverage = f"coverage {series['coverage'][-1]:.2f}" if len(series) else "diverged before the first check"
    return f"{case.name}, {time.monotonic() - began:.0f} s, {len(series)} checks, {coverage}"


def _faults(case: Case, steps: int, faults) -> dict:
    """Each kind of fault, from a step in the second half of the training on that is drawn by the case's name."""
    random = np.random.default_rng(zlib.crc32(case.name.encode()))
    found = {}
    for count in alarm_report.FEW:
        found[f"few_{count}"] = faults.few(count, int(random.uniform(0.5, 0.8) * steps), int(random.integers(2**31)))
    for count in alarm_report.WITHOUT:
        found[f"without_{count}"] = faults.without(count, int(random.uniform(0.5, 0.8) * steps),
                                                   int(random.integers(2**31)))
    return found


if __name__ == "__main__":
    sys.exit(startup.main(run))
