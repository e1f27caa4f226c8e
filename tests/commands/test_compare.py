"""gan-zoo compare on folders of runs: what it prints, what it keeps, what it refuses."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from gan_zoo.__main__ import run as gan_zoo
from gan_zoo.errors import UserError
from tests.comparison.crafted import craft

RESULTS = {"frechet": 8.0, "frechet_floor": 2.0, "features_accuracy": 0.99}
FILES = {"comparison.json", "comparison.md", "comparison.csv", "curves.png", "samples.png"}


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """runs/mlp with two seeds, and runs/packed that was not measured."""
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1):
        craft(Path(f"runs/mlp/seed_{seed}"), seed=seed, frechet=(9.0, 6.0 + 2 * seed, 7.0),
              measured={"frechet": RESULTS | {"frechet": 8.0 + 2 * seed}})
    craft(Path("runs/packed"), packing=2)
    return Path("runs")


def _compare(capsys, *argv: str) -> list[str]:
    """The lines that it prints."""
    assert not gan_zoo(["compare", *argv])
    return capsys.readouterr().out.splitlines()


def test_runs(runs, capsys):
    shown = _compare(capsys, "runs")
    assert shown[:5] == ["Flags that differ", "run         --packing  --seed", "mlp/seed_0  1          0",
                         "mlp/seed_1  1          1", "packed      2          0"]
    assert "mlp/seed_1  120      10 (5×)" in shown
    assert "floor                      2" in shown
    assert ("not measured in packed: python -m gan_zoo.evaluate --run_dir=runs/packed --metrics=frechet") in shown
    assert shown[-1] == ("kept in comparison: comparison.json, comparison.md, comparison.csv, curves.png, samples.png")
    assert {path.name for path in Path("comparison").iterdir()} == FILES
    record = json.loads(Path("comparison/comparison.json").read_text())
    assert record["rows"]["mlp/seed_1"] == ["runs/mlp/seed_1"]
    assert record["runs"][1]["measured"]["frechet"]["results"] == RESULTS | {"frechet": 10.0}
    with open("comparison/comparison.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["frechet"] for row in rows] == ["8.0", "10.0", ""]
    assert "| packed | 120 | 1.5 | finished | healthy |" in Path("comparison/comparison.md").read_text()


def test_configurations(runs, capsys):
    shown = _compare(capsys, "--group", "runs", "--out=kept/here")
    assert shown[:4] == ["Flags that differ", "run     seeds  --packing", "mlp     0, 1   1", "packed  0      2"]
    assert "mlp     120      9.0 ± 1.4 (4.5×)" in shown
    assert {path.name for path in Path("kept/here").iterdir()} == FILES
    record = json.loads(Path("kept/here/comparison.json").read_text())
    assert record["rows"]["mlp"] == ["runs/mlp/seed_0", "runs/mlp/seed_1"]


def _record_rounds(folder: str, **series) -> None:
    (checkpoint,) = Path(folder, "checkpoints").iterdir()
    np.savez(checkpoint / "history.npz", seconds=np.arange(20.0), **{"discriminator_loss": np.ones(20)} | series)


def test_runs_are_ordered_by_the_end_of_a_series(runs, capsys):
    """The mean of the last tenth, 2 of 20 rounds, 3 of 31; of both seeds where they are one row."""
    unclear = np.append(np.zeros(28), [np.inf, np.nan, 3.0])
    _record_rounds("runs/mlp/seed_0", **{"objective/information_c1": np.append(np.full(18, 9.0), [1.0, 2.0])})
    _record_rounds("runs/mlp/seed_1", **{"objective/information_c1": unclear})
    _record_rounds("runs/packed")
    for name in ("information_c1", "objective/information_c1"):
        shown = _compare(capsys, "runs", f"--by={name}")
        assert shown[0] == "Mean over the last tenth of the rounds, highest first"
        assert [line.split() for line in shown[1:5]] == [["run", name], ["mlp/seed_1", "3"], ["mlp/seed_0", "1.5"],
                                                         ["packed", "–"]]
    assert [row.split()[0] for row in shown if row.startswith(("mlp", "packed"))][3:6] == [
        "mlp/seed_1", "mlp/seed_0", "packed"]
    grouped = _compare(capsys, "runs", "--by=information_c1", "--group")
    assert grouped[2].split(maxsplit=1) == ["mlp", "2.2 ± 1.1"]


def test_an_earlier_comparison_is_replaced_and_nothing_else(runs, capsys):
    _compare(capsys, "runs/mlp")
    Path("comparison/mine.txt").write_text("kept")
    shown = _compare(capsys, "runs/packed", "runs/mlp", "--without=checks", "--metrics=checks")
    assert shown[-1] == ("kept in comparison, in place of an earlier comparison: comparison.json, comparison.md, "
                         "comparison.csv, samples.png")
    assert {path.name for path in Path("comparison").iterdir()} == FILES - {"curves.png"} | {"mine.txt"}
    assert not any("frechet" in line or "Checks" in line for line in shown)


def test_the_same_flags_and_one_run(runs, capsys):
    assert "Flags that differ" not in _compare(capsys, "runs/packed")
    craft(runs / "again", packing=2)
    assert _compare(capsys, "runs/again", "runs/packed")[0] == "All flags are the same."


@pytest.mark.parametrize(("argv", "message"), [
    (["runs/pakced"], "runs/pakced: there is no such folder; runs in runs: did you mean 'packed'"),
    (["runs", "--grup"], "unknown flag --grup: did you mean 'group'"),
    (["runs", "--metrics="], "--metrics is empty"),
    (["runs", "--metrics=kid"], "--metrics=kid: no run was measured with that: choices: checks, frechet"),
    (["runs", "--by="], "--by is empty"),
    (["runs", "--by=dicriminator_loss"], "--by=dicriminator_loss is no series of these runs, whose checkpoints have t"),
    (["runs", "--by=seconds"], "--by=seconds is no series of these runs"),
    (["runs", "--out=runs/packed/run.json"], "can't be made"),
    (["runs", "--out=runs/packed"], "--out=runs/packed is a run: name another folder"),
    (["runs", "--out=others"], "--out=others holds a curves.png that no comparison made: name another folder"),
    (["runs/broken", "runs"], "runs/broken/run.json can't be read (JSONDecodeError"),
    (["runs/flagless", "runs"], "runs/flagless/run.json is damaged: it has no flags"),
    (["runs/old", "runs"], "runs/old/metrics.json has parzen without its provenance"),
    (["runs/torn", "runs"], "runs/torn/metrics.json can't be read"),
])
def test_mistakes_are_one_line_and_nothing_is_written(runs, argv, message):
    Path("others").mkdir()
    Path("others/curves.png").write_bytes(b"mine")
    if argv[0] in ("runs/old", "runs/torn"):
        craft(Path(argv[0]), seed=7)
        Path(argv[0], "metrics.json").write_text('{"parzen": {"results": {}}}' if argv[0] == "runs/old" else "{")
    elif argv[0] in ("runs/broken", "runs/flagless"):
        Path(argv[0]).mkdir()
        Path(argv[0], "run.json").write_text("{" if argv[0] == "runs/broken" else "{}")
    before = sorted(Path().rglob("*"))
    with pytest.raises(UserError) as error:
        gan_zoo(["compare", *argv])
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert sorted(Path().rglob("*")) == before
    assert Path("others/curves.png").read_bytes() == b"mine"
