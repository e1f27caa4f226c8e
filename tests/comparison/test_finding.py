"""Which folders are compared, and what they are called."""

from pathlib import Path

import pytest

from gan_zoo.comparison.finding import run_folders, short_names
from gan_zoo.errors import UserError


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "seeds/seed_0", "seeds/seed_10", "seeds/seed_9"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text("{}")
    (tmp_path / "runs" / "empty" / "samples").mkdir(parents=True)
    return Path("runs")


def test_a_folder_stands_for_its_runs_in_natural_order_each_once(runs):
    seeds = [runs / "seeds" / f"seed_{seed}" for seed in (0, 9, 10)]
    assert run_folders(["runs/seeds"]) == seeds
    assert run_folders(["runs"]) == [runs / "one", *seeds]
    assert run_folders(["runs/seeds/seed_9", "runs/one/", "runs"]) == [seeds[1], runs / "one", seeds[0], seeds[2]]


@pytest.mark.parametrize(("name", "message"), [
    ("runs/oen", "runs/oen: there is no such folder; runs in runs: did you mean 'one'"),
    ("runs/sedes", "did you mean 'seeds'"),
    ("rnus/one", "rnus/one: there is no such folder, nor rnus"),
    ("runs/empty", "runs/empty is no run and holds none: it has no run.json"),
    ("runs/one/run.json", "runs/one/run.json is a file, and no folder of a run, nor is there a run in "),
    ("run", "run: there is no such folder; runs in .: did you mean 'runs'"),
])
def test_what_is_no_run_is_told(runs, name, message):
    with pytest.raises(UserError) as error:
        run_folders(["runs/one", name])
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("paths", "names"), [
    (["runs/a", "runs/b"], ["a", "b"]), (["runs/a", "old/a"], ["runs/a", "old/a"]), (["runs/a"], ["a"]),
    (["runs/a", "runs/b/seed_0"], ["a", "b/seed_0"]), (["runs/b/seed_0", "runs/b/seed_1"], ["b/seed_0", "b/seed_1"]),
])
def test_names_are_as_short_as_tells_them_apart(paths, names):
    assert short_names([Path(path) for path in paths]) == names
