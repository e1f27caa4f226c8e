"""A run's game as one of its checkpoints has it, and the export that it would give.

Nothing in the folder is touched, since the run may be going on.
"""

import contextlib
from dataclasses import replace
from pathlib import Path

from gan_zoo import export
from gan_zoo.data import Dataset
from gan_zoo.errors import UserError
from gan_zoo.evaluation.candidates import experiment_of_run
from gan_zoo.experiment import Experiment
from gan_zoo.export.model import Model
from gan_zoo.quiet import quiet, without_retracing_warnings
from gan_zoo.training import machine, monitor
from gan_zoo.training.check_interval import interval
from gan_zoo.training.checkpoints import Checkpoints, Restored
from gan_zoo.training.interruption import unswallowed
from gan_zoo.training.plan import draft, identity, plan
from gan_zoo.training.run_directory import RunDirectory, Tie, exported_step, recorded
from gan_zoo.training.trainer import Trainer

OTHERS = ("best", "newest")  # what --checkpoint takes beside names and steps


def at_checkpoint(path: Path, checkpoint: str | None, data_dir: str | None = None) -> tuple[Trainer, int]:
    """(trainer, step): the whole game of a run as it was at a checkpoint, or before the first round if that is None."""
    experiment = experiment_of_run(str(path), "run_dir")
    experiment = replace(experiment, data_dir=data_dir) if data_dir else experiment
    if checkpoint is None:
        return built(experiment, path), 0
    trainer, state = restored(experiment, path, chosen=[named(path, checkpoint)])
    return trainer, state.step


def named(path: Path, checkpoint: str) -> Path:
    """The folder of a checkpoint of a run, by its name or its step; UserError if there is none."""
    try:
        return Checkpoints(path / "checkpoints").named(checkpoint, OTHERS)
    except UserError as error:
        raise UserError(f"checkpoint={checkpoint}: {error}") from None


def restored(experiment: Experiment, path: Path, dataset: Dataset | None = None,
             chosen: list[Path] | None = None) -> tuple[Trainer, Restored]:
    """(trainer, what its newest checkpoint says, or the newest of the chosen ones). UserError if none can be read."""
    trainer = built(experiment, path, dataset)
    kept = Checkpoints(path / "checkpoints", tie=Tie.of(recorded(path)))
    return trainer, kept.read_newest(trainer.checkpoint, chosen)


def built(experiment: Experiment, path: Path, dataset: Dataset | None = None) -> Trainer:
    """The game of a run before its first round. dataset: in place of what --dataset names."""
    with quiet(), machine.precision(experiment.precision):
        planned = plan(draft(experiment), dataset)
        RunDirectory(str(path)).check(planned.experiment, identity(planned))
        with unswallowed():
            return Trainer(planned, machine.make_strategy("one_device"))


def use_best(trainer: Trainer, state: Restored, path: Path, checkpoint: str | int | None) -> int:
    """Gives the networks the weights of the best check if these are wanted; returns the step of their weights.

    checkpoint: "best" wants them, None does if the run has exported them. UserError if it was not checked yet.
    """
    best = monitor.best_in(state.judged)
    if checkpoint == "best" and best is None:
        every = interval(trainer)
        raise UserError(f"checkpoint=best: {path} was never checked: " + (
            f"its first check comes after {every:,} rounds, let it train on" if state.step < every else
            "train it without --evaluate_every_steps=0"))
    if best and (checkpoint == "best" or (checkpoint is None and exported_step(path) == best.step)):
        monitor.use(best, trainer)
        return best.step
    return state.step


def live(trainer: Trainer, step: int) -> Model:
    """The networks as they are, behind the signatures of an export. step: of their weights."""
    of, metadata = trainer.plan, {"flags": trainer.plan.experiment.values(), "step": step}
    description = export.describe(of.latent, of.label, of.data.image_shape, trainer.gan.value_range,
                                  trainer.gan.packing, metadata)
    signatures = export.functions(trainer.gan, of.latent, of.objective, of.label, trainer.sampler)
    return Model(description, signatures, f"run_dir={of.experiment.run_dir}",
                 within=lambda: as_trained(of.experiment.precision))


@contextlib.contextmanager
def as_trained(precision: str):
    """Within it, graphs are built in the run's own precision."""
    with machine.precision(precision), without_retracing_warnings():
        yield
