"""A run that judges itself: the best check exported, patience, alarms, and all of it the same after an interruption."""

import json
import signal

import numpy as np
import pytest

from gan_zoo.errors import RunStopped, UserError
from gan_zoo.experiment import Experiment
from gan_zoo.judging import rules
from gan_zoo.judging.checks import Checks
from gan_zoo.judging.words import COLLAPSED, HEALTHY, Finding
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.history import BROKEN
from gan_zoo.training.trainer import Trainer
from tests.training.test_loop import TOTAL, _record, _train

EACH = {"evaluate_every_steps": 1}


@pytest.fixture
def distances(monkeypatch):
    """Sets the Fréchet distances that checks find, one after the other; further ones repeat the last."""
    look = Checks.look

    def use(*values: float) -> None:
        left = list(values)

        def looked(checks, images, before=None):
            found, after = look(checks, images, before)
            return found | {"frechet": left.pop(0) if len(left) > 1 else left[0]}, after

        monkeypatch.setattr(Checks, "look", looked)

    return use


def _judged(folder) -> dict[str, np.ndarray]:
    """What the newest checkpoint holds of the checks."""
    with np.load(Checkpoints(folder / "checkpoints").paths()[-1] / "judged.npz") as file:
        return dict(file)


def _generated(ended) -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=[5, 2]).astype(np.float32)
    return np.asarray(ended.trainer.sampler(noise))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(how an uninterrupted run ended, its folder)."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return _train(folder, **EACH)[0], folder


def test_what_a_run_says_of_itself(whole):
    _, folder = whole
    record = _record(folder)
    assert set(record["evaluation"]) == {"every", "checks", "best", "last", "images", "features", "groups", "floor",
                                         "seconds_session", "share"}
    assert (record["evaluation"]["every"], record["evaluation"]["checks"]) == (1, TOTAL)
    best = record["evaluation"]["best"]
    series = _judged(folder)["series/frechet"]
    assert best == {"step": int(series.argmin()) + 1, "frechet": round(series.min(), 4)}
    assert record["exported_step"] == best["step"]
    assert record["verdict"] == record["verdicts"][-1]["verdict"]
    assert record["verdicts"][0]["step"] == 1
    assert record["verdicts"][0]["evidence"].startswith("coverage is ")


def test_an_interruption_changes_no_check(whole, tmp_path, monkeypatch):
    played = Trainer.play

    def interrupted(trainer, first_step, count):
        if first_step == 2:
            signal.raise_signal(signal.SIGTERM)
        return played(trainer, first_step, count)

    monkeypatch.setattr(Trainer, "play", interrupted)
    stopped, _ = _train(tmp_path / "run", **EACH)
    assert stopped.step == 3
    monkeypatch.setattr(Trainer, "play", played)
    ended, _ = _train(tmp_path / "run", **EACH)
    one, other = _judged(whole[1]), _judged(tmp_path / "run")
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    records = [_record(folder) for folder in (whole[1], tmp_path / "run")]
    for record in records:
        del record["evaluation"]["seconds_session"], record["evaluation"]["share"]
    for name in ("evaluation", "verdict", "verdicts", "exported_step"):
        assert records[0][name] == records[1][name]
    np.testing.assert_array_equal(_generated(ended), _generated(whole[0]))


def test_the_best_check_is_exported(tmp_path, distances):
    distances(5, 3, 1, 4, 6, 7)
    ended, shown = _train(tmp_path / "run", **EACH)
    assert (ended.step, ended.exported) == (TOTAL, 3)
    assert "Fréchet distance 1.00 at step 3 (exported), 7.00 at the end; real images: 1" in shown
    short, said = _train(tmp_path / "short", steps=3, evaluate_every_steps=0)
    assert (short.step, short.exported) == (3, 3)
    assert "verdict" not in said
    assert not {"verdict", "verdicts", "evaluation"} & _record(tmp_path / "short").keys()
    np.testing.assert_array_equal(_generated(ended), _generated(short))
    distances(5, 3, 1, 4, 6, 7)
    last, shown = _train(tmp_path / "last", export="last", **EACH)
    assert last.exported == TOTAL
    assert "at step 3 (--export=best exports it, not step 6)" in shown
    assert not np.array_equal(_generated(last), _generated(ended))
    distances(8)
    again, shown = _train(tmp_path / "last", export="best", **EACH)  # as the run has said
    assert (again.step, again.exported, _record(tmp_path / "last")["exported_step"]) == (TOTAL, 3, 3)
    np.testing.assert_array_equal(_generated(again), _generated(ended))
    with pytest.raises(UserError, match="--evaluate_every_steps=0 would lose the checks of"):
        _train(tmp_path / "last", evaluate_every_steps=0)


def test_patience(tmp_path, distances):
    distances(5, 3, 4)
    ended, shown = _train(tmp_path / "run", patience=2, **EACH)
    assert (ended.step, ended.exported) == (4, 2)
    assert "2 checks without a better one" in shown
    record = _record(tmp_path / "run")
    assert (record["status"], record["step"], record["reason"]) == ("complete", 4, "2 checks without a better one")
    again, shown = _train(tmp_path / "run", patience=2, **EACH)
    assert (again.step, again.exported) == (4, 2)
    assert "is complete: 4 of 6 steps. Raise --patience to go on." in shown


def _at_three(series, threshold) -> Finding:
    if series.step >= 3:
        return Finding(COLLAPSED, "about 4 of 10 classes", "said by the test")
    return Finding(HEALTHY, "", "said by the test")


def test_an_alarm_warns_once_or_stops_a_run_that_wants_it(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "judge", _at_three)
    with pytest.raises(RunStopped, match="stopped at step 3: collapsed: about 4 of 10 classes: said by the test"):
        _train(tmp_path / "run", on_alarm="stop", **EACH)
    record = _record(tmp_path / "run")
    assert (record["status"], record["step"]) == ("stopped", 3)
    assert [each["verdict"] for each in record["verdicts"]] == ["healthy", "collapsed: about 4 of 10 classes"]
    assert (tmp_path / "run" / "export" / "saved_model.pb").is_file()
    ended, shown = _train(tmp_path / "run", on_alarm="warn", **EACH)
    assert ended.step == TOTAL
    assert "verdict      collapsed: about 4 of 10 classes: said by the test. Try --instance_noise=0.1" in shown
    assert "at step 4: " not in shown
    assert _record(tmp_path / "run")["status"] == "complete"


@pytest.mark.parametrize(("flag", "setting"), [("--patience=3", {"patience": 3}),
                                               ("--on_alarm=stop", {"on_alarm": "stop"})])
def test_what_waits_for_checks_needs_some(flag, setting):
    with pytest.raises(UserError, match=f"{flag} waits for checks, and --evaluate_every_steps=0 makes none"):
        Experiment(evaluate_every_steps=0, **setting)


def test_records_are_json(whole):
    json.dumps(_record(whole[1]), allow_nan=False)


def test_a_run_that_diverges_names_what_broke_first(tmp_path, monkeypatch):
    played = Trainer.play

    def broken(trainer, first_step, count):
        found = played(trainer, first_step, count)
        norm, where = found.metrics["gradients/discriminator_norm"], found.metrics[f"{BROKEN}discriminator"]
        assert (where == -1).all()
        if first_step == 3:
            norm[0], where[0] = np.nan, 1
        return found

    monkeypatch.setattr(Trainer, "play", broken)
    with pytest.raises(RunStopped, match=r"^gradient of the discriminator's \w+/bias is nan at step 4\. Last good"):
        _train(tmp_path / "run", **EACH)
    record = _record(tmp_path / "run")
    assert record["verdict"].startswith("diverged: gradient of the discriminator's ")
    assert record["verdicts"][-1]["try"] == "--discriminator_clip_global_norm=1"


def test_a_longer_run_keeps_what_was_said_of_the_shorter_one(tmp_path, monkeypatch):
    def by_total(series, threshold) -> Finding:
        return Finding(HEALTHY if series.total > TOTAL else COLLAPSED, "", "said by the test")

    monkeypatch.setattr(rules, "judge", by_total)
    _train(tmp_path / "run", **EACH)
    _train(tmp_path / "run", **EACH | {"steps": TOTAL + 1})
    assert [(each["step"], each["verdict"]) for each in _record(tmp_path / "run")["verdicts"]] == [
        (1, "collapsed"), (TOTAL + 1, "healthy")]
