"""Pictures of verdicts: what was generated as a run went, above the curves of its checks."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from PIL import Image

from gan_zoo.drawing.plots import BLUE, INK, ORANGE, STYLE
from gan_zoo.experiments import series_files
from gan_zoo.experiments.watching import SIDE, Watched
from gan_zoo.judging import rules
from gan_zoo.judging.groups import CLASSES
from gan_zoo.judging.words import COLLAPSED, COLLAPSING, CYCLING, DIVERGED, HEALTHY, TOO_EARLY, Finding

_GREEN, _PINK, _RED = "#009e73", "#cc79a7", "#b02a2a"
_CURVES = {"coverage": ("coverage", BLUE), "spread": ("spread", _GREEN), "accuracy_real": ("accuracy, real", ORANGE),
           "accuracy_generated": ("accuracy, generated", _PINK)}
_SHOWN = 8  # of the rows of images of a strip, which are twelve
_ACROSS, _POINTS_ACROSS = 20, 10  # about so many of its columns
_REPEATED = 10  # different images, of which a few rows show that they come again
_LOWEST, _HIGHEST = -0.03, 1.5
_WIDE, _CURVES_HIGH = 7, 2.8  # inches; of them .9 are titles and legend


class _Example(NamedTuple):
    path: Path
    watched: Watched
    findings: list[Finding]

    @property
    def picture(self) -> np.ndarray:
        """Its strip: uint8, a column a check."""
        return np.asarray(Image.open(self.path.with_suffix(".png")))

    @property
    def of_points(self) -> bool:
        """Whether the strip has a single row."""
        return len(self.picture) == SIDE

    @property
    def kinds(self) -> set[str]:
        """Of its findings, and of its end."""
        return {_kind(found) for found in self.findings} | ({DIVERGED} if self.watched.diverged else set())

    def having(self, kind: str) -> np.ndarray:
        """Which checks have a finding of the kind: bool [checks]."""
        return np.array([_kind(found) == kind for found in self.findings])


# What makes one run a better example of a verdict than another, before that it is of images, that nobody put its fault
# into it, and that it has it at more checks.
_BETTER: dict[str, Callable[[_Example], float]] = {
    TOO_EARLY: lambda example: example.findings[-1].verdict == HEALTHY and not example.watched.diverged,
    HEALTHY: lambda example: example.path.parent.name == HEALTHY and example.watched.series.kind == CLASSES,
    COLLAPSING: lambda example: -example.watched.series["coverage"][example.having(COLLAPSING)][-1],
    CYCLING: lambda example: np.nansum(example.watched.series["movement"][example.having(CYCLING)]),
    f"{COLLAPSED} {CLASSES}": lambda example: -example.watched.series.smooth("classes")[-1],
    f"{COLLAPSED} distinct images": lambda example: -abs(math.log10(example.watched.series.distinct[-1] / _REPEATED)),
    DIVERGED: lambda example: len(example.findings)}


def draw(folder: Path, out: Path, threshold: float) -> dict[str, Path]:
    """For each kind of verdict that some run had, a run that had it: verdict_….png in `out`.

    folder: where the series and strips of all runs lie, as the experiment leaves them. Collapses to some classes and to
    some different images are two kinds.
    """
    examples = [_read(path.with_suffix(""), threshold) for path in sorted(folder.glob("*/*.npz"))]
    examples = [each for each in examples if each.findings and each.path.with_suffix(".png").exists()]
    drawn = {}
    for kind in sorted({kind for each in examples for kind in each.kinds}):
        better = _BETTER.get(kind, lambda example: 0)
        best = max((each for each in examples if kind in each.kinds), key=lambda each: (
            better(each), not each.of_points, each.watched.fault is None, each.having(kind).sum()))
        drawn[kind] = out / f"verdict_{re.sub('[^a-z]+', '_', kind)}.png"
        with matplotlib.rc_context(STYLE):
            _draw(drawn[kind], best, kind)
    return drawn


def _kind(found: Finding) -> str:
    """The verdict, and of what there are few: "collapsed classes"."""
    return f"{found.verdict} {re.sub('.*[0-9]', '', found.about).strip()}".strip()


def _read(path: Path, threshold: float) -> _Example:
    watched = series_files.read(path)
    series = watched.series
    return _Example(path, watched, [rules.judge(series.up_to(checks), threshold)
                                    for checks in range(1, len(series) + 1)])


def _draw(path: Path, example: _Example, kind: str) -> None:
    series, which = example.watched.series, example.having(kind)
    strip = _part(example)
    high = _WIDE * len(strip) / strip.shape[1]
    figure = Figure(figsize=(_WIDE, high + _CURVES_HIGH), layout="constrained")
    above, below = figure.subplots(2, height_ratios=[high, _CURVES_HIGH - 0.9])
    above.imshow(strip, cmap="gray", vmin=0, vmax=255)
    above.set_axis_off()
    above.set_title(_title(example, which), fontsize=9)
    for name, (label, color) in _CURVES.items():
        below.plot(series["step"], np.clip(series[name], 0, _HIGHEST), label=label, linewidth=1.2, color=color)
    if which.any():
        below.fill_between(series["step"], 0, _HIGHEST, where=which, color="0.88", step="mid", label="this verdict")
    below.set(xlabel="rounds", ylim=(_LOWEST, _HIGHEST), xlim=(0, example.watched.diverged or series.step))
    if example.watched.diverged:
        below.axvline(example.watched.diverged, color=_RED, label="a loss is not finite", linewidth=3)
    beside = below.twinx()
    beside.plot(series["step"], series["frechet"], color=INK, linestyle=":", linewidth=1.2, label="Fréchet (right)")
    beside.set(yscale="log")
    beside.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    beside.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1000 else f"{value:.4g}")
    beside.yaxis.set_minor_locator(NullLocator())
    beside.grid(False)
    below.xaxis.label.set_size(8)
    for axes in (below, beside):
        axes.tick_params(labelsize=8)
    figure.legend(fontsize=7, loc="outside lower center", ncols=4)
    figure.savefig(path, dpi=110)


def _title(example: _Example, which: np.ndarray) -> str:
    """The run and the last finding of this kind; where there is none, that it diverged."""
    last = np.flatnonzero(which)[-1:]
    if len(last) == 0:
        return f"{example.path.name}: {DIVERGED} in round {example.watched.diverged:,}"
    return (f"{example.path.name} at step {example.watched.series['step'][last[0]]:,.0f}: "
            f"{example.findings[last[0]].short}")


def _part(example: _Example) -> np.ndarray:
    """Some rows and columns of the strip."""
    picture = example.picture
    columns = np.array_split(picture, series_files.columns(len(example.watched.series)), axis=1)
    across = _POINTS_ACROSS if example.of_points else _ACROSS
    some = np.concatenate(columns[::-(-len(columns) // across)], axis=1)
    return some if example.of_points else some[:len(some) * _SHOWN // 12]
