"""How a run ends that can't go on, and that nothing of it is lost."""

import errno
import io
import json
import os
import signal

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event

from gan_zoo.commands import replay
from gan_zoo.errors import Diverged, RunStopped
from gan_zoo.files import digests
from gan_zoo.training import divergence, event_files, records
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.progress import Progress
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.trainer import Trainer
from tests.training.test_loop import TOTAL, _record, _train

pytestmark = pytest.mark.usefixtures("quick_ends")
OFTEN = {"checkpoint_every_steps": 2, "sample_every_steps": 2, "log_every_steps": 4, "histogram_every_steps": 4,
         "keep_checkpoints": 9, "evaluate_every_steps": 3}


def _weights(ended) -> list[np.ndarray]:
    return [np.array(v) for v in ended.trainer.variables()]


def _points(folder) -> dict:
    """(tag, step) → the values that TensorBoard gets, but those of the clock."""
    found: dict = {}
    for path in sorted(folder.glob("events.*")):
        for record in event_files._records(path.read_bytes()):
            event = Event.FromString(record[12:-4])
            for value in event.summary.value:
                if value.tag not in ("speed/images_per_s", "epoch/seconds") and not value.tag.startswith("_hparams"):
                    found.setdefault((value.tag, event.step), []).append(value.tensor.SerializeToString())
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """(folder, how it ended) of a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    return folder, _train(folder, **OFTEN)[0]


def _assert_as(undisturbed, folder, ended) -> None:
    """Weights, optimizers, history, TensorBoard, export, the animation of samples."""
    whole, expected = undisturbed
    for one, other in zip(_weights(ended), _weights(expected), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, series in expected.history.arrays().items():
        if name != "seconds":
            np.testing.assert_array_equal(ended.history.arrays()[name], series)
    points = _points(folder)
    assert points.keys() == _points(whole).keys()
    for key, values in _points(whole).items():
        assert len(points[key]) == 1, key
        if key[0] != "flags":  # in which the folder is
            assert points[key] == values, key
    assert _record(folder)["status"] == "complete"
    assert (folder / "progress.gif").read_bytes() == (whole / "progress.gif").read_bytes()


def _break_at(monkeypatch, step: int, wanted=lambda trainer: True) -> None:
    """Round `step` makes a weight of the generator infinite; its own loss is as it should be."""
    played = Trainer.play

    def play(trainer, first_step, count):
        result = played(trainer, first_step, count)
        if first_step < step <= first_step + count and wanted(trainer):
            weight = trainer.gan.generator.trainable_variables[0]
            weight.assign(tf.fill(weight.shape, np.inf))
        return result

    monkeypatch.setattr(Trainer, "play", play)


def test_an_update_that_is_not_finite_is_found_before_it_is_kept(tmp_path, monkeypatch):
    """At the last round, too, whose losses know nothing of it: no checkpoint, no export, and a word about which."""
    folder = tmp_path / "run"
    _break_at(monkeypatch, TOTAL)
    with pytest.raises(Diverged) as error:
        _train(folder, **OFTEN)
    weight = "kernel is inf at step 6"
    assert weight in str(error.value)
    assert f"Last good checkpoint: {folder}/checkpoints/step_00000004." in str(error.value)
    assert error.value.exit_code == 3
    assert not (folder / "export").exists()
    assert [path.name for path in Checkpoints(folder / "checkpoints").paths()] == ["step_00000002", "step_00000004"]
    record = _record(folder)
    assert record["status"] == "stopped"
    assert weight in record["reason"]
    assert record["verdicts"][-1]["step"] == TOTAL
    post_mortem = json.loads((folder / "post_mortem.json").read_text())
    assert (post_mortem["step"], post_mortem["value"], post_mortem["checkpoint"]) == (6, "inf", "step_00000004")
    assert post_mortem["replay"] == f"gan-zoo replay {folder}"
    assert len(post_mortem["last_rounds"]["generator_loss"]) == TOTAL


def test_a_run_is_taken_back_at_lower_rates_and_goes_on_the_same_way_after_a_kill(tmp_path, monkeypatch):
    rates = {}
    slow_down = Trainer.slow_down

    def noted(trainer, factor):
        slow_down(trainer, factor)
        rates[trainer] = [float(player.optimizer.learning_rate) for player in trainer.players]

    settings = OFTEN | {"on_nan": "rollback", "generator_optimizer": "adam(learning_rate=cosine(1e-3, 1e-4))"}
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "slow_down", noted)
        _break_at(patch, 5, wanted=lambda trainer: len(rates) == 1)  # the first trainer only
        ended, shown = _train(tmp_path / "run", **settings)
    assert "step 6: back to step 4, at 0.5 of the learning rates" in shown or "step 5" in shown
    assert (ended.step, ended.history.rounds) == (TOTAL, TOTAL)
    assert _record(tmp_path / "run")["rollbacks"][0]["to"] == 4
    first, second = rates.values()
    assert second[0] == pytest.approx(first[0] / 2)
    # the round is played again at the rates that it had
    seen = json.loads((tmp_path / "run" / "post_mortem.json").read_text())
    assert divergence.factor(replay.record_at(tmp_path / "run", seen), seen["step"]) == 1
    assert divergence.factor(_record(tmp_path / "run"), seen["step"]) == 0.5
    # killed after the rollback, even where only an older checkpoint is left: the same rates at the same rounds
    for step in (6, 4):
        (tmp_path / "run" / "checkpoints" / f"step_{step:08d}").rename(tmp_path / f"gone_{step}")
    record = _record(tmp_path / "run") | {"status": "running"}
    (tmp_path / "run" / "run.json").write_text(json.dumps(record))
    again, shown = _train(tmp_path / "run", **settings)
    assert "resumed at step 2" in shown
    for one, other in zip(_weights(again), _weights(ended), strict=True):
        np.testing.assert_array_equal(one, other)


def test_there_are_only_so_many_rollbacks(tmp_path, monkeypatch):
    _break_at(monkeypatch, 3)
    with pytest.raises(Diverged):
        _train(tmp_path / "run", **OFTEN | {"on_nan": "rollback"})
    factors = [each["factor"] for each in _record(tmp_path / "run")["rollbacks"]]
    assert factors == [0.5, 0.25, 0.125]
    assert divergence.factor(_record(tmp_path / "run"), 1) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.ENOENT])
def test_a_disk_that_fails_ends_the_run_in_one_line_and_it_goes_on_later(tmp_path, monkeypatch, undisturbed, number):
    """While a checkpoint is written."""
    def full(folder):
        if "step_00000004" in str(folder):
            raise OSError(number, os.strerror(number), str(folder))
        return digests(folder)

    with monkeypatch.context() as patch:
        patch.setattr("gan_zoo.training.checkpoints.files.digests", full)
        with pytest.raises(RunStopped) as error:
            _train(tmp_path / "run", **OFTEN)
    assert os.strerror(number) in str(error.value)
    assert "Last good checkpoint: " in str(error.value)
    assert "go on by " in str(error.value)
    assert "damaged" not in str(error.value)
    record = _record(tmp_path / "run")
    assert (record["status"], record["step"]) == ("stopped", 2)
    assert not list((tmp_path / "run" / "checkpoints").glob("*.partial"))
    ended, shown = _train(tmp_path / "run", **OFTEN)
    assert "resumed at step 2" in shown
    _assert_as(undisturbed, tmp_path / "run", ended)


def test_on_a_full_disk_the_status_is_written_where_the_old_one_was(tmp_path, monkeypatch):
    run = RunDirectory(str(tmp_path / "run"))
    run.claim()
    run.update(status="running", note="äö")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gan_zoo.training.run_directory.write_text", full)
    with pytest.raises(OSError, match="No space"):
        run.end("stopped", "full")
    assert _record(run.path)["status"] == "stopped"


@pytest.mark.parametrize("number", [None, signal.SIGHUP])
def test_what_stops_a_run_between_checkpoints_leaves_no_trace(tmp_path, monkeypatch, undisturbed, number):
    """A signal, or a pipe whose reader has left."""
    class Pipe(io.StringIO):
        def write(self, text):
            if "step 3" in text:
                raise BrokenPipeError(errno.EPIPE, "Broken pipe")
            return super().write(text)

    played = Trainer.play
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may be running under nohup

    def interrupted(trainer, first_step, count):
        if first_step == 2 and number:
            signal.raise_signal(number)
        return played(trainer, first_step, count)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "play", interrupted)
        patch.setattr("gan_zoo.training.progress._QUIET_SECONDS", 0.0)
        if number is None:
            patch.setattr("tests.training.test_loop.Progress", lambda shown: Progress(Pipe()))
        stopped, _ = _train(tmp_path / "run", **OFTEN)
    signal.signal(signal.SIGHUP, before)
    assert (stopped.step, stopped.signal) == (3, number or signal.SIGPIPE)
    assert _record(tmp_path / "run")["status"] == "interrupted"
    ended, _ = _train(tmp_path / "run", **OFTEN)
    _assert_as(undisturbed, tmp_path / "run", ended)


def test_a_fault_of_ours_has_a_status_too(tmp_path, monkeypatch):
    for raised, status in ((RuntimeError("a bug"), "failed"), (KeyboardInterrupt(), "interrupted")):
        def fail(*_, error=raised):
            raise error

        monkeypatch.setattr(records.Records, "sample", fail)
        with pytest.raises(type(raised)):
            _train(tmp_path / "run")
        assert _record(tmp_path / "run")["status"] == status


def test_after_a_kill_tensorboard_has_every_point_once(tmp_path, monkeypatch, undisturbed):
    """Killed in round 5: what came after the checkpoint of round 4 is on the disk, and half a record."""
    class Killed(BaseException):
        pass

    played = Trainer.play

    def killed(trainer, first_step, count):
        if first_step == 5:
            raise Killed
        return played(trainer, first_step, count)

    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "play", killed)
        with pytest.raises(Killed):
            _train(folder, **OFTEN)
    path = sorted(folder.glob("events.*"))[-1]
    path.write_bytes(path.read_bytes() + b"\x10\0\0\0\0\0\0\0half")
    (folder / ".12345-run.json").write_text("{")
    (folder / "samples" / ".12345-step_00000006.png").write_bytes(b"")
    ended, _ = _train(folder, **OFTEN)
    _assert_as(undisturbed, folder, ended)
    assert not list(folder.rglob(".12345*"))
    # A run that is made longer also has what it showed at its first end, but no shorter window of means there.
    longer, _ = _train(folder, **OFTEN | {"steps": TOTAL + 4})
    whole = tmp_path / "whole"
    expected, _ = _train(whole, **OFTEN | {"steps": TOTAL + 4})
    for one, other in zip(_weights(longer), _weights(expected), strict=True):
        np.testing.assert_array_equal(one, other)
    points = _points(folder)
    assert {tag for tag, step in points.keys() - _points(whole).keys()} <= {tag for tag, _ in points
                                                                             if tag.startswith(("weights/", "scores/"))}
    assert points.keys() > _points(whole).keys()
    assert {len(values) for values in points.values()} == {1}


def test_an_unfinished_beginning_is_begun_again(tmp_path, undisturbed):
    """What a kill before run.json was whole can leave, in this version and in those that wrote run.flags first."""
    folder = tmp_path / "run"
    for name in ("samples", "checkpoints"):
        (folder / name).mkdir(parents=True)
    for name in ("run.flags", ".lock", ".9-run.json"):
        (folder / name).write_text("--seed")
    ended, _ = _train(folder, **OFTEN)
    _assert_as(undisturbed, folder, ended)
