"""`python -m gan_zoo COMMAND`, and the same as gan-zoo."""

import importlib
import sys

from gan_zoo.commands import startup
from gan_zoo.errors import UserError, nearest

# command → its module in gan_zoo.commands, which is imported only if it is wanted, and what it does
COMMANDS = {
    "train": ("train", "train a GAN, or go on with a run"),
    "sample": ("sample", "draw images from a run or its export"),
    "view": ("view", "show runs as a page: samples over time, curves, metrics, verdicts"),
    "export": ("export", "write a SavedModel of a run at any checkpoint"),
    "evaluate": ("evaluate", "measure what an export generates"),
    "compare": ("compare", "hold runs against each other: tables, curves, samples side by side"),
    "ship": ("ship", "write a trained GAN as a web page, as ONNX, LiteRT or a Keras file"),
    "reproduce": ("reproduce", "make a published result anew, beside what it was"),
    "classifier": ("classifier", "train the classifier in whose features images are compared"),
    "doctor": ("doctor", "look at a folder of pictures before any training"),
    "check": ("check", "verify runs: checkpoints and exports"),
    "replay": ("replay", "play again the round in which a number was not finite"),
    "list": ("listing", "show the models, objectives, latents, datasets, metrics and optimizers"),
}


def main() -> int:
    """The command of the process's arguments; returns its exit code."""
    return startup.main(run)


def run(argv: list[str]) -> int | None:
    """Hands the arguments after the first to the command that it names."""
    if not argv:
        raise UserError(f"name a command: {', '.join(COMMANDS)} (gan-zoo --help tells what they do)")
    name, *rest = argv
    if name in ("--help", "-h", "-help"):
        print(_help_text())
        return 0
    if name not in COMMANDS:
        raise UserError(f"unknown command {name!r}: {nearest(name, COMMANDS)}")
    return importlib.import_module(f"gan_zoo.commands.{COMMANDS[name][0]}").run(rest)


def _help_text() -> str:
    lines = ["gan-zoo COMMAND [--flag=value …]        or python -m gan_zoo COMMAND …", ""]
    lines += [f"  {name:<10} {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join([*lines, "", "gan-zoo COMMAND --help shows the flags of a command."])


if __name__ == "__main__":
    sys.exit(main())
