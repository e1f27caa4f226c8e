"""What the checks of a run cost: `python -m benchmarks.monitoring`.

For some recipes, on data that need no download: rounds and checks in turns, so that the machine's moods meet both.
Shows the rounds between checks that the zoo chooses, and the share of the time that checks then take: the median, and
the quantiles of a quarter and of three quarters.
"""

import os
import sys
import time

import numpy as np

from gan_zoo.commands.flags import parse
from gan_zoo.judging.series import GAME
from gan_zoo.training import machine
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

CASES = {
    "mlp on digits": ["--model=mlp", "--dataset=digits", "--objective=non_saturating"],
    "maxout on digits": ["--model=maxout", "--dataset=digits"],
    "maxout on mnist_5k": ["--model=maxout", "--dataset=mnist_5k"],
    "dcgan on digits": ["--model=dcgan", "--dataset=digits"],
    "dcgan on mnist_5k": ["--model=dcgan", "--dataset=mnist_5k"],
    "gaussian_1d": ["--model=gaussian_1d"],
}
_BLOCKS, _ROUNDS = 9, 20


def shares(flags: list[str]) -> tuple[int, np.ndarray]:
    """(rounds between checks, the share of the time that each check takes)."""
    trainer = Trainer(plan(draft(parse([*flags, "--steps=1000000"]).experiment)), machine.make_strategy("one_device"))
    monitor = Monitor(trainer)
    game = dict.fromkeys(GAME, 0.5)
    trainer.play(0, _ROUNDS)
    monitor.check(_ROUNDS, game)  # traces both
    found = []
    for block in range(1, 1 + _BLOCKS):
        start = time.perf_counter()
        trainer.play(block * _ROUNDS, _ROUNDS)
        played = time.perf_counter()
        monitor.check((block + 1) * _ROUNDS, game)
        check, rounds = time.perf_counter() - played, (played - start) * monitor.every / _ROUNDS
        found.append(check / (check + rounds))
    return monitor.every, np.array(found)


def main(names: list[str]) -> None:
    """Measures the cases whose names hold one of these, or all."""
    print(f"{os.cpu_count()} cores; share of the time that checks take, in %")
    for name, flags in CASES.items():
        if not names or any(each in name for each in names):
            every, found = shares(flags)
            low, middle, high = 100 * np.quantile(found, [0.25, 0.5, 0.75])
            print(f"{name:<20} a check every {every:>6,} rounds: {middle:5.2f} ({low:.2f}–{high:.2f})", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
