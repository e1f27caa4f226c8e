"""Trains a GAN: `python train.py --model=NAME`, or `gan-zoo train --model=NAME`."""

from dataclasses import replace
from pathlib import Path

from gan_zoo.commands import flags as command_line
from gan_zoo.commands import listing
from gan_zoo.commands.names import check_names
from gan_zoo.quiet import quiet


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    if {"--help", "-h", "-help"} & set(argv):
        print(command_line.help_text())
        return 0
    command = command_line.parse(argv)
    if "list" in command.actions:
        return listing.run([])
    run_dir = Path(command.experiment.run_dir or Path("runs") / command.name).expanduser()
    experiment = replace(command.experiment, run_dir=str(run_dir))
    check_names(experiment)
    with quiet():
        from gan_zoo.training import loop, machine

        strategy = machine.prepare(experiment)
    if "dry_run" in command.actions:
        print(listing.dry_run(experiment, strategy))
        return 0
    ended = loop.train(experiment, strategy)
    return 128 + ended.signal if ended.signal else 0
