"""What a notebook's cell sees of a run: one line that is overwritten, and the lines around it."""

import io
import re

import numpy as np
import pytest

from gan_zoo.training.history import SERIES, History
from gan_zoo.training.progress import Progress


class CellStream(io.StringIO):
    """As the standard output of a cell: no terminal, but \\r goes back to the line's beginning."""

    __module__ = "ipykernel.iostream"


def _shown(text: str) -> list[str]:
    """The lines that stay to be seen."""
    return [re.sub(".*\r", "", line).rstrip() for line in text.removesuffix("\n").split("\n")]


def _progress(stream) -> Progress:
    history = History()
    history.append(dict.fromkeys(SERIES, np.array([0.5])), 1.0)
    progress = Progress(stream)
    progress.begin(100, 10.0)
    progress.say("mlp on digits")
    for step in range(1, 101):
        progress.show(step, 10.0, 100.0 - step, history)
    progress.say("done")
    return progress


def test_a_cell_sees_one_line_that_is_overwritten(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    stream = CellStream()
    _progress(stream)
    first, line, last = _shown(stream.getvalue())
    assert (first, last) == ("mlp on digits", "done")
    assert line.startswith("step 100/100  epoch 10.0")
    assert stream.getvalue().count("\r") == 100


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_line_fits_and_leaves_nothing_of_a_longer_one(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    stream, history = CellStream(), History()
    history.append(dict.fromkeys(SERIES, np.array([0.5])), 1.0)
    progress = Progress(stream)
    progress.begin(10**6, 1.0)
    for step, seconds in ((999_999, 36_000.0), (10**6, 0.0)):
        progress.show(step, 10.0, seconds, history)
    long, short = stream.getvalue().split("\r")[1:]
    assert len(short) >= len(long)
    assert len(long) < columns


def test_a_file_gets_a_line_now_and_then_and_the_last():
    stream = io.StringIO()
    _progress(stream)
    assert "\r" not in stream.getvalue()
    first, *between, last = stream.getvalue().splitlines()
    assert (first, last) == ("mlp on digits", "done")
    assert 1 <= len(between) <= 2
    assert between[-1].startswith("step 100/100")
