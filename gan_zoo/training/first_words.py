"""What a run says before its first round."""

from gan_zoo.training import storage
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.trainer import Trainer
from gan_zoo.training.trial import seconds_per_round


def lines(run: RunDirectory, trainer: Trainer, device: str, keep: int) -> list[str]:
    """What will be trained, and where what comes of it is. device: in words. keep: checkpoints."""
    plan = trainer.plan
    return [f"{plan.experiment.model} on {plan.data.description}; {device}; {plan.steps:,} steps, "
            f"{plan.steps / plan.rounds_per_epoch:.1f} epochs → {run.path}",
            f"pictures: {run.samples}/step_….png every {plan.sample_every:,} steps, {run.curves}, and "
            f"tensorboard --logdir {run.path.parent}",
            storage.need(trainer.state_bytes, keep, run.checkpoints)]


def forecast(trainer: Trainer, step: int) -> str:
    """About how long the rest of the run takes on this machine, by a few rounds of a game that is thrown away."""
    seconds, rounds, _ = seconds_per_round(trainer.plan.experiment, trainer.plan.data, trainer.strategy)
    whole = _about(seconds * (trainer.plan.steps - step))
    return (f"that takes about {whole} here, by {rounds} rounds that were tried ({seconds:.2g} s each); checks and "
            "samples come on top. Ctrl-C stops and saves, the same command goes on; --epochs=1 is shorter")


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds" if seconds >= 1.5 else "a second"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
