"""A damaged checkpoint is found, whatever the damage, and passed over."""

import errno
import os
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import files
from gan_zoo.errors import UserError
from tests.training.saved_states import FILES, State, assert_restores, checkpoints_in, history, names


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def _garble(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 16] = bytes(byte ^ 0xFF for byte in content[middle:middle + 16])
    path.write_bytes(content)


DAMAGES = {"truncated": _truncate, "empty": lambda path: os.truncate(path, 0), "missing": lambda path: path.unlink(),
           "garbled": _garble, "random": lambda path: path.write_bytes(np.random.default_rng(0).bytes(500)),
           "a folder": lambda path: (path.unlink(), path.mkdir())}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_checkpoint_is_passed_over(saved, caplog, file, damage):
    checkpoints, values = saved
    DAMAGES[damage](checkpoints.folder / "step_00000030" / FILES[file])
    assert_restores(checkpoints, values, 20)
    assert "step_00000030 is damaged" in caplog.text
    assert "trying the one before" in caplog.text


@pytest.mark.parametrize("text", ["3", "null", "[]", "{}", '{"step": null}', '{"step": "30"}', '{"step": -1}', "{"])
def test_a_strange_step_is_damage(saved, text):
    checkpoints, values = saved
    (checkpoints.folder / "step_00000030" / "step.json").write_text(text)
    assert_restores(checkpoints, values, 20)


def test_an_empty_folder_is_damage(saved):
    checkpoints, values = saved
    shutil.rmtree(checkpoints.folder / "step_00000030")
    (checkpoints.folder / "step_00000030").mkdir()
    (checkpoints.folder / "step_00000020" / "state.index").unlink()
    assert_restores(checkpoints, values, 10)


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
    before = names(checkpoints)
    with pytest.raises(UserError, match=r"none of the checkpoints in .* can be read: name another --run_dir"):
        checkpoints.restore(State().checkpoint)
    assert names(checkpoints) == before


@pytest.mark.parametrize("keep", [1, 3])
def test_a_damaged_one_does_not_push_out_good_ones(tmp_path, keep):
    state = State()
    checkpoints = checkpoints_in(tmp_path, keep)
    checkpoints.save(state.checkpoint, 500, history(500))
    folder = checkpoints.folder
    shutil.copytree(folder / "step_00000500", folder / "step_00001000")  # its step.json says 500
    assert checkpoints.restore(state.checkpoint).step == 500
    checkpoints.save(state.checkpoint, 600, history(600))
    assert [path.name for path in checkpoints.paths()] == ["step_00000500", "step_00000600"][-keep:]
    assert checkpoints.restore(state.checkpoint).step == 600
    assert names(checkpoints) == [path.name for path in checkpoints.paths()]


@pytest.mark.parametrize("file", [name for name in FILES.values() if name != "step.json"])
def test_a_file_of_another_step_or_run_is_damage(saved, tmp_path, file):
    """Each of them is whole by itself, and fits."""
    checkpoints, values = saved
    shutil.copy(checkpoints.folder / "step_00000010" / file, checkpoints.folder / "step_00000030" / file)
    assert_restores(checkpoints, values, 20)
    other, state = checkpoints_in(tmp_path / "other", run="def"), State()
    state.move()
    other.save(state.checkpoint, 20, history(20) | {"loss": np.ones(20, np.float32)})
    shutil.copy(other.folder / "step_00000020" / file, checkpoints.folder / "step_00000020" / file)
    assert_restores(checkpoints, values, 10)


def test_a_checkpoint_of_another_run_is_damage(saved, tmp_path):
    checkpoints, values = saved
    other = checkpoints_in(tmp_path / "other", run="def")
    copied = other.save(State().checkpoint, 40, history(40))
    shutil.copytree(copied, checkpoints.folder / copied.name)
    assert_restores(checkpoints, values, 30)


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
    assert names(checkpoints) == ["step_00000010", "step_00000020", "step_00000030"]
