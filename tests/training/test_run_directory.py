"""The folder of a run: who may write into it, and when it counts as begun."""

import contextlib
import fcntl
import os
import shutil

import pytest

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.run_directory import RunDirectory


def _begun(path, experiment) -> RunDirectory:
    run = RunDirectory(str(path))
    run.claim()
    run.begin(experiment, {"data_fingerprint": "abc"})
    return run


def test_a_folder_that_only_holds_our_empty_ones_is_not_begun(tmp_path):
    run = RunDirectory(str(tmp_path / "run"))
    run.claim()
    run.samples.mkdir()
    run.checkpoints.mkdir()
    RunDirectory(str(tmp_path / "run")).check(Experiment(), "abc")
    (run.samples / "picture.png").write_bytes(b"")
    with pytest.raises(UserError, match="no readable run"):
        RunDirectory(str(tmp_path / "run")).check(Experiment(), "abc")


@pytest.mark.parametrize("now", ["abc", "abc-12", "abc-13", "ab", "other-12"])
def test_other_data_are_refused_and_one_of_both_may_not_have_looked_at_all(tmp_path, now):
    experiment = Experiment(run_dir=str(tmp_path / "run"))
    run = RunDirectory(str(tmp_path / "run"))
    run.claim()
    run.begin(experiment, {"data_fingerprint": "abc-12"})
    with contextlib.nullcontext() if now in ("abc", "abc-12") else pytest.raises(UserError, match="other images"):
        RunDirectory(str(tmp_path / "run")).check(experiment, now)


def test_a_folder_is_given_up_unless_something_is_in_it(tmp_path):
    """Also if somebody took it away meanwhile."""
    for name, change, left in (("empty", lambda path: None, False), ("full", lambda path: (path / "a").touch(), True),
                               ("gone", shutil.rmtree, False)):
        run = RunDirectory(str(tmp_path / name))
        run.claim()
        change(run.path)
        run.give_up()
        assert run.path.exists() == left


def test_another_process_keeps_us_out(tmp_path):
    run = RunDirectory(str(tmp_path / "run"))
    run.claim()
    with pytest.raises(UserError, match="in use by another process"):
        RunDirectory(str(tmp_path / "run")).claim()
    fcntl.flock(run._held, fcntl.LOCK_UN)
    RunDirectory(str(tmp_path / "run")).claim()


@pytest.mark.parametrize(("settings", "named"), [
    ({"seed": 1}, "--seed=0, not --seed=1"), ({"model": "dcgan(width=8)"}, "--model"),
    ({"batch_size": 64}, "--batch_size=128"), ({"latent": "normal(100, stddev=2)"}, "--latent"),
    ({"generator_optimizer": "adam(beta_1=.5, learning_rate=0.0003)"}, "--generator_optimizer"),
    ({"precision": "mixed_bfloat16"}, "--precision")])
def test_what_changes_the_training_is_refused(tmp_path, settings, named):
    _begun(tmp_path / "run", Experiment())
    with pytest.raises(UserError, match="was trained with") as error:
        RunDirectory(str(tmp_path / "run")).check(Experiment(**settings), "abc")
    assert named in str(error.value)


@pytest.mark.parametrize("settings", [
    {"steps": 7}, {"sample_every_steps": 3}, {"keep_checkpoints": 9}, {"strategy": "mirrored"},
    {"model": "dcgan( )"}, {"latent": "normal( 100 )"}, {"latent": "normal(size=100, stddev=1)"},
    {"model": "dcgan(32, slope=0.3)"}, {"generator_optimizer": "adam(beta_1=.5, learning_rate=0.0002)"},
    {"dataset": "mnist", "data_dir": "elsewhere"}, {"on_nan": "rollback"}])
def test_what_does_not_is_not(tmp_path, settings):
    _begun(tmp_path / "run", Experiment())
    RunDirectory(str(tmp_path / "run")).check(Experiment(**settings), "abc")


def test_other_data_are_refused_with_what_they_were(tmp_path):
    """Such as a folder whose default size was another: naming the old one goes on."""
    run = _begun(tmp_path / "run", Experiment())
    run.update(data="folder/cats train: 60 images of 12x12x3")
    with pytest.raises(UserError, match=r"other images or labels \(folder/cats train: 60 images of 12x12x3\) than"):
        RunDirectory(str(tmp_path / "run")).check(Experiment(), "def")
    RunDirectory(str(tmp_path / "run")).check(Experiment(image_size=12), "abc")


def test_other_data_are_refused(tmp_path):
    _begun(tmp_path / "run", Experiment())
    with pytest.raises(UserError, match="other images"):
        RunDirectory(str(tmp_path / "run")).check(Experiment(), "def")


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UserError, match="not writable"):
        RunDirectory(str(tmp_path / "run")).check_path()


def test_what_was_recorded_stays(tmp_path):
    run = _begun(tmp_path / "run", Experiment())
    run.update(images_per_s=5.0)
    again = RunDirectory(str(tmp_path / "run"))
    again.check(Experiment(), "abc")
    again.update(step=3)
    assert again.record["images_per_s"] == 5.0
    assert again.record["step"] == 3
    assert run.command() == f"python train.py --flagfile={tmp_path / 'run' / 'run.flags'}"
