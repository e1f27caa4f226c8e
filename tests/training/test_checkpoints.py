"""Checkpoints are whole or absent, and a damaged one is passed over."""

import errno
import json
import os
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import files
from gan_zoo.errors import UserError
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.run_directory import Tie


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


def _checkpoints(folder, keep: int = 3, run: str = "abc") -> Checkpoints:
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    return Checkpoints(folder / "checkpoints", keep, Tie(run))


@pytest.fixture
def saved(tmp_path):
    """(checkpoints of the steps 10, 20 and 30; the values at each)."""
    state, values = State(), {}
    checkpoints = _checkpoints(tmp_path)
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
    state, checkpoints = State(), _checkpoints(tmp_path, keep)
    for step in (1, 10, 99_999_999, 100_000_000):  # the last has more digits than the others' padding
        checkpoints.save(state.checkpoint, step, {})
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
    monkeypatch.setattr(files, "to_disk", lambda path: synced.append(os.path.basename(path)))
    target = checkpoints.save(State().checkpoint, 40, _history(40))
    assert sorted(synced[:-2]) == sorted(path.name for path in target.iterdir())
    assert synced[-2:] == [f"{target.name}.partial", checkpoints.folder.name]


def test_what_a_checkpoint_holds(saved):
    checkpoints, _ = saved
    folder = checkpoints.paths()[-1]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    about = json.loads((folder / "step.json").read_text())
    assert (about["step"], about["run"]) == (30, "abc")
    assert about["files"].keys() == set(FILES.values()) - {"step.json"}


@pytest.mark.parametrize("keep", [1, 3])
def test_a_damaged_one_does_not_push_out_good_ones(tmp_path, keep):
    state = State()
    checkpoints = _checkpoints(tmp_path, keep)
    checkpoints.save(state.checkpoint, 500, _history(500))
    folder = checkpoints.folder
    shutil.copytree(folder / "step_00000500", folder / "step_00001000")  # its step.json says 500
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


@pytest.mark.parametrize("keep", [1, 2])
def test_a_kill_between_the_two_renames_of_a_step_leaves_the_older_one(tmp_path, keep):
    checkpoints, state = _checkpoints(tmp_path, keep), State()
    checkpoints.save(state.checkpoint, 30, _history(30))
    values = {30: state.values()}
    whole = checkpoints.folder / "step_00000030"
    whole.rename(whole.with_suffix(".old"))
    _assert_restores(checkpoints, values, 30)
    assert checkpoints.read_newest(State().checkpoint).step == 30
    checkpoints.save(state.checkpoint, 30, _history(30))
    assert _names(checkpoints) == ["step_00000030"]
    _assert_restores(checkpoints, values, 30)


@pytest.mark.parametrize("file", [name for name in FILES.values() if name != "step.json"])
def test_a_file_of_another_step_or_run_is_damage(saved, tmp_path, file):
    """Each of them is whole by itself, and fits."""
    checkpoints, values = saved
    shutil.copy(checkpoints.folder / "step_00000010" / file, checkpoints.folder / "step_00000030" / file)
    _assert_restores(checkpoints, values, 20)
    other, state = _checkpoints(tmp_path / "other", run="def"), State()
    state.move()
    other.save(state.checkpoint, 20, _history(20) | {"loss": np.ones(20, np.float32)})
    shutil.copy(other.folder / "step_00000020" / file, checkpoints.folder / "step_00000020" / file)
    _assert_restores(checkpoints, values, 10)


def test_a_checkpoint_of_another_run_is_damage(saved, tmp_path):
    checkpoints, values = saved
    other = _checkpoints(tmp_path / "other", run="def")
    copied = other.save(State().checkpoint, 40, _history(40))
    shutil.copytree(copied, checkpoints.folder / copied.name)
    _assert_restores(checkpoints, values, 30)


def test_flipped_bits_are_found_wherever_they_are(saved, tmp_path):
    checkpoints, _ = saved
    random = np.random.default_rng(0)
    for file in FILES.values():
        path = checkpoints.folder / "step_00000030" / file
        whole = path.read_bytes()
        for place in random.integers(0, 8 * len(whole), 60):
            path.write_bytes(bytes(byte ^ (1 << place % 8 if index == place // 8 else 0)
                                   for index, byte in enumerate(whole)))
            with pytest.raises((ValueError, KeyError, UnicodeDecodeError)):
                checkpoints.verify(path.parent)
        path.write_bytes(whole)
    assert checkpoints.verify(path.parent) == 30


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
    _assert_restores(checkpoints, values, 30)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_what_can_not_be_read_is_not_called_damaged(saved, monkeypatch, number):
    checkpoints, _ = saved

    def refuse(path):
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(files, "digests", refuse)
        for read in (checkpoints.restore, checkpoints.read_newest):
            with pytest.raises(UserError, match=f"can't be read: {os.strerror(number)}. Nothing is lost") as error:
                read(State().checkpoint)
            assert "damaged" not in str(error.value)
    assert _names(checkpoints) == ["step_00000010", "step_00000020", "step_00000030"]


def test_a_file_where_the_folder_belongs(tmp_path):
    (tmp_path / "checkpoints").write_text("")
    with pytest.raises(UserError, match="is a file, where the run's checkpoints belong"):
        Checkpoints(tmp_path / "checkpoints").restore(State().checkpoint)
