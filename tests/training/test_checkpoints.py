"""Checkpoints are whole or absent."""

import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import files
from gan_zoo.errors import UserError
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.run_directory import Tie
from tests.training.saved_states import FILES, State, assert_restores, checkpoints_in, history, names


def test_nothing_to_restore(tmp_path):
    state = State()
    before = state.values()
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        assert Checkpoints(tmp_path / folder).restore(state.checkpoint) is None
    for got, expected in zip(state.values(), before, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_newest_is_restored_bit_by_bit(saved):
    assert_restores(*saved, step=30)


def test_a_restored_run_goes_on_as_the_first(saved):
    checkpoints, _ = saved
    one, other = State(), State()
    checkpoints.restore(one.checkpoint)
    checkpoints.restore(other.checkpoint)
    one.move()
    other.move()
    assert int(one.optimizer.iterations) == 4
    for got, expected in zip(one.values(), other.values(), strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("keep", [1, 2, 5])
def test_the_newest_are_kept(tmp_path, keep):
    state, checkpoints = State(), checkpoints_in(tmp_path, keep)
    for step in (1, 10, 99_999_999, 100_000_000):  # the last has more digits than the others' padding
        checkpoints.save(state.checkpoint, step, {})
        assert len(checkpoints.paths()) <= keep
    wanted = ["step_00000001", "step_00000010", "step_99999999", "step_100000000"][-keep:]
    assert [path.name for path in checkpoints.paths()] == wanted
    assert checkpoints.restore(state.checkpoint).step == 100_000_000


def test_a_step_may_be_saved_again(saved):
    checkpoints, values = saved
    state = State()
    checkpoints.save(state.checkpoint, 30, history(30))
    assert_restores(checkpoints, {**values, 30: state.values()}, 30)
    assert names(checkpoints) == ["step_00000010", "step_00000020", "step_00000030"]


def test_what_a_killed_save_leaves_is_removed(saved):
    checkpoints, values = saved
    partial = checkpoints.folder / "step_00000040.partial"
    shutil.copytree(checkpoints.folder / "step_00000030", partial)
    (partial / "state.index").unlink()
    assert_restores(checkpoints, values, 30)
    assert not partial.exists()


def test_other_files_are_left_alone(saved):
    checkpoints, values = saved
    (checkpoints.folder / "notes.txt").write_text("mine")
    (checkpoints.folder / "step_best").mkdir()
    assert_restores(checkpoints, values, 30)
    checkpoints.save(State().checkpoint, 40, history(40))
    assert {"notes.txt", "step_best"} <= set(names(checkpoints))


@pytest.mark.parametrize("place", ["write", "history", "rename"])
def test_a_save_that_fails_leaves_the_old_ones(saved, monkeypatch, place):
    """Wherever it stops, as a kill or a full disk would: step 40 is absent, and the others are whole."""
    checkpoints, values = saved

    def fail(*args, **kwargs):
        raise OSError("No space left on device")

    owner, name = {"write": (tf.train.Checkpoint, "write"), "history": (np, "savez"),
                   "rename": (type(checkpoints.folder), "rename")}[place]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        with pytest.raises(OSError, match="No space left"):
            checkpoints.save(State().checkpoint, 40, history(40))
    assert [path.name for path in checkpoints.paths()] == ["step_00000010", "step_00000020", "step_00000030"]
    assert_restores(checkpoints, values, 30)
    assert not list(checkpoints.folder.glob("*.partial"))


def test_files_reach_the_disk_before_the_name_is_theirs(saved, monkeypatch):
    checkpoints, _ = saved
    synced = []
    monkeypatch.setattr(files, "to_disk", lambda path: synced.append(os.path.basename(path)))
    target = checkpoints.save(State().checkpoint, 40, history(40))
    assert sorted(synced[:-2]) == sorted(path.name for path in target.iterdir())
    assert synced[-2:] == [f"{target.name}.partial", checkpoints.folder.name]


def test_what_a_checkpoint_holds(saved):
    checkpoints, _ = saved
    folder = checkpoints.paths()[-1]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    about = json.loads((folder / "step.json").read_text())
    assert (about["step"], about["run"]) == (30, "abc")
    assert about["files"].keys() == set(FILES.values()) - {"step.json"}


def test_saving_a_step_again_leaves_one_of_the_two_at_any_time(saved, monkeypatch):
    checkpoints, values = saved
    state = State()
    checkpoints.restore(state.checkpoint)
    rename, seen = type(checkpoints.folder).rename, []

    def watched(path, target):
        seen.append(any((checkpoints.folder / "step_00000030").with_suffix(suffix).exists() for suffix in ("", ".old")))
        return rename(path, target)

    monkeypatch.setattr(type(checkpoints.folder), "rename", watched)
    checkpoints.save(state.checkpoint, 30, history(30))
    monkeypatch.undo()
    assert seen == [True, True]
    assert_restores(checkpoints, values, step=30)


@pytest.mark.parametrize("keep", [1, 2])
def test_a_kill_between_the_two_renames_of_a_step_leaves_the_older_one(tmp_path, keep):
    checkpoints, state = checkpoints_in(tmp_path, keep), State()
    checkpoints.save(state.checkpoint, 30, history(30))
    values = {30: state.values()}
    whole = checkpoints.folder / "step_00000030"
    whole.rename(whole.with_suffix(".old"))
    assert_restores(checkpoints, values, 30)
    assert checkpoints.read_newest(State().checkpoint).step == 30
    checkpoints.save(state.checkpoint, 30, history(30))
    assert names(checkpoints) == ["step_00000030"]
    assert_restores(checkpoints, values, 30)


def test_those_of_an_older_version_are_read_as_far_as_the_run_has_them(saved):
    """Without hashes, of a run that got its id at step 20."""
    checkpoints, values = saved
    for step in values:
        (checkpoints.folder / f"step_{step:08d}" / "step.json").write_text(json.dumps({"step": step}))
    for tie in (Tie("abc", since=20), Tie.of({"id": "abc", "id_since": 20})):
        checkpoints.tie = tie
        with pytest.raises(ValueError, match="altered"):
            checkpoints.verify(checkpoints.folder / "step_00000030")
        assert checkpoints.verify(checkpoints.folder / "step_00000020") == 20
    checkpoints.tie = Tie.of({})  # it never had one
    assert_restores(checkpoints, values, 30)


def test_a_file_where_the_folder_belongs(tmp_path):
    (tmp_path / "checkpoints").write_text("")
    with pytest.raises(UserError, match="is a file, where the run's checkpoints belong"):
        Checkpoints(tmp_path / "checkpoints").restore(State().checkpoint)
