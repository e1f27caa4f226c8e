"""What `gan-zoo list`, --list and --dry_run show."""

import io
import math
import os

from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.quiet import quiet
from gan_zoo.training import cluster


def run(argv: list[str]) -> int:
    """The entry point of `gan-zoo list`; `argv` is without the program's name."""
    if {"--help", "-h", "-help"} & set(argv):
        print("gan-zoo list\n\nShows what a flag can name, each with its arguments and one line about it.")
        return 0
    if argv:
        raise UserError(f"{argv[0]!r}: gan-zoo list takes no arguments")
    with quiet():
        text = listing()
    print(text)
    return 0


def listing() -> str:
    """Everything registered: each call with its defaults, and one line about it."""
    from gan_zoo.augmentation import augmentations
    from gan_zoo.data import datasets
    from gan_zoo.latents import latents
    from gan_zoo.metrics import metrics
    from gan_zoo.models import models
    from gan_zoo.objectives import objectives
    from gan_zoo.objectives.f_divergence import divergences
    from gan_zoo.schedules import schedules
    from gan_zoo.training.averaging import averages
    from gan_zoo.training.players import optimizers

    sections = []
    for registry in (models, objectives, divergences, latents, datasets, metrics, augmentations, schedules, averages):
        lines = [f"{registry.kind}s:"]
        for call, summary in registry.describe():
            lines += [f"  {call}", f"      {summary}"]
        sections.append("\n".join(lines))
    sections.append(f"optimizers (of Keras, with its arguments):\n  {', '.join(optimizers)}")
    return "\n\n".join(sections)


def dry_run(experiment: Experiment) -> str:
    """The resolved flags, the networks and the data; nothing is written."""
    check_names(experiment)
    workers = cluster.wanted(experiment.strategy, os.environ.get(cluster.VARIABLE))
    with quiet():
        from gan_zoo.training import machine

        if workers:
            machine.check_workers(experiment, len(workers.addresses))
        strategy = machine.prepare(experiment)
    from gan_zoo.training.plan import draft, plan
    from gan_zoo.training.trainer import Trainer

    planned = plan(draft(experiment))
    trainer = Trainer(planned, strategy)
    summary = io.StringIO()
    for network in (trainer.gan.generator, *trainer.gan.judges):
        network.summary(line_length=100, print_fn=lambda line: summary.write(line + "\n"))
    epochs = planned.steps / planned.rounds_per_epoch
    parameters = {player.name: sum(math.prod(variable.shape) for variable in player.variables)
                  for player in trainer.players}
    counts = ", ".join(f"{name} {count:,}" for name, count in parameters.items())
    return "\n".join([*planned.experiment.to_flags(), "", summary.getvalue(), f"trainable parameters: {counts}",
                      f"data: {planned.data.description}", f"length: {planned.steps:,} steps, {epochs:.1f} epochs",
                      f"device: {machine.describe(strategy)}"])
