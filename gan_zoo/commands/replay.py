"""Plays again the round in which a number was not finite: `gan-zoo replay RUN`."""

import json
from pathlib import Path
from typing import Any

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError
from gan_zoo.quiet import quiet

_HELP = """gan-zoo replay RUN [--flag=value]

Goes from the last checkpoint of a run that diverged to the round that post_mortem.json names, which comes out as it
did, and shows the rounds before it one by one: losses, gradients, and the first tensor that is not finite. The run is
left as it is.

  --rounds=5             how many rounds to show
  --data_dir=DIR         where the data lie now
  --help                 this text
"""


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    values = flags.FlagValues()
    flags.DEFINE_integer("rounds", 5, "", lower_bound=1, upper_bound=10_000, flag_values=values)
    flags.DEFINE_string("data_dir", None, "", flag_values=values)
    names = startup.read_with_names(values, argv)
    if names is None:
        print(_HELP, end="")
        return 0
    if len(names) != 1:
        raise UserError("name one run, as in gan-zoo replay runs/dcgan_mnist")
    path = Path(startup.path("run", names[0]))
    seen = _post_mortem(path)
    with quiet():
        from gan_zoo.training import replay, restoring
    if seen["checkpoint"] and not (path / "checkpoints" / seen["checkpoint"]).is_dir():
        raise UserError(f"{path}/checkpoints holds {seen['checkpoint']} no more, from which that round could be played "
                        "again: the run went on, and keeps its newest ones alone (--keep_checkpoints)")
    trainer, step = restoring.at_checkpoint(path, seen["checkpoint"], values["data_dir"].value)
    for line in replay.rounds(trainer, step, seen["step"], int(values["rounds"].value or 1), record_at(path, seen)):
        print(line, flush=True)
    return 0


def record_at(path: Path, seen: dict[str, Any]) -> dict[str, Any]:
    """The run's record with the rollbacks that there had been when the number was found."""
    from gan_zoo.training.run_directory import recorded

    return recorded(path) | {"rollbacks": seen["rollbacks"]} if "rollbacks" in seen else recorded(path)


def _post_mortem(path: Path) -> dict[str, Any]:
    file = path / "post_mortem.json"
    try:
        seen = json.loads(file.read_text())
        if isinstance(seen["step"], int) and seen["step"] > 0 and isinstance(seen["checkpoint"], (str, type(None))):
            return seen
    except FileNotFoundError:
        raise UserError(f"{file} is not there: in {path} no number was found that is not finite") from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise UserError(f"{file} can't be read: it is written by a run that diverges")
