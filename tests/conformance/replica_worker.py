"""Trains models for some rounds on `replicas` logical CPUs and saves the weights: replicas, precision, file, pairs.

A process of its own, because two MirroredStrategies of different size can't live in one.
"""

import sys

import numpy as np

from gan_zoo.experiment import Experiment
from gan_zoo.training import machine
from tests.conformance import cases, trials
from tests.helpers import trainer

ROUNDS = 3


def _experiment(name: str, variant: str, precision: str) -> Experiment:
    if name in cases.NAMES:
        return cases.experiment(name, precision=precision, **cases.VARIANTS[variant](name))
    return trials.experiment(variant, precision=precision)


def _after(experiment: Experiment, strategy) -> dict[str, np.ndarray]:
    """All that a run has come to after some rounds, by name."""
    made = trainer(experiment, strategy)
    played = made.play(0, ROUNDS)
    found = dict(played.metrics) | {name: variable.numpy() for name, variable in made.memory.items()}
    for index, network in enumerate([made.gan.generator, *made.gan.judges, made.sampler]):
        for position, value in enumerate(network.get_weights()):
            found[f"{network.name}{index}/{position}"] = value
        for variable in network.variables:
            one, *others = strategy.experimental_local_results(variable.value)
            assert all(np.array_equal(one, other) for other in others), f"replicas differ in {variable.path}"
    return found


def main(replicas: str, precision: str, out: str, *pairs: str) -> None:
    """pairs: model/variant each."""
    machine.split_cpu(int(replicas))
    machine.set_precision(precision)
    strategy = machine.make_strategy("one_device" if replicas == "1" else "mirrored")
    assert strategy.num_replicas_in_sync == int(replicas)
    found = {f"{pair}/{key}": value for pair in pairs
             for key, value in _after(_experiment(*pair.split("/"), precision), strategy).items()}
    np.savez(out, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
