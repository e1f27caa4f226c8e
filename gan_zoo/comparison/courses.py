"""The curves of rows: what the checks of a run saw, or the mean over the runs of a configuration."""

from collections.abc import Sequence

import numpy as np

from gan_zoo.comparison.configurations import Row
from gan_zoo.comparison.reading import RunRecord
from gan_zoo.drawing.comparisons import Course

_SHOWN = ("frechet", "coverage")


def courses(rows: Sequence[Row]) -> list[Course]:
    """One a row whose runs keep checks."""
    kept = [(row.name, [run for run in row.runs if run.series]) for row in rows]
    return [_course(name, runs) for name, runs in kept if runs]


def _course(name: str, runs: Sequence[RunRecord]) -> Course:
    """A mean, and a deviation with divisor n − 1, at each step at which a run was checked, over those that were."""
    steps = np.unique(np.concatenate([run.series["step"] for run in runs]))
    images = steps * runs[0].images_per_round
    found = {}
    for statistic in _SHOWN:
        values = np.full([len(runs), len(steps)], np.nan)
        for row, run in zip(values, runs, strict=True):
            row[np.searchsorted(steps, run.series["step"])] = run.series[statistic]
        found[statistic] = _moments(values)
    deviations = [found[statistic][1] if len(runs) > 1 else None for statistic in _SHOWN]
    return Course(name, images, *(found[statistic][0] for statistic in _SHOWN), *deviations)


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and deviations over the finite values of each column of [n, m]; NaN where there is none, or only one."""
    finite = np.isfinite(values)
    count = finite.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(finite, values, 0).sum(axis=0) / count
        squares = np.where(finite, (values - mean) ** 2, 0).sum(axis=0)
        return mean, np.sqrt(squares / np.where(count > 1, count - 1, np.nan))
