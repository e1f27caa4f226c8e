"""Tables of runs as text that fits, and as files that say the same."""

import csv
import io
import json

import numpy as np
import pytest

from gan_zoo.commands.columns import as_csv, as_json, lines, markdown, text
from gan_zoo.comparison.tables import Cell, Table

VALUES = [1.0, 2.0, 4.0]
NAMES = ["one", "two"]
TABLE = Table("kid: digits", {"kid": [Cell([1.5], 1, 0.25, 0.5), Cell(VALUES, 4, None, 0.5)],
                              "verdict": [Cell(["a | b"], 1), Cell(["healthy", "healthy", "cycling"], 3)],
                              "nothing": [Cell([], 1), Cell([float("nan")], 1)]}, ["a note"])


@pytest.mark.parametrize(("cell", "shown"), [
    (Cell([], 3), "–"), (Cell(["healthy"] * 3, 3), "healthy"), (Cell([10], 1), "10"), (Cell([12345.6], 1), "12,346"),
    (Cell([0.123456], 1), "0.1235"), (Cell([1.0, 1.0], 2), "1"), (Cell([3.0], 1, None, 2.0), "3 (1.5×)"),
    (Cell([3.0], 1, 0.5, -2.0), "3.00 ± 0.50"), (Cell([float("nan")], 1), "nan"), (Cell([2.0], 3), "2 (1 of 3)"),
    (Cell(VALUES, 4, None, 0.5), "2.3 ± 1.5 (4.67×) (3 of 4)"),
    (Cell(["healthy", "healthy", "cycling"], 3), "healthy (2 of 3), cycling (1 of 3)")])
def test_a_cell(cell, shown):
    assert text(cell) == shown


def test_as_lines():
    small = Table("kid: digits", {"kid": TABLE.columns["kid"], "verdict": [Cell(["healthy"], 1)] * 2}, ["a note"])
    assert lines(small, NAMES, 60) == [
        "kid: digits",
        "run                           kid  verdict",
        "one              1.50 ± 0.25 (3×)  healthy",
        "two    2.3 ± 1.5 (4.67×) (3 of 4)  healthy",
        "floor                         0.5",
        "  a note"]


@pytest.mark.parametrize("width", [60, 100])
def test_thirty_runs_fit(width):
    names = [f"configuration_{index}/seed_{index}" for index in range(30)]
    columns = {f"--flag_{number}": [Cell([f"adam(learning_rate={index}e-4, beta_1=0.5) and more of it {number}"], 1)
                                    for index in range(30)] for number in range(6)}
    shown = lines(Table("Flags that differ", columns), names, width)
    assert max(map(len, shown)) <= width
    assert all(sum(line.startswith(f"{name} ") for line in shown) > 1 for name in names)
    assert " ".join(" ".join(shown).split()).count("beta_1=0.5)") == 180


def test_as_markdown():
    assert markdown(TABLE, NAMES) == [
        "**kid: digits**", "", "| run | kid | verdict | nothing |", "| --- | --- | --- | --- |",
        "| one | 1.50 ± 0.25 (3×) | a \\| b | – |",
        "| two | 2.3 ± 1.5 (4.67×) (3 of 4) | healthy (2 of 3), cycling (1 of 3) | nan |",
        "| floor | 0.5 |  |  |", "\na note"]


def test_as_csv():
    other = Table("prdc: digits", {"kid": [Cell([7], 1), Cell([], 1)]})
    one, two = csv.DictReader(io.StringIO(as_csv([TABLE, other], NAMES)))
    assert one == {"run": "one", "kid": "1.5", "kid std": "0.25", "kid floor": "0.5", "verdict": "a | b", "nothing": "",
                   "kid (prdc)": "7"}
    assert float(two["kid std"]) == pytest.approx(np.std(VALUES, ddof=1))


def test_as_json():
    found = json.loads(json.dumps(as_json(TABLE, NAMES), allow_nan=False))["columns"]
    assert found["kid"]["one"] == {"value": 1.5, "std": 0.25, "floor": 0.5}
    assert found["kid"]["two"]["values"] == VALUES
    assert found["verdict"] == {"one": "a | b", "two": ["healthy", "healthy", "cycling"]}
    assert found["nothing"] == {"one": None, "two": {"value": None}}
