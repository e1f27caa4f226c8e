"""Which state of a run is measured: its export, its newest checkpoint, another one, or that of its best check."""

import json
import shutil
from pathlib import Path

import pytest

import gan_zoo
from gan_zoo.commands import evaluate
from gan_zoo.errors import UserError
from gan_zoo.training.monitor import Monitor

METRIC = "checkerboard(samples=40)"
GAME = {"model": "mlp", "dataset": "digits", "image_size": 8, "batch_size": 16, "sample_count": 4,
        "latent": "normal(4)", "steps": 12, "rounds_per_call": 4}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """Its first check is its best one; it exports its last state."""
    keep = Monitor._keep_best
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Monitor, "_keep_best", lambda self, *check: None if self.best else keep(self, *check))
        return gan_zoo.train(**GAME, evaluate_every_steps=4, export="last",
                             run_dir=tmp_path_factory.mktemp("trained") / "run").path


@pytest.fixture(name="run")
def _run(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def _unfinished(run: Path) -> None:
    shutil.rmtree(run / "export")
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"status": "interrupted"}))


def _measured(run: Path, *argv: str) -> tuple[int, dict]:
    """(step, results)."""
    evaluate.run([f"--run_dir={run}", f"--metrics={METRIC}", *argv])
    record = json.loads((run / "metrics.json").read_text())[METRIC]
    return record["provenance"]["step"], record["results"]


def _times(run: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.name != "metrics.json" and path != run}


def test_the_state_that_is_named(run, capsys):
    """Nothing else in the folder is touched."""
    before = _times(run)
    exported = _measured(run)
    assert exported[0] == 12
    assert _measured(run, "--checkpoint=step_00000012") == exported
    capsys.readouterr()
    best = _measured(run, "--checkpoint=best")
    assert f"{run} at step 4, seed 0" in capsys.readouterr().out
    assert best[0] == 4
    assert best[1]["nyquist_db"] != exported[1]["nyquist_db"]
    assert _times(run) == before
    _unfinished(run)
    assert _measured(run) == exported
    assert gan_zoo.load(run, checkpoint="best").evaluate(METRIC)[METRIC] == best[1]
    assert json.loads((run / "metrics.json").read_text())[METRIC]["provenance"]["step"] == 4


def _without_checks(run: Path) -> None:
    """As an older version left it, which had neither checks nor hashes."""
    for path in run.glob("checkpoints/*/judged.npz"):
        path.unlink()
        (path.parent / "step.json").write_text(json.dumps({"step": int(path.parent.name.removeprefix("step_"))}))
    record = json.loads((run / "run.json").read_text())
    del record["id"]
    (run / "run.json").write_text(json.dumps(record))


def _before_the_first_check(run: Path) -> None:
    _without_checks(run)
    record = json.loads((run / "run.json").read_text())
    record["flags"]["evaluate_every_steps"] = 400
    (run / "run.json").write_text(json.dumps(record))


def _without_checkpoints(run: Path) -> None:
    shutil.rmtree(run / "checkpoints")


@pytest.mark.parametrize(("damage", "checkpoint", "message"), [
    (_unfinished, "step_00000007", r"--checkpoint=step_00000007: there is no checkpoint .*choices: .*step_00000012"),
    (_unfinished, "bset", r"--checkpoint=bset: there is no checkpoint 'bset' in .*run/.*: did you mean 'best'\?"),
    (_before_the_first_check, "best", r"--checkpoint=best: .*run was never checked: its first check comes after 400 "),
    (_without_checks, "best", r"--checkpoint=best: .*run was never checked: train it without --evaluate_every_steps=0"),
    (_without_checkpoints, "best", r"--checkpoint=best: .*run/checkpoints holds none that can be read")])
def test_a_state_that_there_is_not(run, damage, checkpoint, message):
    damage(run)
    with pytest.raises(UserError, match=message) as caught:
        _measured(run, f"--checkpoint={checkpoint}")
    assert "\n" not in str(caught.value)
    assert not (run / "metrics.json").exists()
