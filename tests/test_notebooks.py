"""The notebooks in docs/ are whole, hold no outputs, and run from the first cell to the last, with few steps."""

import json
import re
from pathlib import Path

import matplotlib
import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
NAMES = sorted(path.name for path in DOCS.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("name", NAMES)


def _cells(name: str, kind: str) -> list[dict]:
    return [cell for cell in json.loads((DOCS / name).read_text())["cells"] if cell["cell_type"] == kind]


def _program(name: str) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in _cells(name, "code"))


def test_there_are_notebooks():
    assert "first_gan.ipynb" in NAMES


@each_notebook
def test_no_output_is_stored_and_the_steps_are_set_in_the_first_cell(name):
    cells = _cells(name, "code")
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert re.search(r"^STEPS = \d+", "".join(cells[0]["source"]), flags=re.M)


@each_notebook
def test_it_runs(name, tmp_path, monkeypatch):
    from gan_zoo.objectives.base import objectives

    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    program, found = re.subn(r"^STEPS = \d+", "STEPS = 4", _program(name), flags=re.M)
    assert found == 1
    try:
        exec(compile(program, name, "exec"), {})
        assert list((tmp_path / "runs").rglob("run.json"))
    finally:
        objectives._builders.pop("absolute", None)
