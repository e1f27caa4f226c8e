"""Trains a GAN: `python train.py --model=NAME`, or `gan-zoo train --model=NAME`."""

from gan_zoo.commands import flags as command_line
from gan_zoo.commands.flags import CommandLine
from gan_zoo.experiment import DEFAULT_EPOCHS


def _without_flags(command: CommandLine) -> str:
    flags = command.experiment
    return (f"no flags, so that is --model={flags.model} --dataset={flags.dataset} --epochs={DEFAULT_EPOCHS:g}, which "
            f"takes long on a CPU; a first look, without a download, in minutes: --dataset=mnist_5k. Flags: --help")


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    command = None if {"--help", "-h", "-help"} & set(argv) else command_line.parse(argv)
    if command is None or "help" in command.actions:  # a flagfile may ask for it, too
        print(command_line.help_text())
        return 0
    return _begun(command, argv)


def _begun(command: CommandLine, argv: list[str]) -> int:
    from gan_zoo import run as runs  # imported here, as these are more than a help text needs
    from gan_zoo.commands import listing, seeds

    if "list" in command.actions:
        return listing.run([])
    if "dry_run" in command.actions:
        first = seeds.commands(command)[0] if command.seeds else command
        print(listing.dry_run(runs.resolved(first)))
        return 0
    if command.seeds:
        return seeds.train(command)
    if not argv:
        print(_without_flags(command), flush=True)
    _, ended = runs.begin(command, forecast=not argv)
    return 128 + ended.signal if ended.signal else 0
