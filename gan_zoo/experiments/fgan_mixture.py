"""The 1-D experiment of f-GAN (Nowozin et al. 2016, arXiv:1606.00709, section 2.5).

    python -m gan_zoo.experiments.fgan_mixture [--run_dir=runs/fgan_mixture] [--flag=value …]

A normal distribution N(μ, σ²) is fitted to a mixture of two by each of five divergences, with the single-step
method, one run each from configs/fgan_mixture_NAME.flags; flags of train.py hold for all of them. Printed
and written to RUN_DIR/results.json: the least divergence D*, and where it is, by quadrature; beside it the
bound F, the mean over the last fifth of the run, and the fitted μ and σ, a moving average of them; then the
exact divergence of every kind from every fitted distribution. A run that is complete is not trained again.
"""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gan_zoo import command_line, startup
from gan_zoo.errors import UserError

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
NAMES = ("KL", "reverse_KL", "JS", "Jeffrey", "Pearson")
_LAST = 0.2  # of the run, over which F is averaged


class Fit(NamedTuple):
    """One run. Least divergence, its μ and σ, by quadrature; bound F, fitted μ and σ; seconds of training."""

    least: float
    bound: float
    best_mean: float
    mean: float
    best_stddev: float
    stddev: float
    seconds: float


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name."""
    if {"--help", "-h"} & set(argv):
        print(__doc__.strip())
        return 0
    commands = [command_line.parse([f"--flagfile={CONFIGS / f'fgan_mixture_{name}.flags'}", *argv], CONFIGS)
                for name in NAMES]
    if commands[0].actions:
        raise UserError(f"--{min(commands[0].actions)} is for train.py: python train.py "
                        "--flagfile=configs/fgan_mixture_KL.flags")
    folder = Path(commands[0].experiment.run_dir or "runs/fgan_mixture").expanduser()
    experiments = {name: replace(command.experiment, run_dir=str(folder / name))
                   for name, command in zip(NAMES, commands, strict=True)}
    with startup.quiet():
        from gan_zoo.training import loop, machine

        strategy = machine.prepare(experiments[NAMES[0]])
    for experiment in experiments.values():
        if code := loop.train(experiment, strategy, command_line.to_flags):
            return code
    fits, divergences = _results(experiments)
    (folder / "results.json").write_text(json.dumps(
        {"fits": {name: fit._asdict() for name, fit in fits.items()}, "divergences": divergences}, indent=2) + "\n")
    print(_report(fits, divergences))
    return 0


def _results(experiments: dict) -> tuple[dict[str, Fit], dict[str, dict[str, float]]]:
    """Fits by name, and divergences by the name trained with and the name measured."""
    import numpy as np

    from gan_zoo import objectives
    from gan_zoo.experiments import quadrature
    from gan_zoo.training import loop

    mixture = loop.load_data(experiments[NAMES[0]])
    points = np.linspace(*_support(mixture), 20_001)

    def log_p(x):
        return mixture.log_prob(x[:, np.newaxis]).numpy()

    rows = {name: objectives.build(experiment.objective).row for name, experiment in experiments.items()}
    start = quadrature.moments(log_p, points)
    fits, fitted = {}, {}
    for name, experiment in experiments.items():
        best = quadrature.nearest_normal(rows[name], log_p, start, points)
        bound, seconds = _bound(Path(experiment.run_dir))
        fitted[name] = _fitted(Path(experiment.run_dir) / "export")
        fits[name] = Fit(quadrature.divergence(rows[name], log_p, best, points), bound, best.mean, fitted[name].mean,
                         best.stddev, fitted[name].stddev, seconds)
    table = {name: {other: quadrature.divergence(rows[other], log_p, fitted[name], points) for other in NAMES}
             for name in NAMES}
    return fits, table


def _support(mixture) -> tuple[float, float]:
    """Far enough out for both P and a Q of about its moments."""
    mean = float(mixture.distribution.mean())
    stddev = float(mixture.distribution.stddev())
    return mean - 12 * stddev, mean + 12 * stddev


def _bound(run_dir: Path) -> tuple[float, float]:
    """F, averaged over the last of the run's epochs, and its seconds."""
    with (run_dir / "epochs.csv").open() as file:
        rows = list(csv.DictReader(file))
    last = rows[-max(1, round(_LAST * len(rows))):]
    bounds = [float(row["objective/divergence_estimate"]) for row in last]
    return sum(bounds) / len(bounds), float(rows[-1]["seconds"])


def _fitted(export: Path):
    """μ and σ of the exported generator: it decodes 0 to μ, and 1 to μ ± σ."""
    import tensorflow as tf

    from gan_zoo.experiments.quadrature import Normal

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
