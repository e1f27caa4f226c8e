"""What flags mean that leave something open: what the run in the folder began with, else what suits this machine."""

from dataclasses import replace
from pathlib import Path

from gan_zoo import processor
from gan_zoo.errors import UserError
from gan_zoo.evaluation.run_record import read_run_record
from gan_zoo.experiment import Experiment


def settled(experiment: Experiment, folder: Path) -> Experiment:
    """With a precision in place of "auto", and with the run's best_metric if there is a run in the folder.

    A run goes on as it began, on another machine or under a version with another default. Without one, "auto" is
    mixed_bfloat16 on a processor that has instructions for it, else float32; a best_metric that is left out stays so,
    since the data decide it.
    """
    if experiment.precision != "auto" and experiment.best_metric:
        return experiment
    try:
        begun = read_run_record(folder)["flags"]
    except UserError:  # no run yet, or one that is refused in a moment
        begun = {}
    precision, best_metric = experiment.precision, experiment.best_metric or begun.get("best_metric")
    if precision == "auto":
        precision = begun.get("precision") or ("mixed_bfloat16" if processor.multiplies_bfloat16() else "float32")
    return replace(experiment, precision=precision, best_metric=best_metric)
