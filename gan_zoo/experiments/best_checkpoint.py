"""How near what a run exports is to its best: `python -m gan_zoo.experiments.best_checkpoint`.

Trains the healthy cases of gan_zoo.experiments.alarm_cases. A run exports the check with the least Fréchet distance of
512 images, or of points with the largest coverage. Here each check is also measured with twice 2,048 other images: the
first half says which check is the best, the second what that and the exported one are worth, so that the luck of a
minimum counts for nobody. Of coverage the inverse is taken, so that less is better.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from gan_zoo.commands import startup
from gan_zoo.commands.flags import parse
from gan_zoo.errors import UserError
from gan_zoo.experiments.alarm_cases import Case, cases
from gan_zoo.files import check_writable, write_text
from gan_zoo.quiet import quiet

_HELP = """python -m gan_zoo.experiments.best_checkpoint [--flag=value …]

Trains the healthy runs of the experiment on alarms once more and counts how near the exported check is to the best one.
Goes on where it was stopped.

  --out=runs/best_checkpoint   where a file for each run goes, and report.json
  --only=TEXT                  only runs whose names hold this
  --help                       this text
"""
_WITHIN = (1.02, 1.05, 1.1)
_MORE = 2048  # images of a half
_TINY = 1e-9
# what tells the best check → a number that is less for a better one
_WORTH: dict[str, Callable[[float], float]] = {"frechet": float, "coverage": lambda value: 1 / max(value, _TINY)}


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    values = flags.FlagValues()
    flags.DEFINE_string("out", "runs/best_checkpoint", "", flag_values=values)
    flags.DEFINE_string("only", "", "", flag_values=values)
    if not startup.read(values, argv):
        print(_HELP, end="")
        return
    given: dict[str, Any] = {name: values[name].value for name in ("out", "only")}
    folder, only = Path(startup.path("out", given["out"])), given["only"]
    chosen = [case for case in cases() if case.part == "healthy" and only in case.name]
    if not chosen:
        raise UserError(f"--only={only}: no healthy case has that in its name")
    check_writable(str(folder), "--out")
    folder.mkdir(parents=True, exist_ok=True)
    found = {case.name: _course(case, folder / f"{case.name}.json") for case in chosen}
    report = {"runs": {name: {"exported": _over_best(course), "last": _over_best(course, last=True)}
                       for name, course in found.items()}}
    report |= {which: _shares([each[which] for each in report["runs"].values()]) for which in ("exported", "last")}
    write_text(folder / "report.json", json.dumps(report, indent=1) + "\n")
    for which in ("exported", "last"):
        print(f"{which} over the best check, {len(found)} runs: {report[which]}")


def _course(case: Case, path: Path) -> dict[str, list[float]]:
    """What a run's checks are worth: "check", and the halves'."""
    if not path.exists():
        began = time.monotonic()
        with quiet():
            course = _watched(case)
        write_text(path, json.dumps(course))
        print(f"{case.name}, {time.monotonic() - began:.0f} s: {_over_best(course):.3f}", flush=True)
    return json.loads(path.read_text(encoding="utf-8"))


def _watched(case: Case) -> dict[str, list[float]]:
    import keras

    from gan_zoo.judging.series import GAME
    from gan_zoo.training import machine
    from gan_zoo.training.monitor import Monitor
    from gan_zoo.training.plan import draft, plan
    from gan_zoo.training.trainer import Trainer

    experiment = parse(list(case.flags)).experiment
    course: dict[str, list[float]] = {"check": [], "one": [], "other": []}
    with machine.precision(experiment.precision):
        trainer = Trainer(plan(draft(experiment)), machine.make_strategy("one_device"))
        monitor, total, metric = Monitor(trainer), trainer.plan.steps, trainer.plan.best_metric
        for step in range(0, total, monitor.every):
            count = min(monitor.every, total - step)
            metrics = trainer.play(step, count).metrics
            found = monitor.check(step + count, {name: float(metrics[name].mean()) for name in GAME})
            course["check"].append(_WORTH[metric](found[metric]))
            for half in ("one", "other"):
                images = monitor.images(monitor.latent(_MORE, half))
                course[half].append(_WORTH[metric](monitor.checks.look(images)[0][metric]))
    keras.backend.clear_session()
    return course


def _over_best(course: dict[str, list[float]], last: bool = False) -> float:
    """What is exported, or the last check, over the best check."""
    chosen = -1 if last else int(np.argmin(course["check"]))
    return course["other"][chosen] / course["other"][int(np.argmin(course["one"]))]


def _shares(ratios: list[float]) -> dict[str, Any]:
    """The share of runs within some bounds of the best, and the median."""
    within = {f"within {bound - 1:.0%}": round(float(np.mean(np.array(ratios) <= bound)), 3) for bound in _WITHIN}
    return within | {"median": round(float(np.median(ratios)), 3), "largest": round(max(ratios), 3)}


if __name__ == "__main__":
    sys.exit(startup.main(run))
