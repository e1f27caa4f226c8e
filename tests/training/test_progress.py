"""The line that a run shows."""

import io

import numpy as np

from gan_zoo.training.history import SERIES, History
from gan_zoo.training.progress import Progress


def test_the_line_names_what_the_objective_puts_first():
    history = History()
    history.append({**dict.fromkeys(SERIES, np.array([0.5])), "objective/divergence_estimate": np.array([0.25]),
                    "objective/other": np.array([9.0])}, 1.0)
    stream = io.StringIO()
    progress = Progress(stream)
    progress.begin(1, 1.0, {"objective/divergence_estimate": "F"})
    progress.show(1, 10.0, 0.0, history)
    assert "G 0.500  F 0.250  D accuracy real 0.50 generated 0.50  10 images/s" in stream.getvalue()
    assert "9.0" not in stream.getvalue()
