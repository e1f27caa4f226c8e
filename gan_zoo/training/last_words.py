"""What a run says when it ends."""

from collections.abc import Sequence
from pathlib import Path

from gan_zoo.errors import UserError
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.progress import duration
from gan_zoo.training.run_directory import RunDirectory

_BEST = {"frechet": "Fréchet distance", "coverage": "coverage"}


def done(run: RunDirectory, seconds: float, reason: str, last_grid: Sequence[Path], best_lines: list[str]) -> list[str]:
    """Where everything is. reason: why it ended before the last round, "" if it did not."""
    lines = [f"done in {duration(seconds)}: {reason}" if reason else f"done in {duration(seconds)}."]
    lines += [f"  samples      {grid}   (all of them: {run.progress})" for grid in last_grid]
    return [*lines, f"  curves       {run.curves}", *best_lines,
            f"  TensorBoard  tensorboard --logdir {run.path.parent}",
            f"  export       {run.export}   (python -m gan_zoo.sample --saved_model={run.export})"]


def best(monitor: Monitor | None, metric: str, exported_step: int) -> list[str]:
    """Lines about the best check and the verdict."""
    if not monitor or not monitor.best or not monitor.finding:
        return []
    last = monitor.series[metric][-1]
    exported = ("exported" if exported_step == monitor.best.step
                else f"--export=best exports it, not step {exported_step:,}")
    return [f"  best         {_BEST[metric]} {monitor.best.value:.2f} at step {monitor.best.step:,} ({exported}), "
            f"{last:.2f} at the end; real images: 1", f"  verdict      {monitor.finding}"]


def kept(checkpoints: Path) -> str:
    """A sentence about the last checkpoint, all of whose numbers are finite."""
    try:
        paths = Checkpoints(checkpoints).paths()
    except UserError:
        return "Its checkpoints can't be looked at now."
    return f"Last good checkpoint: {paths[-1] if paths else 'none yet'}."
