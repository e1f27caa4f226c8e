"""gan-zoo check: what is whole, and what is not."""

import json
import shutil

import pytest

from gan_zoo.commands import check
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment


def test_a_run_and_its_export(run_dir, capsys):
    record = {"format": 2, "flags": Experiment().values(), "step": 9, "status": "complete", "id": "abc"}
    (run_dir / "run.json").write_text(json.dumps(record))
    (run_dir / "checkpoints" / "step_00000009").mkdir(parents=True)
    assert check.run([str(run_dir)]) == 1
    shown = capsys.readouterr().out
    assert "run.json       complete, step 9" in shown
    assert "step_00000009  damaged: " in shown
    assert "checkpoints    none that can be read, though run.json says step 9" in shown
    assert "export         whole, step 1234: generates what is finite" in shown
    (run_dir / "export" / "saved_model.pb").write_bytes(b"")
    check.run([str(run_dir)])
    assert "saved_model.pb is not as it was written; the run's own command makes it again" in capsys.readouterr().out
    shutil.rmtree(run_dir / "export")
    check.run([str(run_dir)])
    assert "is not there; the run's own command makes it again" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "name a run's folder"), (["nowhere"], "nowhere holds no run.json"), (["--what=1"], "unknown flag --what"),
    (["runs/tiny"], "was trained by another version|holds no")])
def test_mistakes(run_dir, arguments, words):
    (run_dir / "checkpoints" / "step_1").mkdir(parents=True)
    with pytest.raises(UserError, match=words):
        check.run(arguments)
