"""Trains a GAN: `python train.py --model=NAME`, or `gan-zoo train --model=NAME`."""

from gan_zoo import run as runs
from gan_zoo.commands import flags as command_line
from gan_zoo.commands import listing, seeds


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    command = None if {"--help", "-h", "-help"} & set(argv) else command_line.parse(argv)
    if command is None or "help" in command.actions:  # a flagfile may ask for it, too
        print(command_line.help_text())
        return 0
    if "list" in command.actions:
        return listing.run([])
    if "dry_run" in command.actions:
        first = seeds.commands(command)[0] if command.seeds else command
        print(listing.dry_run(runs.resolved(first)))
        return 0
    if command.seeds:
        return seeds.train(command)
    _, ended = runs.begin(command)
    return 128 + ended.signal if ended.signal else 0
