"""Pictures of verdicts: what was generated as a run went, above the curves of its checks."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gan_zoo.experiments import series_files
from gan_zoo.experiments.watching import SIDE, Watched
from gan_zoo.judging import rules
from gan_zoo.judging.words import Finding

_CURVES = {"coverage": "coverage", "spread": "spread", "accuracy_real": "accuracy, real",
           "accuracy_generated": "accuracy, generated"}
_SHOWN, _ACROSS = 5, 20  # of the rows of images of a strip, which are twelve, and about so many of its columns


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

    def count(self, verdict: str) -> int:
        """Checks with this verdict."""
        return sum(found.verdict == verdict for found in self.findings)


def draw(folder: Path, out: Path, threshold: float) -> dict[str, Path]:
    """For each verdict that some run had, the run that had it for the most checks: verdict_….png in `out`, by verdict.

    folder: where the series and strips of all runs lie, as the experiment leaves them.
    """
    examples = [_read(path.with_suffix(""), threshold) for path in sorted(folder.glob("*/*.npz"))]
    examples = [each for each in examples if each.findings and each.path.with_suffix(".png").exists()]
    drawn = {}
    for verdict in sorted({found.verdict for each in examples for found in each.findings}):
        having = [each for each in examples if each.count(verdict)]
        best = max(having, key=lambda each: (not each.of_points, each.count(verdict)))
        drawn[verdict] = out / f"verdict_{re.sub('[^a-z]+', '_', verdict)}.png"
        _draw(drawn[verdict], best, verdict)
    return drawn


def _read(path: Path, threshold: float) -> _Example:
    watched = series_files.read(path)
    series = watched.series
    return _Example(path, watched, [rules.judge(series.up_to(checks), threshold)
                                    for checks in range(1, len(series) + 1)])


def _draw(path: Path, example: _Example, verdict: str) -> None:
    series = example.watched.series
    which = [found.verdict == verdict for found in example.findings]
    last = len(which) - 1 - which[::-1].index(True)
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    above, below = figure.subplots(2, height_ratios=[1, 1])
    above.imshow(_part(example), cmap="gray", vmin=0, vmax=255)
    above.set_axis_off()
    above.set_title(f"{example.path.name} at step {series['step'][last]:,.0f}: {example.findings[last].short}",
                    fontsize=9)
    for name, label in _CURVES.items():
        below.plot(series["step"], np.clip(series[name], 0, 1.5), label=label, linewidth=1.2)
    below.fill_between(series["step"], 0, 1.5, where=which, color="0.88", step="mid", label="this verdict")
    below.set(xlabel="rounds", ylim=(0, 1.5), xlim=(0, series.step))
    below.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=110)


def _part(example: _Example) -> np.ndarray:
    """Some rows and columns of the strip."""
    picture = example.picture
    columns = np.array_split(picture, series_files.columns(len(example.watched.series)), axis=1)
    some = np.concatenate(columns[::-(-len(columns) // _ACROSS)], axis=1)
    return some if example.of_points else some[:len(some) * _SHOWN // 12]
