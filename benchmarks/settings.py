"""What precision, XLA and rounds a call do to the speed of a round: `python -m benchmarks.settings`.

For some recipes, on data that need no download: blocks of rounds in turns, so that the machine's moods meet all
settings. Shows the time of a round in float32 and, relative to it in the same turn, those of the others: the median,
and the least and the largest; by the clock, and of all cores together, which means something on a busy machine too.
Arguments: names of recipes; by default mlp, maxout and dcgan.
"""

import sys
import time

import numpy as np

from gan_zoo import processor
from gan_zoo.commands.flags import parse
from gan_zoo.quiet import without_retracing_warnings
from gan_zoo.training import machine
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

SETTINGS = {"float32": [], "--jit_compile": ["--jit_compile"],
            "--precision=mixed_bfloat16": ["--precision=mixed_bfloat16"],
            "--rounds_per_call=1": []}
_RECIPES, _DATASET = ("mlp", "maxout", "dcgan"), "mnist_5k"
_BLOCKS, _SECONDS = 7, 2.0  # of a block, as far as the first one tells


def _trainer(recipe: str, flags: list[str]) -> Trainer:
    experiment = parse([f"--model={recipe}", f"--dataset={_DATASET}", "--steps=1000000", *flags]).experiment
    machine.set_precision(experiment.precision)
    return Trainer(plan(draft(experiment)), machine.make_strategy("one_device"))


def _seconds(trainer: Trainer, first: int, rounds: int, a_call: int) -> tuple[float, float]:
    """Of a round: by the clock, and of all cores together."""
    clock, cores = time.perf_counter(), time.process_time()
    for step in range(first, first + rounds, a_call):
        trainer.play(step, a_call)
    return (time.perf_counter() - clock) / rounds, (time.process_time() - cores) / rounds


def compare(recipe: str) -> None:
    trainers = {name: _trainer(recipe, flags) for name, flags in SETTINGS.items()}
    for trainer in trainers.values():
        trainer.play(0, 1)  # traces and compiles
    rounds = max(2, int(_SECONDS / _seconds(trainers["float32"], 1, 2, 2)[0]))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in trainers}
    for block in range(_BLOCKS):
        for name, trainer in trainers.items():
            a_call = 1 if name.startswith("--rounds") else rounds
            taken[name].append(_seconds(trainer, 3 + block * rounds, rounds, a_call))
    plain = np.array(taken.pop("float32"))
    clock, cores = 1e3 * np.median(plain, axis=0)
    print(f"{recipe} on {_DATASET}: {clock:.1f} ms a round in float32, {cores:.1f} ms of all cores; relative to it")
    for name, seconds in taken.items():
        shares = np.array(seconds) / plain
        clock, cores = (f"{np.median(of):.2f} ({of.min():.2f} to {of.max():.2f})" for of in shares.T)
        print(f"  {name:<28} {clock}   cores {cores}", flush=True)


if __name__ == "__main__":
    print(processor.described())
    with without_retracing_warnings():
        for wanted in sys.argv[1:] or _RECIPES:
            compare(wanted)
