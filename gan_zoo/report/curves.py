"""The curves of a run as numbers: losses, accuracies, what its objective watches, its checks, each with its floor."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gan_zoo.report.reading import Look
from gan_zoo.training.history import OBJECTIVE, means

_POINTS = 300  # of a line
_ALIKE = 25  # times as large, up to which two quantities stand in one picture
_REAL = {"value": 1, "label": "real images"}
_OVER = "over real images'"
# Statistics of a check, as docs/reading_a_run.md has them: title, name, label; what is over real images' has 1 there.
_CHECKS = (("Fréchet distance", "frechet", _OVER), ("Coverage", "coverage", _OVER), ("Spread", "spread", _OVER),
           ("The rarest class", "worst_class", _OVER), ("Classes", "classes", "that are there"),
           ("The largest class", "top_class", "share of images"), ("Churn", "churn", "noises that changed class"),
           ("Movement", "movement", "of the mean image"))
_FIRST = 2  # checks that are shown at once


def charts(look: Look) -> list[dict[str, Any]]:
    """{"title", "x": steps, "series": [{"label", "y"}], …} each; y is null where nothing is known.

    lines: levels to read values against. log: whether the scale is. range: of y, null: as the values are. more: whether
    it is of lesser interest. means: how many rounds a point is the mean of, or null.
    """
    steps, rows, each = _thinned(look)
    made = []
    if steps:
        made += _chart("Loss", steps, [("discriminator", rows.get("discriminator_loss")),
                                       ("generator", rows.get("generator_loss"))], means=each)
        made += _chart("Discriminator accuracy", steps, [("on real images", rows.get("accuracy_real")),
                                                         ("on generated images", rows.get("accuracy_generated"))],
                       lines=[{"value": 0.5, "label": "chance"}], range=[0, 1], means=each)
        for group in _alike({name.removeprefix(OBJECTIVE).replace("_", " "): values for name, values in rows.items()
                             if name.startswith(OBJECTIVE)}):
            levels, series = _apart(group)
            made += _chart("What the objective watches", steps, series, lines=levels, means=each)
    return made + _checks(look)


def _chart(title: str, x: Sequence[float], series: Sequence[tuple[str, np.ndarray | None]],
           **more: Any) -> list[dict[str, Any]]:
    """The chart, if there is a finite value in it."""
    shown = [{"label": label, "y": _rounded(values)} for label, values in series
             if values is not None and np.isfinite(values).any()]
    known = {"lines": [], "log": False, "range": None, "more": False, "means": None}
    return [{"title": title, "x": list(x), "series": shown, **known, **more}] if shown else []


def _thinned(look: Look) -> tuple[list[int], dict[str, np.ndarray], int | None]:
    """(steps, the mean of each series over the rounds up to there, rounds of a mean if these are rounds)."""
    history = look.history
    if not history:
        return [], {}, None
    count = len(history["step"])
    ends = np.unique(np.linspace(0, count, min(_POINTS, count) + 1)[1:].astype(int))
    starts = np.concatenate([[0], ends[:-1]])
    steps = history["step"][ends - 1].astype(int).tolist()
    with np.errstate(all="ignore"):  # a run that diverged has infinities
        rows = {name: means(values, starts.tolist(), ends.tolist()) for name, values in history.items()
                if name not in ("step", "epoch", "seconds")}
    return steps, rows, max(1, round(steps[-1] / len(steps)))


def _alike(series: dict[str, np.ndarray]) -> list[list[tuple[str, np.ndarray]]]:
    """Groups of about one size, so that none is a flat line beside another, in the order of their first ones."""
    groups: list[tuple[float, list[tuple[str, np.ndarray]]]] = []
    for name, values in series.items():
        finite = np.abs(values[np.isfinite(values)])
        size = max(float(np.quantile(finite, 0.9)), 1e-12) if len(finite) else 1.0
        fitting = next((group for first, group in groups if max(first, size) <= _ALIKE * min(first, size)), None)
        groups.append((size, [(name, values)])) if fitting is None else fitting.append((name, values))
    return [group for _, group in groups]


def _apart(group: Sequence[tuple[str, np.ndarray]]) -> tuple[list[dict[str, Any]], list[tuple[str, np.ndarray]]]:
    """What never moves, as levels of one label each, and the rest; all are the rest if none of them moves."""
    still = {name: float(f"{values[0]:.5g}") for name, values in group
             if len(values) > 1 and np.ptp(values) < 1e-6 * abs(values[0])}
    if len(still) == len(group):
        return [], list(group)
    levels = [{"value": value, "label": ", ".join(name for name, other in still.items() if other == value)}
              for value in dict.fromkeys(still.values())]
    return levels, [(name, values) for name, values in group if name not in still]


def _checks(look: Look) -> list[dict[str, Any]]:
    series, made = look.record.series, []
    if not len(series.get("step", ())):
        return []
    steps = [int(step) for step in np.nan_to_num(series["step"])]
    for index, (title, name, label) in enumerate(_CHECKS):
        made += _chart(title, steps, [(label, series.get(name))], lines=[_REAL] if label == _OVER else [],
                       log=name == _CHECKS[0][1], more=index >= _FIRST)
    return made


def _rounded(values: np.ndarray) -> list[float | None]:
    """Five digits of each, null where it is not finite."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values.tolist()]
