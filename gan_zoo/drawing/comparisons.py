"""Pictures of several runs: the curves of their checks, and their samples side by side."""

import itertools
import math
import os
from collections.abc import Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import EngFormatter, LogFormatter, StrMethodFormatter
from PIL import Image, ImageDraw

from gan_zoo.drawing.curves import LEAST_RATIO
from gan_zoo.drawing.images import write_png
from gan_zoo.drawing.lettering import INK, fitted, font, shortened
from gan_zoo.drawing.plots import STYLE
from gan_zoo.files import replacing

# Of Okabe and Ito, told apart by the colour-blind, yellow left out, and three more; then with other dashes again.
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c564b", "#7f7f7f")
_DASHES = ("-", "--", ":", "-.")
_LONGEST = 40  # characters of a name
_LEGEND_ROWS = 18
_FEW = 5  # checks, which are shown as points too
_CELL, _PAD, _LETTERS, _ACROSS = 440, 18, 20, 5  # pixels a picture, between them, and of a name; pictures in a row


class Course(NamedTuple):
    """What checks saw after so many real images: [checks] each; deviations of means over runs, or None.

    images: seen by the discriminator. frechet, coverage: ratios to real images'.
    """

    name: str
    images: np.ndarray
    frechet: np.ndarray
    coverage: np.ndarray
    frechet_deviation: np.ndarray | None = None
    coverage_deviation: np.ndarray | None = None


def curves(courses: Sequence[Course], path) -> None:
    """Writes a PNG of Fréchet distance and coverage over images seen: a line a course, a band of ± its deviation."""
    columns = math.ceil(len(courses) / _LEGEND_ROWS)
    with matplotlib.rc_context(STYLE):
        letters = max(len(shortened(course.name, _LONGEST)) for course in courses)
        figure = Figure(figsize=(12 + columns * (0.6 + 0.085 * letters), 5.4), dpi=100,
                        layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1, wspace=0.03))
        left, right = figure.subplots(1, 2)
        looks = itertools.cycle(itertools.product(_DASHES, _COLORS))
        for course, (dash, color) in zip(courses, looks, strict=False):
            _line(left, course, course.frechet, course.frechet_deviation, color, dash)
            _line(right, course, course.coverage, course.coverage_deviation, color, dash)
        left.set_yscale("log")
        left.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        left.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(1.2, 0.4)))  # numbers too if it is not a decade
        for axes, title in ((left, "Fréchet distance, over real images'"), (right, "Coverage, over real images'")):
            axes.axhline(1, color="#333333", linewidth=1.2, linestyle=(0, (1, 2)))
            axes.annotate("real images", (1, 1), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                          textcoords="offset points", ha="right", va="bottom", fontsize=9, color="#777777")
            axes.set_title(title, loc="left", fontsize=12, pad=12)
            axes.set_xlabel("images seen")
            axes.set_xlim(left=0)
            axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        right.set_ylim(bottom=0, top=max(1.12, right.get_ylim()[1]))
        figure.legend(*left.get_legend_handles_labels(), loc="outside right upper", ncols=columns, fontsize=10)
        with replacing(path) as temporary:
            FigureCanvasAgg(figure).print_png(temporary)


def _line(axes: Axes, course: Course, values: np.ndarray, deviation: np.ndarray | None, color: str, dash: str) -> None:
    values = np.where(np.isfinite(values), np.maximum(values, LEAST_RATIO), np.nan)
    axes.plot(course.images, values, color=color, linestyle=dash, linewidth=1.7, label=shortened(course.name, _LONGEST),
              marker="o" if len(values) < _FEW else None)
    if deviation is not None:
        axes.fill_between(course.images, np.maximum(values - deviation, LEAST_RATIO), values + deviation, color=color,
                          alpha=0.16, linewidth=0)


def side_by_side(groups: Sequence[Sequence[tuple[str, str | os.PathLike]]], path) -> None:
    """Writes a PNG of PNG files, each below its name: of several groups each in rows of its own, at most five across.

    Pictures are brought to one width, small ones by whole factors so that their pixels stay sharp.
    """
    most = max(map(len, groups))
    across = min(most, _ACROSS) if len(groups) > 1 else _balanced(most)
    cells = [[_cell(name, file) for name, file in group] for group in groups]
    rows = [group[start:start + across] for group in cells for start in range(0, len(group), across)]
    heights = [max(cell.height for cell in row) for row in rows]
    canvas = Image.new("RGB", (across * (_CELL + _PAD) + _PAD, sum(heights) + _PAD * (len(rows) + 1)), "white")
    top = _PAD
    for row, height in zip(rows, heights, strict=True):
        for index, cell in enumerate(row):
            canvas.paste(cell, (_PAD + index * (_CELL + _PAD), top))
        top += height + _PAD
    write_png(path, np.asarray(canvas))


def _balanced(count: int) -> int:
    """How many in a row make a picture wider than high, with rows of about one length."""
    across = min(count, _ACROSS, math.ceil(math.sqrt(1.6 * count)))
    return math.ceil(count / math.ceil(count / across))


def _cell(name: str, file) -> Image.Image:
    """A picture below its name, of one width."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    factor = _CELL // picture.width
    size = ((picture.width * factor, picture.height * factor) if factor > 1
            else (_CELL, round(picture.height * _CELL / picture.width)))
    picture = picture.resize(size, Image.Resampling.NEAREST if factor > 1 else Image.Resampling.LANCZOS)
    top = _LETTERS + 10
    cell = Image.new("RGB", (_CELL, top + picture.height), "white")
    ImageDraw.Draw(cell).text((0, 2), fitted(name, _CELL, _LETTERS), fill=INK, font=font(_LETTERS))
    cell.paste(picture, (0, top))
    return cell
