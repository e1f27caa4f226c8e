"""A tiny run in every test's own folder."""

import shutil
from pathlib import Path

import pytest

from tests.evaluation.tiny import export_tiny, write_flags


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    export_tiny(run / "export")
    write_flags(run / "run.json")
    return run


@pytest.fixture(autouse=True)
def run_dir(whole, tmp_path, monkeypatch) -> Path:
    """runs/tiny in an empty folder, in which the test works."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole, "runs/tiny")
    return Path("runs/tiny")
