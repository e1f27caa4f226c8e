"""What a series of a run's rounds came to: the mean over its last tenth."""

from collections.abc import Sequence

import numpy as np

from gan_zoo.comparison.configurations import Row
from gan_zoo.comparison.reading import RunRecord, history
from gan_zoo.comparison.tables import Cell, Table
from gan_zoo.errors import UserError, nearest

_LAST = 0.1  # of the rounds
_NO_SERIES = {"seconds"}  # which only grows


def ordered(rows: Sequence[Row], name: str) -> tuple[list[Row], Table]:
    """The rows from the highest end of a series to the lowest, by the mean over their runs, and the table of these.

    name: of the series as in epochs.csv, or what stands there after a "/", as in invariant_information_c1. A row
    without it comes last. UserError if no run has it.
    """
    runs = [run for row in rows for run in row.runs]
    of = dict(zip([run.path for run in runs], _ends(runs, name), strict=True))
    cells = {row.name: Cell([end for run in row.runs if (end := of[run.path]) is not None], len(row.runs))
             for row in rows}
    descending = sorted(rows, key=lambda row: -cells[row.name].mean if cells[row.name].values else np.inf)
    return descending, Table("Mean over the last tenth of the rounds, highest first",
                             {name: [cells[row.name] for row in descending]})


def _ends(runs: Sequence[RunRecord], name: str) -> list[float | None]:
    """Of each run, None if it has no such series."""
    kept = [history(run.path) for run in runs]
    found = [next((series for key, series in each.items() if name in (key, key.rpartition("/")[2])), None)
             for each in kept]
    if all(series is None for series in found) or name in _NO_SERIES:
        known = sorted({key for each in kept for key in each} - _NO_SERIES)
        raise UserError(f"--by={name} is no series of these runs, whose checkpoints have them: {nearest(name, known)}")
    return [None if series is None else _end(series) for series in found]


def _end(series: np.ndarray) -> float | None:
    """The mean of those of its last values that are recorded and finite."""
    last = series[-max(1, round(_LAST * len(series))):] if len(series) else series
    finite = last[np.isfinite(last)]
    return float(finite.mean(dtype=np.float64)) if len(finite) else None
