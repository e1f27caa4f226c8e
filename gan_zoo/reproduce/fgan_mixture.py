"""The 1-D experiment of f-GAN (Nowozin et al. 2016, arXiv:1606.00709, section 2.5).

    python -m gan_zoo.reproduce.fgan_mixture [--run_dir=runs/fgan_mixture] [--flag=value …]

A normal distribution N(μ, σ²) is fitted to a mixture of two by each of five divergences, with the single-step
method, one run each from configs/fgan_mixture_*.flags; flags of train.py hold for all of them. Printed
and written to RUN_DIR/results.json: the least divergence D*, and where it is, by quadrature; beside it the
bound F, the mean over the last fifth of the run, and the fitted μ and σ, a moving average of them; then the
exact divergence of every kind from every fitted distribution. A run that is complete is not trained again.
"""

import csv
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gan_zoo import recipes
from gan_zoo.commands import flags as command_line
from gan_zoo.commands import startup
from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.files import write_text
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    from gan_zoo.training.plan import Plan

CONFIGS = recipes.folder()
NAMES = ("KL", "reverse_KL", "JS", "Jeffrey", "Pearson")
_FIXED = ("model", "objective", "latent", "conditional", "packing", "augment")
_LAST = 0.2  # of the run, over which F is averaged


class Fit(NamedTuple):
    """One run. Least divergence, its μ and σ, by quadrature; bound F, fitted μ and σ; seconds of training."""

    least: float
    bound: float
    best_mean: float
    best_stddev: float
    mean: float
    stddev: float
    seconds: float


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name."""
    if {"--help", "-h"} & set(argv):
        print(__doc__.strip())
        return 0
    experiments = {name: _experiment(name, argv) for name in NAMES}
    with quiet():
        from gan_zoo.reproduce import quadrature
        from gan_zoo.training import left_open, loop, machine
        from gan_zoo.training.plan import draft, plan

        experiments = {name: left_open.settled(each, Path(str(each.run_dir))) for name, each in experiments.items()}
        strategy = machine.prepare(experiments[NAMES[0]])
        plans = {name: plan(draft(experiment)) for name, experiment in experiments.items()}
    _check_length(plans[NAMES[0]])
    mixture: Any = plans[NAMES[0]].data
    target = quadrature.Target(lambda x: mixture.log_prob(x[:, None]).numpy(), *_support(mixture))
    objectives: dict[str, Any] = {name: planned.objective for name, planned in plans.items()}
    rows = {name: objective.row for name, objective in objectives.items()}
    best = {name: target.nearest_normal(row) for name, row in rows.items()}
    for experiment in experiments.values():
        if interrupted := loop.train(experiment, strategy, command=sys.argv).signal:
            return 128 + interrupted
    folders = {name: Path(str(experiment.run_dir)) for name, experiment in experiments.items()}
    fitted = {name: _fitted(folder / "export") for name, folder in folders.items()}
    fits = {name: Fit(target.divergence(rows[name], best[name]), _bound(folder), best[name].mean, best[name].stddev,
                      fitted[name].mean, fitted[name].stddev, _seconds(folder)) for name, folder in folders.items()}
    divergences = {name: {other: target.divergence(rows[other], fitted[name]) for other in NAMES} for name in NAMES}
    write_text(folders[NAMES[0]].parent / "results.json",
               json.dumps({"fits": {name: fit._asdict() for name, fit in fits.items()}, "divergences": divergences},
                          indent=2, allow_nan=False) + "\n")
    print(_report(fits, divergences))
    return 0


def _experiment(name: str, argv: list[str]) -> Experiment:
    """The run of that name with the user's flags; UserError for those that would make it another experiment."""
    file = f"fgan_mixture_{name.lower()}.flags"
    flagfile = f"--flagfile={CONFIGS / file}"
    command, as_written = (command_line.parse([flagfile, *more], CONFIGS) for more in (argv, []))
    if command.actions:
        raise UserError(f"--{min(command.actions)} is for train.py: python train.py "
                        f"--flagfile=configs/{file}")
    for flag in _FIXED:
        if getattr(command.experiment, flag) != getattr(as_written.experiment, flag):
            raise UserError(f"--{flag} is what this experiment fixes: leave it out, and any --flagfile that sets it")
    if command.seeds:
        raise UserError("--seeds is for train.py: here write --seed=N")
    if not re.fullmatch(r"mixture_1d(\(.*\))?", command.experiment.dataset.strip()):
        raise UserError(f"--dataset={command.experiment.dataset} is none of this experiment, which fits a normal "
                        "distribution to numbers: write --dataset='mixture_1d(weight=0.5)', say, or leave it out")
    check_names(command.experiment)
    folder = Path(command.experiment.run_dir or "runs/fgan_mixture").expanduser()
    return replace(command.experiment, run_dir=str(folder / name))


def _check_length(planned: "Plan") -> None:
    """F is read from the means of epochs, so that there must be one."""
    least = math.ceil(planned.rounds_per_epoch)
    if planned.steps < least:
        raise UserError(f"--steps={planned.steps} is less than an epoch: use at least {least}")


def _support(mixture) -> tuple[float, float]:
    """Far enough out for both P and a Q of about its moments."""
    mean, stddev = float(mixture.distribution.mean()), float(mixture.distribution.stddev())
    return mean - 12 * stddev, mean + 12 * stddev


def _epochs(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "epochs.csv").open() as file:
        return list(csv.DictReader(file))


def _bound(run_dir: Path) -> float:
    """F, averaged over the last of the run's epochs."""
    rows = _epochs(run_dir)
    last = [float(row["objective/divergence_estimate"]) for row in rows[-max(1, round(_LAST * len(rows))):]]
    return sum(last) / len(last)


def _seconds(run_dir: Path) -> float:
    return float(_epochs(run_dir)[-1]["seconds"])


def _fitted(export: Path):
    """μ and σ of the exported generator: it decodes 0 to μ, and 1 to μ ± σ."""
    import tensorflow as tf

    from gan_zoo.reproduce.quadrature import Normal

    decode = tf.saved_model.load(str(export)).signatures["serving_default"]
    mean, moved = decode(noise=tf.constant([[0.0], [1.0]]))["images"].numpy().ravel()
    return Normal(float(mean), abs(float(moved - mean)))


def _report(fits: dict[str, Fit], divergences: dict[str, dict[str, float]]) -> str:
    width = max(map(len, NAMES)) + 1
    head = "".join(name.rjust(width + 2) for name in NAMES)
    labels = {"least": "D*", "bound": "F", "best_mean": "μ*", "mean": "μ", "best_stddev": "σ*", "stddev": "σ"}
    lines = [" " * width + head]
    for field, label in labels.items():
        values = "".join(f"{getattr(fits[name], field):{width + 2}.4f}" for name in NAMES)
        lines.append(label.ljust(width) + values)
    lines.append("F/D*".ljust(width) + "".join(f"{fit.bound / fit.least:{width + 2}.3f}" for fit in fits.values()))
    lines.append("seconds".ljust(width) + "".join(f"{fit.seconds:{width + 2}.0f}" for fit in fits.values()))
    lines += ["", "exact divergence (columns) of the data from what was fitted by (rows); * least of its column",
              " " * width + head]
    for name in NAMES:
        cells = []
        for other in NAMES:
            least = min(NAMES, key=lambda row: divergences[row][other])
            cells.append(f"{divergences[name][other]:.4f}{'*' if least == name else ' '}".rjust(width + 2))
        lines.append(name.ljust(width) + "".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(startup.main(run))
