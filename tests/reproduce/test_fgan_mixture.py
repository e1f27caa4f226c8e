"""The 1-D experiment of f-GAN, shortened."""

import json

import numpy as np
import pytest

from gan_zoo.errors import UserError
from gan_zoo.reproduce import fgan_mixture

SHORT = ("--steps=400", "--batch_size=256", "--generator_average=0.9", "--sample_count=4")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixture")
    assert fgan_mixture.run([*SHORT, f"--run_dir={folder}"]) == 0
    return folder


def test_results(results, capsys):
    """After 400 of 20,000 steps: on the way, and consistent with each other."""
    found = json.loads((results / "results.json").read_text())
    assert list(found["fits"]) == list(found["divergences"]) == list(fgan_mixture.NAMES)
    for name, fit in found["fits"].items():
        assert np.isfinite(list(fit.values())).all()
        assert found["divergences"][name][name] > fit["least"] > 0  # the least is the least
    assert found["fits"]["KL"]["best_mean"] == pytest.approx(1.01, abs=1e-3)
    assert found["fits"]["KL"]["mean"] > 0.2  # it started at 0


def test_complete_runs_are_not_trained_again(results, capsys):
    assert fgan_mixture.run([*SHORT, f"--run_dir={results}"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("is complete") == len(fgan_mixture.NAMES)
    (row,) = [line for line in printed.splitlines() if line.startswith("D* ")]
    assert row.split()[1:] == ["0.2881", "0.2507", "0.1298", "0.5791", "0.6616"]
    _check_table(printed, json.loads((results / "results.json").read_text())["divergences"])


def _check_table(printed: str, divergences: dict) -> None:
    """The second table: the values recorded, with one * in every column, at its least."""
    head, *rows = [line.split() for line in printed.split("least of its column\n")[1].splitlines()]
    cells = {row[0]: dict(zip(head, row[1:], strict=True)) for row in rows}
    assert tuple(head) == tuple(cells) == fgan_mixture.NAMES
    for column in head:
        least = min(head, key=lambda row, column=column: divergences[row][column])
        assert [row for row in head if cells[row][column].endswith("*")] == [least]
        for row in head:
            assert float(cells[row][column].rstrip("*")) == pytest.approx(divergences[row][column], abs=5.1e-5)


def test_help(capsys):
    assert fgan_mixture.run(["--help"]) == 0
    assert "python -m gan_zoo.reproduce.fgan_mixture" in capsys.readouterr().out


@pytest.mark.parametrize(("flag", "message"), [
    ("--stepz=3", "unknown flag --stepz; did you mean --steps?"), ("--list", "--list is for train.py"),
    ("--objective=minimax", "--objective is what this experiment fixes"),
    ("--flagfile=configs/fgan_mixture_js.flags", "--objective is what this experiment fixes"),
    ("--latent=uniform(1)", "--latent is what this experiment fixes"),
    ("--steps=20", "--steps=20 is less than an epoch: use at least 100")])
def test_bad_flags(flag, message, monkeypatch):
    monkeypatch.chdir(fgan_mixture.CONFIGS.parent)
    with pytest.raises(UserError, match=message):
        fgan_mixture.run([flag])
