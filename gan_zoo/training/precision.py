"""What --precision=auto means."""

from pathlib import Path

from gan_zoo import processor
from gan_zoo.errors import UserError
from gan_zoo.evaluation.run_record import read_run_record

AUTO = "auto"


def chosen(asked: str, folder: Path) -> str:
    """What was asked for; of "auto" that of the run in the folder, which may have begun on another machine.

    Without a run there, mixed_bfloat16 on a processor that has instructions for it, else float32.
    """
    if asked != AUTO:
        return asked
    try:
        return read_run_record(folder)["flags"]["precision"]
    except (UserError, KeyError):  # no run yet, or one that is refused in a moment
        return "mixed_bfloat16" if processor.multiplies_bfloat16() else "float32"
