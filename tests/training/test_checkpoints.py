"""Checkpoints are whole or absent, and a damaged one is passed over."""

import json
import os
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.training import checkpoints as checkpoints_module
from gan_zoo.training.checkpoints import Checkpoints


class State:
    """A tiny network and its optimizer, which take steps that are all different."""

    def __init__(self):
        self.model = keras.Sequential([keras.Input([3]), keras.layers.Dense(4), keras.layers.BatchNormalization()])
        self.optimizer = keras.optimizers.Adam(0.1)
        self.optimizer.build(self.model.trainable_variables)
        self.checkpoint = tf.train.Checkpoint(model=self.model, optimizer=self.optimizer)

    def move(self) -> None:
        gradients = [tf.ones_like(v) * (1 + int(self.optimizer.iterations)) for v in self.model.trainable_variables]
        self.optimizer.apply(gradients, self.model.trainable_variables)
        self.model(np.random.default_rng(int(self.optimizer.iterations)).normal(size=(5, 3)), training=True)

    def values(self) -> list[np.ndarray]:
        return [np.array(v) for v in (*self.model.variables, *self.optimizer.variables)]


def _history(step: int) -> dict[str, np.ndarray]:
    return {"loss": np.arange(step, dtype=np.float32), "seconds": np.arange(step, dtype=np.float32) / 2}


@pytest.fixture
def saved(tmp_path):
    """(checkpoints of the steps 10, 20 and 30; the values at each)."""
    state, values = State(), {}
    checkpoints = Checkpoints(tmp_path / "checkpoints", keep=3)
    for step in (10, 20, 30):
        state.move()
        values[step] = state.values()
        checkpoints.save(state.checkpoint, step, _history(step))
    return checkpoints, values


def _assert_restores(checkpoints, values, step) -> None:
    state = State()
    restored = checkpoints.restore(state.checkpoint)
    assert restored.step == step
    assert set(restored.history) == {"loss", "seconds"}
    for name, series in _history(step).items():
        np.testing.assert_array_equal(restored.history[name], series)
    for got, expected in zip(state.values(), values[step], strict=True):
        np.testing.assert_array_equal(got, expected)


def _names(checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints.folder.iterdir())


def test_nothing_to_restore(tmp_path):
    state = State()
    before = state.values()
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        assert Checkpoints(tmp_path / folder).restore(state.checkpoint) is None
    for got, expected in zip(state.values(), before, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_newest_is_restored_bit_by_bit(saved):
    _assert_restores(*saved, step=30)


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
    state, checkpoints = State(), Checkpoints(tmp_path / "checkpoints", keep)
    for step in (1, 10, 99_999_999, 100_000_000):  # the last has more digits than the others' padding
        checkpoints.save(state.checkpoint, step, _history(1))
        assert len(checkpoints.paths()) <= keep
    wanted = ["step_00000001", "step_00000010", "step_99999999", "step_100000000"][-keep:]
    assert [path.name for path in checkpoints.paths()] == wanted
    assert checkpoints.restore(state.checkpoint).step == 100_000_000


def test_a_step_may_be_saved_again(saved):
    checkpoints, values = saved
    state = State()
    checkpoints.save(state.checkpoint, 30, _history(30))
    _assert_restores(checkpoints, {**values, 30: state.values()}, 30)
    assert _names(checkpoints) == ["step_00000010", "step_00000020", "step_00000030"]


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def _garble(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 16] = bytes(byte ^ 0xFF for byte in content[middle:middle + 16])
    path.write_bytes(content)


FILES = {"data": "state.data-00000-of-00001", "index": "state.index", "history": "history.npz", "step": "step.json"}
DAMAGES = {"truncated": _truncate, "empty": lambda path: os.truncate(path, 0), "missing": lambda path: path.unlink(),
           "garbled": _garble, "random": lambda path: path.write_bytes(np.random.default_rng(0).bytes(500)),
           "a folder": lambda path: (path.unlink(), path.mkdir())}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_checkpoint_is_passed_over(saved, caplog, file, damage):
    checkpoints, values = saved
    DAMAGES[damage](checkpoints.folder / "step_00000030" / FILES[file])
    _assert_restores(checkpoints, values, 20)
    assert "step_00000030 is damaged" in caplog.text
    assert "trying the one before" in caplog.text


@pytest.mark.parametrize("text", ["3", "null", "[]", "{}", '{"step": null}', '{"step": "30"}', '{"step": -1}', "{"])
def test_a_strange_step_is_damage(saved, text):
    checkpoints, values = saved
    (checkpoints.folder / "step_00000030" / "step.json").write_text(text)
    _assert_restores(checkpoints, values, 20)


def test_an_empty_folder_is_damage(saved):
    checkpoints, values = saved
    shutil.rmtree(checkpoints.folder / "step_00000030")
    (checkpoints.folder / "step_00000030").mkdir()
    (checkpoints.folder / "step_00000020" / "state.index").unlink()
    _assert_restores(checkpoints, values, 10)


def test_another_network_is_not_restored_in_part(saved, caplog):
    checkpoints, _ = saved
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(4), keras.layers.Dense(2)])
    with pytest.raises(UserError, match="can be read"):
        checkpoints.restore(tf.train.Checkpoint(model=model))
    assert "step_00000030 is damaged" in caplog.text


@pytest.mark.parametrize("damage", DAMAGES)
def test_all_damaged_is_the_users_to_decide(saved, damage):
    checkpoints, _ = saved
    for path in checkpoints.paths():
        DAMAGES[damage](path / FILES["data"])
    before = _names(checkpoints)
    with pytest.raises(UserError, match=r"none of the checkpoints in .* can be read: name another --run_dir"):
        checkpoints.restore(State().checkpoint)
    assert _names(checkpoints) == before


def test_what_a_killed_save_leaves_is_removed(saved):
    checkpoints, values = saved
    partial = checkpoints.folder / "step_00000040.partial"
    shutil.copytree(checkpoints.folder / "step_00000030", partial)
    (partial / "state.index").unlink()
    _assert_restores(checkpoints, values, 30)
    assert not partial.exists()


def test_other_files_are_left_alone(saved):
    checkpoints, values = saved
    (checkpoints.folder / "notes.txt").write_text("mine")
    (checkpoints.folder / "step_best").mkdir()
    _assert_restores(checkpoints, values, 30)
    checkpoints.save(State().checkpoint, 40, _history(40))
    assert {"notes.txt", "step_best"} <= set(_names(checkpoints))


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
            checkpoints.save(State().checkpoint, 40, _history(40))
    assert [path.name for path in checkpoints.paths()] == ["step_00000010", "step_00000020", "step_00000030"]
    _assert_restores(checkpoints, values, 30)
    assert not list(checkpoints.folder.glob("*.partial"))


def test_files_reach_the_disk_before_the_name_is_theirs(saved, monkeypatch):
    checkpoints, _ = saved
    synced = []
    monkeypatch.setattr(checkpoints_module, "_to_disk", lambda path: synced.append(path.name))
    target = checkpoints.save(State().checkpoint, 40, _history(40))
    assert sorted(synced[:-1]) == sorted(path.name for path in target.iterdir())
    assert synced[-1] == checkpoints.folder.name


def test_what_a_checkpoint_holds(saved):
    checkpoints, _ = saved
    folder = checkpoints.paths()[-1]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    assert json.loads((folder / "step.json").read_text()) == {"step": 30}


@pytest.mark.parametrize("keep", [1, 3])
def test_a_damaged_one_does_not_push_out_good_ones(tmp_path, keep):
    state = State()
    checkpoints = Checkpoints(tmp_path, keep=keep)
    checkpoints.save(state.checkpoint, 500, _history(500))
    shutil.copytree(tmp_path / "step_00000500", tmp_path / "step_00001000")  # its step.json says 500
    assert checkpoints.restore(state.checkpoint).step == 500
    checkpoints.save(state.checkpoint, 600, _history(600))
    assert [path.name for path in checkpoints.paths()] == ["step_00000500", "step_00000600"][-keep:]
    assert checkpoints.restore(state.checkpoint).step == 600
    assert _names(checkpoints) == [path.name for path in checkpoints.paths()]


def test_saving_a_step_again_leaves_one_of_the_two_at_any_time(saved, monkeypatch):
    checkpoints, values = saved
    state = State()
    checkpoints.restore(state.checkpoint)
    rename, seen = type(checkpoints.folder).rename, []

    def watched(path, target):
        seen.append(any((checkpoints.folder / "step_00000030").with_suffix(suffix).exists() for suffix in ("", ".old")))
        return rename(path, target)

    monkeypatch.setattr(type(checkpoints.folder), "rename", watched)
    checkpoints.save(state.checkpoint, 30, _history(30))
    monkeypatch.undo()
    assert seen == [True, True]
    _assert_restores(checkpoints, values, step=30)
