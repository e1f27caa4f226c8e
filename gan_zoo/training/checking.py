"""Whether what lies in the folder of a run is as it was written."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import UserError, one_line
from gan_zoo.export.model import Model
from gan_zoo.training.checkpoints import DAMAGED, Checkpoints
from gan_zoo.training.run_directory import RunDirectory, Tie

_DRAWN = 16  # images


class Part(NamedTuple):
    """A part of a run and what was found, in words. is_whole: whether there is nothing to mend."""

    name: str
    words: str
    is_whole: bool = True


def parts(path: Path) -> Iterator[Part]:
    """What is in a run's folder, part by part. UserError if there is no run that this version can read."""
    run = RunDirectory(str(path))
    run.check_kinds()
    run.read()
    record = run.record
    known = step if isinstance(step := record.get("step"), int) else 0
    yield Part("run.json", f"{record.get('status', 'of no known state')}, step {known:,}")
    yield from _checkpoints(Checkpoints(run.checkpoints, tie=Tie.of(record)), known)
    yield _export(run)


def _checkpoints(checkpoints: Checkpoints, known: int) -> Iterator[Part]:
    paths, whole = checkpoints.paths(), 0
    for path in paths:
        try:
            step = checkpoints.verify(path)
        except DAMAGED as error:
            yield Part(path.name, f"damaged: {one_line(error, most=120)}", False)
        else:
            whole += 1
            yield Part(path.name, f"whole, step {step:,}")
    if known and not whole:
        yield Part("checkpoints", f"none that can be read, though run.json says step {known:,}", False)


def _export(run: RunDirectory) -> Part:
    if run.record.get("status") != "complete" and not run.export.is_dir():
        return Part("export", "none yet")
    if fault := run.export_fault():
        return Part("export", f"{fault}; the run's own command makes it again", False)
    try:
        model = Model.read(str(run.export), "run_dir")
        drawn = model.decode(model.draw(_DRAWN, 0))
    except UserError as error:
        return Part("export", str(error), False)
    if not np.all(np.isfinite(drawn)):
        return Part("export", "what it generates is not finite", False)
    return Part("export", f"whole, step {model.description.metadata.get('step')}: generates what is finite")
