"""The curves of a run: losses, accuracies, what its objective watches, and what its checks saw."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter

from gan_zoo.drawing.plots import BLUE, INK, ORANGE, STYLE
from gan_zoo.files import replacing

LEAST_RATIO = 1e-3  # that a logarithmic axis shows
_FEWEST, _MOST, _EACH = 50, 300, 10  # points of a line, and the values that one is the mean of
_COLORS = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b")  # then from the beginning
_IN_A_ROW = 3  # entries of a legend
_MOST_VERDICTS = 8  # the last ones
_GAP = 0.022  # of the width of a panel, between the numbers of verdicts
_LETTERS_AN_INCH, _BLANK = 13, "\N{NO-BREAK SPACE}"
_GREY, _RED = "#777777", "#b02a2a"


class Change(NamedTuple):
    """A verdict: the step from which on it holds, its words, and whether it is a fault."""

    step: int
    words: str
    is_fault: bool = False


class Checks(NamedTuple):
    """What checks saw: step, frechet and coverage, the ratios to real images' [checks]; the verdicts, oldest first.

    floor: (Fréchet distance, coverage) of real images, which these are the ratios to, or None if nobody knows.
    """

    step: np.ndarray
    frechet: np.ndarray
    coverage: np.ndarray
    verdicts: Sequence[Change] = ()
    floor: tuple[float, float] | None = None


class Watched(NamedTuple):
    """What the objective watches: its label, values [rounds], and what they can't exceed, or None."""

    label: str
    values: np.ndarray
    limit: float | None = None


def curves(history: Mapping[str, np.ndarray], path, title: str = "", checks: Checks | None = None,
           watched: Sequence[Watched] = ()) -> None:
    """Writes a PNG: both players' losses, the discriminator's accuracies, what is watched, and what checks saw.

    Each has 600 × 500 pixels; four are in two rows. Where the verdict changed there is a numbered line through all of
    them, and below stands what the numbers mean.

    history: "step", "discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated" (in
    [0, 1]), 1-D and of one length. A line goes through the means of at most 300 stretches; the band about
    it goes from the smallest to the largest value of each. Values that are not finite are left out.
    """
    steps = history["step"]
    with matplotlib.rc_context(STYLE):
        count = 2 + bool(watched) + bool(checks)
        rows = 2 if count == 4 else 1
        figure = Figure(figsize=(6 * count / rows, 5 * rows), dpi=100,
                        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08, wspace=0.02))
        panels = list(figure.subplots(rows, count // rows).flat)
        if title:
            figure.suptitle(title, fontsize=13, fontweight="bold")
        _lines(panels[0], "Loss", steps, [Watched("discriminator", history["discriminator_loss"]),
                                          Watched("generator", history["generator_loss"])])
        panels[1].axhline(0.5, color=INK, linewidth=1.2, linestyle=":", label="chance")
        _lines(panels[1], "Discriminator accuracy", steps, [
            Watched("on real images", history["accuracy_real"]),
            Watched("on generated images", history["accuracy_generated"])], (-0.02, 1.02))
        if watched:
            _lines(panels[2], "Watched by the objective", steps, watched)
        if checks:
            _checks(panels[-1], checks, steps)
            _mark(figure, panels, checks.verdicts, steps)
        with replacing(path) as temporary:
            FigureCanvasAgg(figure).print_png(temporary)


def _lines(axes: Axes, title: str, steps: np.ndarray, shown: Sequence[Watched], limits=None) -> None:
    """A line each; limits: of the axis, by default of all values but extreme ones."""
    bands = []
    for index, each in enumerate(shown):
        color = _COLORS[index % len(_COLORS)]
        bands.append(_line(axes, steps, each, color))
        if each.limit is not None:
            axes.axhline(each.limit, color=color, linewidth=1.2, linestyle=":", label=f"at most {each.limit:.2f}")
            bands.append((np.array([each.limit]),) * 2)
    if limits:
        axes.set_ylim(*limits)
    else:
        _limit(axes, bands)
    _label(axes, title, steps)


def _checks(axes: Axes, checks: Checks, steps: np.ndarray) -> None:
    """Fréchet distance and coverage over what real images get."""
    axes.axhline(1, color=INK, linewidth=1.2, linestyle=":", label="real images")
    for values, label, color in ((checks.frechet, "Fréchet distance", BLUE), (checks.coverage, "coverage", ORANGE)):
        axes.plot(checks.step, np.maximum(values, LEAST_RATIO), color=color, linewidth=1.6, label=label,
                  marker="o" if len(values) == 1 else None)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    axes.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    floor = " (Fréchet distance {:.3g}, coverage {:.3g})".format(*checks.floor) if checks.floor else ""
    _label(axes, f"Over real images'{floor}", steps)


def _mark(figure: Figure, panels: Sequence[Axes], verdicts: Sequence[Change], steps: np.ndarray) -> None:
    """Numbered lines through all panels where verdicts changed, and below these what the numbers mean."""
    skipped = max(0, len(verdicts) - _MOST_VERDICTS)
    shown, first = verdicts[skipped:], steps[0] if len(steps) else 0
    length = max(steps[-1] - first, 1) if len(steps) else 1
    places = _apart([(change.step - first) / length for change in shown])
    words = [f"{skipped} earlier ones not shown"] if skipped else []
    for number, (change, place) in enumerate(zip(shown, places, strict=True), start=skipped + 1):
        color = _RED if change.is_fault else _GREY
        words.append(f"{number}  {change.words}, from step {change.step:,}")
        for axes in panels:
            axes.axvline(change.step, color=color, linewidth=0.8, alpha=0.6, zorder=1)
            axes.annotate(str(number), (place, 1), xycoords="axes fraction", xytext=(1, -1), fontsize=8, ha="left",
                          textcoords="offset points", va="top", color=color, fontweight="bold")
    # Blanks within an entry are not broken.
    text = "Verdicts:   " + "     ".join(word.replace(" ", _BLANK) for word in words)
    width = round(figure.get_figwidth() * _LETTERS_AN_INCH)
    figure.supxlabel(textwrap.fill(text, width), x=0.012, ha="left", fontsize=10)


def _apart(places: Sequence[float]) -> list[float]:
    """Rising shares of a width moved so that each has room beside the one before, all within it."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + _GAP if moved else 0.0))
    for index in range(len(moved) - 1, -1, -1):
        moved[index] = min(moved[index], 1 - _GAP * (len(moved) - index))
    return moved


def thin(values: np.ndarray, parts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean, least and largest finite value of `parts` (or fewer) equal stretches of 1-D `values`.

    A stretch without a finite value gives NaN.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return values, values, values
    starts = np.linspace(0, len(values), min(parts, len(values)), endpoint=False).astype(int)
    finite = np.isfinite(values)
    count = np.add.reduceat(finite.astype(np.float64), starts)
    count[count == 0] = np.nan
    mean = np.add.reduceat(np.where(finite, values, 0), starts) / count
    least = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    most = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    none = np.isnan(count)
    least[none], most[none] = np.nan, np.nan
    return mean, least, most


def _line(axes: Axes, steps: np.ndarray, shown: Watched, color: str) -> tuple[np.ndarray, np.ndarray]:
    """Draws one quantity; returns its band (least, most)."""
    parts = min(max(len(steps) // _EACH, _FEWEST), _MOST)
    places, _, _ = thin(steps, parts)
    mean, least, most = thin(shown.values, parts)
    axes.fill_between(places, least, most, color=color, alpha=0.18, linewidth=0)
    axes.plot(places, mean, color=color, linewidth=1.6, label=shown.label, marker="o" if len(places) == 1 else None)
    return least, most


def _limit(axes: Axes, bands: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """Keeps a few extreme values from flattening everything else."""
    least, most = (np.concatenate(side) for side in zip(*bands, strict=True))
    least, most = least[np.isfinite(least)], most[np.isfinite(most)]
    if not len(least):
        axes.text(0.5, 0.5, "no finite values", transform=axes.transAxes, ha="center", color="#999999")
        return
    low, high = np.quantile(least, 0.01), np.quantile(most, 0.99)
    room = 0.25 * (high - low) or 1.0
    low, high = max(least.min(), low - room), min(most.max(), high + room)
    margin = 0.03 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)


def _label(axes: Axes, title: str, steps: np.ndarray) -> None:
    if len(steps) > 1:
        axes.set_xlim(steps[0], steps[-1])
    rows = -(-len(axes.get_legend_handles_labels()[0]) // _IN_A_ROW)
    axes.set_title(title, loc="left", fontsize=12, pad=12 + 18 * rows)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.015, 1.0), ncols=_IN_A_ROW, columnspacing=1.4, handlelength=1.6)
