"""Pictures of points, and of how often what is meant meets what is found."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from gan_zoo.files import replacing

_BINS = 80  # at most
_MARGIN = 0.15  # of the range of the points, left free on either side
_DOTS = 2000  # of a scatter plot
_MOST_CLASSES = 30  # whose counts have room for numbers
BLUE, ORANGE, INK, FAINT = "#2b6cb0", "#d9622b", "#333333", "#dddddd"
STYLE: dict[Any, Any] = {
    "font.size": 11, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.edgecolor": "#999999", "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
}


def points(real: np.ndarray | None = None, generated: np.ndarray | None = None) -> np.ndarray:
    """A picture of points as uint8 [450, 800, 3]: generated ones over real ones, of which either may be missing.

    real, generated: [N, …], D numbers a point. D = 1: histograms of both, as densities, in the same bins;
    D > 1: a scatter plot of the first two coordinates. The axes are chosen from the real points, if there
    are any, so that the pictures of one run can be compared; the legend tells the share that lies outside.
    """
    sets = [_Points(name, values.reshape(len(values), -1)[:, :2].astype(np.float64), color) for name, values, color in
            (("real", real, BLUE), ("generated", generated, ORANGE)) if values is not None]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 4.5), dpi=100, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08))
        axes = figure.subplots()
        draw = _histograms if sets[0].values.shape[-1] == 1 else _scatter
        draw(axes, sets, *_frame(sets[0].values))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.015, 1.0), ncols=2, columnspacing=1.4, markerscale=3)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.array(canvas.buffer_rgba())[..., :3]


class _Points(NamedTuple):
    """values: [N, 1 or 2]."""

    name: str
    values: np.ndarray
    color: str

    def label(self, low: np.ndarray, high: np.ndarray) -> str:
        outside = 1 - np.mean(np.all((self.values >= low) & (self.values <= high), axis=-1))
        return f"{self.name}, {outside:.0%} outside" if outside >= 0.005 else self.name


def _frame(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest coordinates shown, [1 or 2] each: nearly all points, and a margin."""
    finite = values[np.isfinite(values).all(axis=-1)]
    low, high = np.quantile(finite, [0.0005, 0.9995], axis=0) if len(finite) else np.zeros([2, values.shape[-1]])
    margin = np.where(high > low, _MARGIN * (high - low), 1.0)
    return low - margin, high + margin


def _histograms(axes: Axes, sets: list[_Points], low: np.ndarray, high: np.ndarray) -> None:
    fewest = min(len(each.values) for each in sets)
    edges = np.linspace(low[0], high[0], min(_BINS, 2 * math.isqrt(fewest)) + 1)
    densities = [np.histogram(each.values, edges)[0] / (len(each.values) * np.diff(edges)) for each in sets]
    axes.stairs(densities[0], edges, fill=True, color=sets[0].color, alpha=0.35)
    for each, density in zip(sets, densities, strict=True):
        axes.stairs(density, edges, color=each.color, linewidth=1.6, label=each.label(low, high))
    axes.set_ylim(0, 1.5 * densities[0].max() or 1.0)
    axes.set_xlim(low[0], high[0])
    axes.set_xlabel("value")
    axes.set_ylabel("density")


def _scatter(axes: Axes, sets: list[_Points], low: np.ndarray, high: np.ndarray) -> None:
    for each in sets:
        across, up = each.values[:_DOTS].T
        axes.scatter(across, up, s=7, color=each.color, alpha=0.5, linewidth=0,
                     label=each.label(low, high))
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal")
    axes.set_xlabel("first coordinate")
    axes.set_ylabel("second coordinate")


def confusion(counts: np.ndarray, rows: str, columns: str, path, row_names: Sequence[str] = (),
              column_names: Sequence[str] = ()) -> None:
    """Writes a PNG of how often a row meets a column: counts [K, L], shaded by share of the row, and numbers if few.

    rows, columns: what they are. row_names, column_names: of each, () for their numbers.
    """
    few = max(counts.shape) <= _MOST_CLASSES
    height, width = np.minimum(counts.shape, _MOST_CLASSES)
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(1.5 + 0.6 * width, 1.2 + 0.5 * height), dpi=100, layout="constrained")
        axes = figure.subplots()
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), count in np.ndenumerate(counts) if few else ():
            color = "white" if shares[row, column] > 0.5 else INK
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=color, fontsize=9)
        if few:
            across, down = (_names(*each) for each in zip(counts.shape[::-1], (column_names, row_names), strict=True))
            long = max(map(len, across), default=0) > 2
            axes.set_xticks(range(len(across)), across, rotation=45 if long else 0, ha="right" if long else "center")
            axes.set_yticks(range(len(down)), down)
        axes.set_xlabel(columns)
        axes.set_ylabel(rows)
        with replacing(path) as temporary:
            FigureCanvasAgg(figure).print_png(temporary)


def _names(count: int, names: Sequence[str]) -> list[str]:
    """`count` names for an axis: the numbers of those that have none."""
    return [*names[:count], *map(str, range(len(names), count))]
