"""What a run says as it begins."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from gan_zoo.experiment import Experiment
from gan_zoo.training import first_words
from gan_zoo.training.run_directory import RunDirectory


@pytest.fixture
def trainer():
    plan = SimpleNamespace(experiment=Experiment(), data=SimpleNamespace(description="some"), steps=3600,
                           rounds_per_epoch=36.0, sample_every=100)
    return SimpleNamespace(plan=plan, state_bytes=1, strategy=None)


def test_it_names_what_is_trained_and_where_pictures_appear(trainer, tmp_path):
    run = RunDirectory(str(tmp_path / "runs" / "mine"))
    run.checkpoints.mkdir(parents=True)
    what, where, _ = first_words.lines(run, trainer, "CPU, 1 replica", 3)
    assert what == f"dcgan on some; CPU, 1 replica; 3,600 steps, 100.0 epochs → {run.path}"
    assert f"{run.samples}/step_….png every 100 steps, {run.curves}" in where
    assert f"tensorboard --logdir {tmp_path / 'runs'}" in where


@pytest.mark.parametrize(("seconds", "said"), [
    (0.001, "4 seconds"), (0.02, "72 seconds"), (1.0, "60 minutes"), (3.0, "3.0 hours")])
def test_the_forecast_is_of_the_rounds_that_are_left(trainer, monkeypatch, seconds, said):
    monkeypatch.setattr(first_words, "seconds_per_round", lambda *_: (seconds, 3, "CPU"))
    assert first_words.forecast(trainer, 0).startswith(f"that takes about {said} here, by 3 rounds")
    assert "about a second here" in first_words.forecast(trainer, 3600)


@pytest.mark.parametrize(("path", "name"), [
    ("runs/mine", "mine"), ("runs/mine/seed_3", "mine/seed_3"), ("seed_3", f"{Path.cwd().name}/seed_3")])
def test_a_run_of_a_seed_is_called_after_its_configuration_too(path, name):
    assert RunDirectory(path).name == name
