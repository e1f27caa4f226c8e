"""How long training takes on this machine, by a few real rounds of it."""

import time

import numpy as np
import tensorflow as tf

from gan_zoo.data import Dataset
from gan_zoo.experiment import Experiment
from gan_zoo.training import machine
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

_ROUNDS, _SECONDS = 3, 30.0


def seconds_per_round(experiment: Experiment, dataset: Dataset,
                      strategy: tf.distribute.Strategy | None = None) -> tuple[float, int, str]:
    """(median over single rounds, how many they were, device), of a trainer that is thrown away; nothing is written.

    strategy: if the machine is prepared already. The first round, which builds the graph, doesn't count; of slow ones
    there are fewer, at least one.
    """
    strategy = strategy or machine.prepare(experiment)
    trainer = Trainer(plan(draft(experiment), dataset), strategy)
    trainer.play(0, 1)
    seconds: list[float] = []
    while not seconds or (len(seconds) < _ROUNDS and sum(seconds) < _SECONDS):
        began = time.perf_counter()
        trainer.play(1 + len(seconds), 1)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)), len(seconds), machine.describe(strategy)
