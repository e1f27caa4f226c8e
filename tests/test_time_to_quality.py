"""The board of seconds to good digits: its bars, and that the page shows the records."""

import json
import os

import pytest

from benchmarks import time_to_quality as board

GOOD = {"seed": 0, "seconds": 40.0, "frechet": 2.0, "frechet_ratio": 5.0, "classes": 10, "worst": 0.5,
        "confidence": 0.95}


@pytest.mark.parametrize(("name", "value"), [("frechet_ratio", 5.01), ("classes", 9), ("worst", 0.499),
                                             ("confidence", 0.949)])
def test_each_bar_must_be_reached(name, value):
    assert board.is_good(GOOD)
    assert not board.is_good(GOOD | {name: value})


def test_a_row_has_means_and_the_worst_seed():
    runs = [GOOD, GOOD | {"seconds": 60.0, "frechet_ratio": 7.0, "worst": 0.9, "confidence": 0.99}]
    assert board.row({"recipe": "r", "flags": ["--model=mlp", "--steps=20"], "date": "2026-01-02",
                      "processor": "2 cores", "runs": runs}) == (
        "| `r` | `--steps=20` | 1 of 2 | 50; 60 | 6.0; 7.0 | 0.70; 0.50 | 0.970; 0.950 | 2026-01-02 | 2 cores |")


def test_the_page_shows_the_records():
    text = board.PAGE.read_text(encoding="utf-8")
    assert "<!-- time to quality -->" in text
    assert board.page(text, board.kept()) == text


def test_its_recipes_are_there():
    for record in board.kept():
        assert record["recipe"] == board.TUTORIAL or (board.ROOT / "configs" / f"{record['recipe']}.flags").exists()
        assert record["runs"]


def test_grids_are_those_of_the_moments(tmp_path):
    (tmp_path / "samples").mkdir()
    (tmp_path / "timed.json").write_text(json.dumps({"began": 1000.0, "seconds": 91.6}))
    for step, drawn in ((0, 20), (100, 31), (200, 59), (300, 90)):
        path = tmp_path / "samples" / f"step_{step:08}.png"
        path.touch()
        os.utime(path, (1000 + drawn, 1000 + drawn))
    assert [(title, path.stem) for title, path in board.grids(tmp_path)] == [
        ("30 s", "step_00000000"), ("60 s", "step_00000200"), ("end, 92 s", "step_00000300")]
