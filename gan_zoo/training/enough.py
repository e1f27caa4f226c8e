"""When a run ends, and why."""

from typing import NamedTuple

from gan_zoo.training.monitor import Monitor
from gan_zoo.training.plan import Plan


class Enough(NamedTuple):
    """Why a run ends. reason: "" if all rounds are played. way_on: what makes it go on. is_alarm: if it must not."""

    reason: str
    way_on: str
    is_alarm: bool = False


def reached(plan: Plan, step: int, monitor: Monitor | None) -> Enough | None:
    """Why no further round is played after `step`, or None."""
    experiment = plan.experiment
    if step >= plan.steps:
        return Enough("", "Raise --steps or --epochs to go on.")
    if monitor and experiment.patience and monitor.checks_since_best >= experiment.patience:
        return Enough(f"{experiment.patience} checks without a better one", "Raise --patience to go on.")
    if monitor and experiment.on_alarm == "stop" and monitor.finding and monitor.finding.is_fault:
        return Enough(str(monitor.finding), "--on_alarm=warn goes on.", is_alarm=True)
    return None
