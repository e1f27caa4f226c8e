"""A tiny run that goes on in this process within a second, for what begins it hundreds of times.

Networks, their graphs and the functions of the export are built once and set back to their first values; curves are a
dot and grids of samples small. All else, what is read and written before all, is what `python train.py` does.
"""

import contextlib
import io
import logging
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

GAME = ("--model=mlp(generator=[None, 8, None], discriminator=[None, 8, 1], dropout=0.3)", "--dataset=digits",
        "--image_size=8", "--split=train[:200]", "--latent=normal(4)", "--batch_size=16", "--rounds_per_call=1",
        "--checkpoint_every_steps=2", "--keep_checkpoints=2", "--sample_every_steps=3", "--sample_count=4",
        "--evaluate_every_steps=2", "--generator_average=0.9", "--log_every_steps=1", "--histogram_every_steps=3")


class SmallRun:
    """The run at `path`. said, warned: what it said last on standard output, and what it warned of."""

    def __init__(self, path: Path, flags: Sequence[str] = GAME):
        self.path, self.flags, self.said, self.warned = Path(path), [*flags, f"--run_dir={path}"], "", ""

    def go(self, *more: str, stop_at: int | None = None) -> Any:
        """Begins it or goes on, with flags more; a SIGTERM comes when it has played `stop_at` rounds.

        Raises what it raises; returns how it ended.
        """
        from gan_zoo import run as runs
        from gan_zoo.commands import flags as command_line
        from gan_zoo.training.trainer import Trainer

        play = Trainer.play

        def playing(trainer, first_step, count):
            if stop_at is not None and first_step + count >= stop_at:
                signal.raise_signal(signal.SIGTERM)
            return play(trainer, first_step, count)

        said, warned = io.StringIO(), io.StringIO()
        handler = logging.StreamHandler(warned)
        try:
            with mock.patch.object(Trainer, "play", playing), contextlib.redirect_stdout(said), _heard(handler):
                return runs.begin(command_line.parse([*self.flags, *more]))[1]
        finally:
            self.said, self.warned = said.getvalue(), warned.getvalue()

    def remove(self) -> None:
        """Takes the folder away, or what is there."""
        if self.path.is_dir():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def reused() -> Iterator[None]:
    """Within it every run is that of the same game, whose networks and graphs are built once."""
    from gan_zoo.drawing import images
    from gan_zoo.export import saved_model
    from gan_zoo.training import loop, one_run, records

    make_trainer, make_monitor, functions = loop.Trainer, one_run.Monitor, saved_model.functions
    built: dict[Any, Any] = {}  # by seed; what belongs to networks by these

    def trainer(plan, strategy):
        seed = plan.experiment.seed
        if seed not in built:
            made = make_trainer(plan, strategy)
            built[seed] = made, [np.array(variable) for variable in _variables(made)]
        made, first = built[seed]
        made.plan = plan  # of another length, maybe
        for variable, value in zip(_variables(made), first, strict=True):
            variable.assign(value)
        return made

    def monitor(of):
        made = make_monitor(of, built[of]) if of in built else make_monitor(of)
        built[of] = made.checks
        return made

    def of_export(gan, *arguments, **named):
        if id(gan) not in built:
            built[id(gan)] = functions(gan, *arguments, **named)
        return built[id(gan)]

    def curves(_history, path, **_):
        images.write_png(path, np.zeros([1, 1], np.uint8))

    with (mock.patch.object(loop, "Trainer", trainer), mock.patch.object(one_run, "Monitor", monitor),
          mock.patch.object(saved_model, "functions", of_export), mock.patch.object(records.curves, "curves", curves),
          mock.patch.object(images, "LARGEST_SIDE", 40)):
        yield


def _variables(trainer: Any) -> list:
    return trainer.variables()


@contextlib.contextmanager
def _heard(handler: logging.Handler) -> Iterator[None]:
    from absl import logging as absl_logging

    logger = absl_logging.get_absl_logger()
    logger.addHandler(handler)
    with mock.patch.object(logger, "propagate", False):
        try:
            yield
        finally:
            logger.removeHandler(handler)
