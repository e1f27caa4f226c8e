"""How a run ends: interrupted, complete, or complete already; and what it leaves of that."""

import io
import json
import signal
import threading

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data import from_arrays
from gan_zoo.experiment import Experiment
from gan_zoo.training import loop
from gan_zoo.training.history import SERIES
from gan_zoo.training.progress import Progress
from gan_zoo.training.trainer import Trainer

TOTAL = 6


def _train(folder, forecast=False, **settings) -> tuple[loop.Ended, str]:
    """(how it ended, what it showed)."""
    images = np.random.default_rng(0).integers(0, 256, [32, 4, 4], np.uint8)
    experiment = Experiment(**{
        "model": "mlp(generator=[None, 4, None], discriminator=[None, 4, 1])", "latent": "normal(2)", "steps": TOTAL,
        "batch_size": 8, "sample_count": 4, "rounds_per_call": 1, "run_dir": str(folder)} | settings)
    shown = io.StringIO()
    ended = loop.train(experiment, tf.distribute.get_strategy(), from_arrays(images, None, "some"), Progress(shown),
                       command=["train", "it"], forecast=forecast)
    return ended, shown.getvalue()


def _record(folder) -> dict:
    return json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_says_where_and_by_what_and_goes_on(tmp_path, monkeypatch, number):
    played = Trainer.play

    def interrupted(trainer, first_step, count):
        if first_step == 2:
            signal.raise_signal(number)
        return played(trainer, first_step, count)

    monkeypatch.setattr(Trainer, "play", interrupted)
    before = signal.getsignal(number)
    ended, shown = _train(tmp_path / "run")
    assert (ended.step, ended.signal, ended.history.rounds) == (3, number, 3)
    assert signal.getsignal(number) is before
    assert f"{number.name}: saved at step 3. To go on: " in shown
    record = _record(tmp_path / "run")
    assert (record["status"], record["step"], record["command"]) == ("interrupted", 3, ["train", "it"])
    assert not (tmp_path / "run" / "export").exists()
    again, shown = _train(tmp_path / "run")
    assert (again.step, again.signal) == (TOTAL, None)
    assert "resumed at step 3" in shown
    for name in SERIES:
        np.testing.assert_array_equal(again.history.arrays()[name][:3], ended.history.arrays()[name])


def test_a_forecast_is_said_and_changes_no_bit(tmp_path):
    plain, said = _train(tmp_path / "plain")
    told, more = _train(tmp_path / "told", forecast=True)
    assert "that takes about" not in said
    assert "that takes about" in more
    for one, other in zip(plain.trainer.variables(), told.trainer.variables(), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    for name in SERIES:
        np.testing.assert_array_equal(plain.history.arrays()[name], told.history.arrays()[name])


def test_a_complete_run_is_not_trained_again_and_gives_what_it_has(tmp_path, monkeypatch):
    ended, shown = _train(tmp_path / "run")
    assert (ended.step, ended.signal, ended.history.rounds) == (TOTAL, None, TOTAL)
    assert "done in" in shown
    record = _record(tmp_path / "run")
    assert (record["status"], record["step"], record["format"]) == ("complete", TOTAL, 2)
    assert (tmp_path / "run" / "export" / "saved_model.pb").is_file()
    monkeypatch.setattr(Trainer, "play", None)
    again, shown = _train(tmp_path / "run")
    assert (again.step, again.signal, again.history.rounds) == (TOTAL, None, TOTAL)
    assert "is complete: 6 of 6 steps. Raise --steps or --epochs to go on." in shown
    for one, other in zip(ended.trainer.gan.generator.get_weights(), again.trainer.gan.generator.get_weights(),
                          strict=True):
        np.testing.assert_array_equal(one, other)


def test_outside_the_main_thread_signals_are_left_alone(tmp_path):
    before, ends = signal.getsignal(signal.SIGINT), []
    thread = threading.Thread(target=lambda: ends.append(_train(tmp_path / "run", steps=1)[0]))
    thread.start()
    thread.join()
    assert (ends[0].step, ends[0].signal) == (1, None)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_needs_a_folder():
    with pytest.raises(ValueError, match="a run needs a folder"):
        loop.train(Experiment(), tf.distribute.get_strategy())
