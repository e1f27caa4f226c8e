"""Trains every model for some rounds on `replicas` logical CPUs and saves the weights: replicas, precision, file.

A process of its own, because two MirroredStrategies of different size can't live in one.
"""

import sys

import numpy as np

from gan_zoo.training import machine
from gan_zoo.training.loop import load_data
from gan_zoo.training.trainer import Trainer
from tests.conformance import cases

ROUNDS = 3
VARIANTS = {
    "simultaneous": {},
    "alternating": {"update": "alternating", "discriminator_updates": 2, "generator_batch_size": 8,
                    "discriminator_clip_global_norm": None, "discriminator_clip_value": 0.01,
                    "generator_clip_norm": 0.1, "generator_average": 0.9},
    "wasserstein": {"objective": "wasserstein", "discriminator_weight_clip": 0.05},
}
# Tracing takes long: two families are tried in all variants and on four replicas, the others in the fullest one.
THOROUGH = ("dcgan", "mlp")


def tried(replicas: int) -> list[tuple[str, str]]:
    """The (model, variant) pairs that are trained on so many replicas; on one all that another number has."""
    pairs = [(name, variant) for name in cases.NAMES for variant in VARIANTS
             if name in THOROUGH or variant == "alternating"]
    return [(name, variant) for name, variant in pairs
            if replicas < 4 or (name in THOROUGH and variant == "alternating")]


def main(replicas: str, precision: str, out: str) -> None:
    machine.split_cpu(int(replicas))
    machine.set_precision(precision)
    strategy = machine.make_strategy("one_device" if replicas == "1" else "mirrored")
    assert strategy.num_replicas_in_sync == int(replicas)
    weights = {}
    for name, variant in tried(int(replicas)):
        experiment = cases.experiment(name, precision=precision, **VARIANTS[variant])
        trainer = Trainer(experiment, load_data(experiment), strategy)
        played = trainer.play(0, ROUNDS)
        networks = [trainer.gan.generator, trainer.gan.judge or trainer.gan.discriminator, trainer.sampler]
        for index, network in enumerate(networks):
            for position, value in enumerate(network.get_weights()):
                weights[f"{name}/{variant}/{network.name}{index}/{position}"] = value
        for metric, values in played.metrics.items():
            weights[f"{name}/{variant}/{metric}"] = values
    np.savez(out, **weights)


if __name__ == "__main__":
    main(*sys.argv[1:])
