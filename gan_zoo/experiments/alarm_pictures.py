"""A picture of a verdict: what was generated as a run went, above the curves of its checks."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gan_zoo.experiments.watching import Watched
from gan_zoo.judging import rules

_CURVES = {"coverage": "coverage", "spread": "spread", "accuracy_real": "D's accuracy, real",
           "accuracy_generated": "D's accuracy, generated"}


def draw(path: Path, strip: Path | None, watched: Watched, threshold: float) -> None:
    """Writes a PNG. strip: the picture that series_files.write left, None of points."""
    series = watched.series
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    above, below = figure.subplots(2, height_ratios=[1.3, 1])
    if strip:
        picture = np.asarray(Image.open(strip))
        above.imshow(picture[:len(picture) // 2], cmap="gray", vmin=0, vmax=255)
    above.axis("off")
    for name, label in _CURVES.items():
        below.plot(series["step"], np.clip(series[name], 0, 1.5), label=label, linewidth=1.2)
    said = None
    for checks in range(1, len(series) + 1):
        found = rules.judge(series.up_to(checks), threshold)
        if found.verdict != said:
            below.axvline(series["step"][checks - 1], color="0.6", linewidth=0.8, linestyle=":")
            said = found.verdict
    above.set_title(f"at the end: {rules.judge(series, threshold).short}", fontsize=10)
    below.set(xlabel="rounds", ylim=(-0.03, 1.55), xlim=(0, series.step))
    below.legend(fontsize=7, ncols=2, loc="upper left")
    figure.savefig(path, dpi=110)
