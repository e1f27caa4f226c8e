"""A configuration with several seeds: `gan-zoo train --seeds=0,1,2`, in this process, one run after the other."""

import gc
import os
import statistics
from dataclasses import replace
from pathlib import Path

from gan_zoo import run as runs
from gan_zoo.commands.flags import CommandLine
from gan_zoo.commands.tables import shown
from gan_zoo.errors import RunStopped, UserError, one_line
from gan_zoo.training.cluster import VARIABLE, wanted
from gan_zoo.training.run_directory import SEED, RunDirectory, recorded


def commands(command: CommandLine) -> list[CommandLine]:
    """The command for each seed by itself, in a folder of its own; RUN_DIR/seed_0 is as ordinary a run as any."""
    folder = _folder(command)
    return [command._replace(seeds=(), experiment=replace(command.experiment, seed=seed,
                                                          run_dir=str(folder / f"{SEED}{seed}")))
            for seed in command.seeds]


def train(command: CommandLine) -> int:
    """Trains every seed, goes on with those that have begun, and sums up. Returns the process's exit code.

    A run that stops for what lies in its course doesn't keep the others from theirs; an interrupt stops all. UserError
    before anything is trained, if one of the runs can't be.
    """
    folder, each = _folder(command), commands(command)
    if wanted(command.experiment.strategy, os.environ.get(VARIABLE)):
        raise UserError("--seeds trains one run after the other in one process, and TF_CONFIG names several workers: "
                        "start each seed by itself on all of them, with a --run_dir of its own, or set "
                        "--strategy=mirrored")
    _check(folder, each)
    stopped = 0
    for number, of_seed in enumerate(each, 1):
        print(f"\nseed {of_seed.experiment.seed}, {number} of {len(each)}:", flush=True)
        try:
            ended = runs.begin(of_seed)[1]
        except RunStopped as error:
            print(f"stopped: {one_line(error)}", flush=True)
            stopped += 1
            continue
        if ended.signal:
            print("The same command again goes on with all of --seeds.")
            return 128 + ended.signal
        del ended  # networks and data of a run that is over
        gc.collect()
    print("\n" + "\n".join(_summary(folder, [Path(str(of_seed.experiment.run_dir)) for of_seed in each])))
    return 1 if stopped else 0


def _folder(command: CommandLine) -> Path:
    return Path(str(runs.resolved(command).run_dir))


def _check(folder: Path, each: list[CommandLine]) -> None:
    RunDirectory(str(folder)).check_path()
    if (folder / "run.json").exists():
        raise UserError(f"--run_dir={folder} is a run by itself: name another folder for those of --seeds")
    for of_seed in each:
        run = RunDirectory(str(of_seed.experiment.run_dir))
        run.check_path()
        run.check_flags(of_seed.experiment)


def _summary(folder: Path, paths: list[Path]) -> list[str]:
    """The best checks of the runs, as far as they were checked, and what tells more."""
    found = [(recorded(path).get("evaluation") or {}).get("best") or {} for path in paths]
    lines = [f"More: python -m gan_zoo.compare {folder} --group"]
    for metric in dict.fromkeys(name for best in found for name in best if name != "step"):
        values = [best[metric] for best in found if metric in best]
        error = statistics.stdev(values) if len(values) > 1 else None
        each = ", ".join(f"{value:.4g}" for value in values)
        lines.insert(0, f"best {metric} of {len(values)} seeds, over real images': "
                        f"{shown(statistics.fmean(values), error)}   ({each})")
    return lines
