"""Verifies runs and their exports: `gan-zoo check RUN …`."""

import os
from pathlib import Path

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError
from gan_zoo.quiet import quiet

_HELP = """gan-zoo check RUN …

Reads every checkpoint of each run and its export, and says whether they are of this run and as they were written. The
exit code is 0 if all are, else 1. Nothing is changed.

  --help                 this text
"""


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    names = startup.read_with_names(flags.FlagValues(), argv)
    if names is None:
        print(_HELP, end="")
        return 0
    if not names:
        raise UserError("name a run's folder, as in gan-zoo check runs/dcgan_mnist")
    return max(_check(Path(startup.path("run", name))) for name in names)


def _check(path: Path) -> int:
    if not os.path.exists(path / "run.json"):  # Path.exists raises for a folder that may not be entered
        raise UserError(f"{path} holds no run.json: name a run's folder, as in gan-zoo check runs/dcgan_mnist")
    with quiet():
        from gan_zoo.training import checking

        found = list(checking.parts(path))
    width = max(len(part.name) for part in found)
    print(path)
    for part in found:
        print(f"  {part.name:<{width}}  {part.words}")
    return 0 if all(part.is_whole for part in found) else 1
