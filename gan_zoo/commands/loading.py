"""The run that a command line names, in TensorFlow's hands."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gan_zoo.errors import UserError
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    from gan_zoo.export.model import Model
    from gan_zoo.run import Run


def loaded(run_dir: str, checkpoint: str | None, data_dir: str | None) -> "Run":
    """The run at a checkpoint, as gan_zoo.load has it; its errors name the shell's flags."""
    with quiet():
        from gan_zoo.run import load
    try:
        return load(run_dir, checkpoint=checkpoint or None, data_dir=data_dir or None)
    except UserError as error:
        raise UserError(f"--{error}" if str(error).startswith(("run_dir=", "checkpoint=")) else str(error)) from None


def exported(run_dir: str, checkpoint: str | None) -> str | None:
    """The export of a complete run, None if a checkpoint is asked for, or there is none, or the run goes on."""
    with quiet():
        from gan_zoo.training.run_directory import is_complete

    path = os.path.join(run_dir, "export")
    return path if not checkpoint and os.path.isdir(path) and is_complete(Path(run_dir)) else None


def model(run_dir: str, checkpoint: str | None, data_dir: str | None) -> "Model":
    """What generates: what a complete run has exported, or else a checkpoint, the newest if none is named.

    data_dir: where the data of the run lie now.
    """
    from gan_zoo.export.model import Model

    if export := exported(run_dir, checkpoint):
        return Model.read(export, "--run_dir")
    return loaded(run_dir, checkpoint, data_dir).model
