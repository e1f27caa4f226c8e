"""Pictures of a run: its curves, its points, and its samples as an animation."""

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter
from PIL import Image

from gan_zoo.files import replacing

_FEWEST, _MOST, _EACH = 50, 300, 10  # points of a line, and the values that one is the mean of
_FRAMES = 60
_BINS = 80  # at most
_MARGIN = 0.15  # of the range of the points, left free on either side
LEAST_RATIO = 1e-3  # that a logarithmic axis shows
_MOST_VERDICTS = 6  # the last ones
_DOTS = 2000  # of a scatter plot
_MOST_CLASSES = 30  # whose counts have room for numbers
_GREYS, _COLORS = 32, 128  # of a frame: fewer than a GIF may have, which halves the file
_BLUE, _ORANGE, _INK, _FAINT = "#2b6cb0", "#d9622b", "#333333", "#dddddd"
STYLE: dict[Any, Any] = {
    "font.size": 11, "text.color": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    "axes.edgecolor": "#999999", "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": _FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
}


class Checks(NamedTuple):
    """What checks saw: step, frechet and coverage, the ratios to real images' [checks]; verdicts: from when on."""

    step: np.ndarray
    frechet: np.ndarray
    coverage: np.ndarray
    verdicts: Sequence[tuple[int, str]]


def curves(history: Mapping[str, np.ndarray], path, title: str = "", checks: Checks | None = None) -> None:
    """Writes a PNG of 1200 × 500 pixels: both players' losses, and the discriminator's accuracies.

    With checks it is 1800 pixels wide, and a third picture shows these.

    history: "step", "discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated" (in
    [0, 1]), 1-D and of one length. A line goes through the means of at most 300 stretches; the band about
    it goes from the smallest to the largest value of each. Values that are not finite are left out.
    """
    with matplotlib.rc_context(STYLE):
        panels = 3 if checks else 2
        figure = Figure(figsize=(6 * panels, 5), dpi=100,
                        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08, wspace=0.02))
        losses, accuracies, *rest = figure.subplots(1, panels)
        if title:
            figure.suptitle(title, fontsize=13, fontweight="bold")
        bands = [_line(losses, history, "discriminator_loss", "discriminator", _BLUE),
                 _line(losses, history, "generator_loss", "generator", _ORANGE)]
        _limit(losses, bands)
        _label(losses, "Loss", history["step"])
        accuracies.axhline(0.5, color=_INK, linewidth=1.2, linestyle=":", label="chance")
        _line(accuracies, history, "accuracy_real", "on real images", _BLUE)
        _line(accuracies, history, "accuracy_generated", "on generated images", _ORANGE)
        accuracies.set_ylim(-0.02, 1.02)
        _label(accuracies, "Discriminator accuracy", history["step"])
        if checks:
            _checks(rest[0], checks)
            _label(rest[0], "Beside real images", history["step"])
        with replacing(path) as temporary:
            FigureCanvasAgg(figure).print_png(temporary)


def _checks(axes: Axes, checks: Checks) -> None:
    """Fréchet distance and coverage over what real images get, and where the verdict changed."""
    axes.axhline(1, color=_INK, linewidth=1.2, linestyle=":", label="real images")
    for values, label, color in ((checks.frechet, "Fréchet distance", _BLUE), (checks.coverage, "coverage", _ORANGE)):
        axes.plot(checks.step, np.maximum(values, LEAST_RATIO), color=color, linewidth=1.6, label=label,
                  marker="o" if len(values) == 1 else None)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    axes.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    for step, verdict in checks.verdicts[-_MOST_VERDICTS:]:
        axes.axvline(step, color=_FAINT, linewidth=1.2)
        axes.annotate(verdict, (step, 0.02), xycoords=("data", "axes fraction"), rotation=90, fontsize=8, ha="left",
                      va="bottom", color="#777777")


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


def _line(axes: Axes, history: Mapping[str, np.ndarray], key: str, label: str, color: str):
    """Draws one quantity; returns its band (least, most)."""
    parts = min(max(len(history["step"]) // _EACH, _FEWEST), _MOST)
    steps, _, _ = thin(history["step"], parts)
    mean, least, most = thin(history[key], parts)
    axes.fill_between(steps, least, most, color=color, alpha=0.18, linewidth=0)
    axes.plot(steps, mean, color=color, linewidth=1.6, label=label, marker="o" if len(steps) == 1 else None)
    return least, most


def _limit(axes: Axes, bands) -> None:
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
    axes.set_title(title, loc="left", fontsize=12, pad=30)
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.015, 1.0), ncols=3, columnspacing=1.4, handlelength=1.6)


def points(real: np.ndarray | None = None, generated: np.ndarray | None = None) -> np.ndarray:
    """A picture of points as uint8 [450, 800, 3]: generated ones over real ones, of which either may be missing.

    real, generated: [N, …], D numbers a point. D = 1: histograms of both, as densities, in the same bins;
    D > 1: a scatter plot of the first two coordinates. The axes are chosen from the real points, if there
    are any, so that the pictures of one run can be compared; the legend tells the share that lies outside.
    """
    sets = [_Points(name, values.reshape(len(values), -1)[:, :2].astype(np.float64), color) for name, values, color in
            (("real", real, _BLUE), ("generated", generated, _ORANGE)) if values is not None]
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
            color = "white" if shares[row, column] > 0.5 else _INK
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


def progress_gif(sample_paths: Sequence, out, seconds: float = 6) -> list:
    """Writes a looping GIF of the pictures, in order, that takes about `seconds`; the last stays longest.

    Of more than 60 pictures, 60 evenly spaced ones are shown, the first and the last among them. Returns the paths of
    those that can't be read, which are left out; if none can, there is no GIF.
    """
    if not sample_paths:
        raise ValueError("progress_gif needs at least one picture")
    picks = np.linspace(0, len(sample_paths) - 1, min(len(sample_paths), _FRAMES)).round().astype(int)
    frames, unreadable = [], []
    for path in (sample_paths[index] for index in picks):
        try:
            frames.append(_frame_of(path))
        except (OSError, ValueError, SyntaxError):  # what Pillow raises for a broken file
            unreadable.append(path)
    if not frames:
        return unreadable
    last = frames[-1]
    frames = [frame.resize(last.size) if frame.size != last.size else frame for frame in frames]
    hold = 1000 * seconds / 4
    each = (1000 * seconds - hold) / max(len(frames) - 1, 1)
    _write_gif(frames, [max(20, round(each))] * (len(frames) - 1) + [round(hold)], out)
    return unreadable


def _frame_of(path) -> Image.Image:
    with Image.open(os.fspath(path)) as picture:
        grey = picture.mode == "L"
        return picture.convert("L" if grey else "RGB").quantize(_GREYS if grey else _COLORS, dither=Image.Dither.NONE)


def animation(pictures: Sequence[np.ndarray], out, seconds: float = 3) -> None:
    """Writes a looping GIF of pictures uint8 [h, w, 1 or 3] of one size, evenly over `seconds`."""
    frames = [Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).quantize(
        _GREYS if picture.shape[-1] == 1 else _COLORS, dither=Image.Dither.NONE) for picture in pictures]
    _write_gif(frames, [max(20, round(1000 * seconds / len(frames)))] * len(frames), out)


def _write_gif(frames: list[Image.Image], durations: list[int], out) -> None:
    """durations: of each frame in milliseconds."""
    with replacing(out) as temporary:
        frames[0].save(temporary, format="GIF", save_all=True, append_images=frames[1:], duration=durations,
                       loop=0, optimize=False)
