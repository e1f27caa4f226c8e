"""What the workflows of .github rely on: the gate, the versions of Python, requirements without upper bounds."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = runpy.run_path(str(ROOT / ".github" / "requirements.py"))


def test_the_gate_is_tried_with_every_version_of_python_that_is_promised():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    tried = [int(minor) for minor in re.findall(r'"3\.(\d+)"', re.search(r"python: \[(.*)\]", workflow)[1])]
    least, below = map(int, re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups())
    assert tried == list(range(least, below))
    assert "bash .ci/run" in workflow
    assert (ROOT / ".ci" / "run").exists()


@pytest.mark.parametrize(("requirement", "wanted"), [
    ("tensorflow>=2.21,<2.22", "tensorflow>=2.21"), ("numpy>=2.3.5,<3", "numpy>=2.3.5"), ("six", "six"),
    ("a<2", "a"), ("a[x]>=1,!=1.5,<3", "a[x]>=1"), ("a==1.2; python_version<'4'", "a; python_version<'4'")])
def test_the_newest_has_no_upper_bound(requirement, wanted):
    assert TOOLS["newest"](requirement) == wanted


def test_all_that_is_required_is_tried_without_bounds():
    newest = [TOOLS["newest"](line) for line in TOOLS["requirements"](["", "test"])]
    assert {"tensorflow>=2.21", "pytest>=8"} <= set(newest)
    assert not any("<" in line or PROJECT["name"] in line for line in newest)


def test_an_extra_that_names_extras_of_the_package_is_what_they_hold():
    project = {"name": "zoo", "dependencies": ["a"], "optional-dependencies": {"x": ["b"], "y": ["c", "zoo[x]"]}}
    assert TOOLS["requirements"](["", "y"], project) == ["a", "c", "b"]


def test_what_differs_between_two_environments_is_a_table():
    table = TOOLS["changed"]("a==1\nb==2\nc==1\n", "a==1\nB==3\nd==0.1\n")
    assert table[2:] == ["| b | 2 | 3 |", "| c | 1 | – |", "| d | – | 0.1 |"]
    assert TOOLS["changed"]("a==1\n", "a==1\n") == ["The newest versions are those that users get."]
