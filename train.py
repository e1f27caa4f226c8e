"""Trains a GAN: python train.py --model=dcgan [--flagfile=configs/….flags] [--flag=value …]; see --help."""

import sys
from dataclasses import replace
from pathlib import Path

from gan_zoo.commands import flags as command_line
from gan_zoo.commands import startup
from gan_zoo.quiet import quiet

CONFIGS = Path(__file__).resolve().parent / "configs"


def run(argv: list[str]) -> int:
    if {"--help", "-h", "-help"} & set(argv):
        print(command_line.help_text())
        return 0
    command = command_line.parse(argv, CONFIGS)
    run_dir = Path(command.experiment.run_dir or Path("runs") / command.name).expanduser()
    experiment = replace(command.experiment, run_dir=str(run_dir))
    with quiet():
        from gan_zoo.commands import listing as inspection
        from gan_zoo.training import loop, machine

        strategy = machine.prepare(experiment)
    if "list" in command.actions:
        print(inspection.listing())
        return 0
    if "dry_run" in command.actions:
        print(inspection.dry_run(experiment, strategy))
        return 0
    return loop.train(experiment, strategy)


if __name__ == "__main__":
    sys.exit(startup.main(run))
