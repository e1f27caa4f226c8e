"""gan-zoo view: where its page goes, what it says, what it refuses; without TensorFlow."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gan_zoo.__main__ import run as gan_zoo
from gan_zoo.errors import UserError
from gan_zoo.training.run_directory import RunDirectory
from tests.comparison.crafted import craft

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """runs/a, runs/deep/er/seed_0, a run that has only begun, a folder of something else, and a link in a circle."""
    monkeypatch.chdir(tmp_path)
    craft(Path("runs/a"))
    craft(Path("runs/deep/er/seed_0"))
    Path("runs/begun").mkdir()
    Path("runs/begun/.lock").touch()
    Path("runs/other").mkdir()
    os.symlink(Path("runs").resolve(), "runs/a_circle")
    return Path("runs")


def _said(capsys, *argv: str) -> str:
    assert not gan_zoo(["view", *argv])
    return capsys.readouterr().out


@pytest.mark.parametrize(("argv", "count", "out"), [
    ([], "3 runs", "runs/report.html"), (["runs/"], "3 runs", "runs/report.html"),
    (["runs/a"], "1 run", "runs/a/report.html"),
    (["runs/a", "runs/deep"], "2 runs", "report.html"), (["runs/a", "runs/a", "--out=x.html"], "1 run", "x.html")])
def test_where_it_goes(runs, capsys, argv, count, out):
    before = sorted(Path().rglob("*"))
    said = _said(capsys, *argv)
    assert said.startswith(f"{count}, ")
    assert said.endswith(f" MB: {out}\n")
    assert sorted(Path().rglob("*")) == sorted([*before, Path(out)])
    _said(capsys, *argv)


def test_runs_have_the_shortest_names_that_tell_them_apart(runs, capsys):
    """Though a link leads around in a circle."""
    _said(capsys, "runs")
    html = (runs / "report.html").read_text()
    assert re.findall(r'[,\[]{"name":"([^"]*)","path"', html) == ["a", "begun", "deep/er/seed_0"]


def test_problems_are_counted(runs, capsys):
    (runs / "a" / "run.json").write_text("{")
    assert "3 runs, 3 with something to mend, " in _said(capsys, "runs")  # the others have no history


def test_a_run_that_has_only_begun_can_still_be_trained(runs, capsys):
    """Though a report is in its folder."""
    _said(capsys, "runs/begun")
    assert (runs / "begun" / "report.html").is_file()
    assert not RunDirectory("runs/begun")._has_begun()


@pytest.mark.parametrize(("argv", "message"), [
    (["runs/b"], "runs/b: there is no such folder; runs in runs: choices: a"),
    (["runs/other"], "runs/other is no run and holds none: it has no run.json"),
    (["runs/a", "--out="], "--out is empty"), (["runs", "--out=runs/a"], "--out=runs/a is a folder: name a file in it"),
    (["runs", "--out=runs/a/run.json"], "--out=runs/a/run.json is there already, and no report"),
    (["runs", "--oot=x"], "unknown flag --oot: did you mean 'out'"), (["a\0b"], "has a NUL character in it")])
def test_mistakes(runs, argv, message):
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    with pytest.raises(UserError) as error:
        gan_zoo(["view", *argv])
    assert message in str(error.value)
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_it_does_without_tensorflow(runs):
    code = ("import sys; from gan_zoo.__main__ import run; run(['view', 'runs']); "
            "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.stdout.splitlines()[1:] == ["set()"], done.stderr
