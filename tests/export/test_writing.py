"""What an export writes, and what it leaves alone."""

import json
import os
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from gan_zoo import latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.export import METADATA, export, read_metadata
from gan_zoo.latents import Classes
from tests.export.networks import SHAPE, normalizing, shown, small


def test_what_it_says_of_itself_lies_beside_it(tmp_path):
    _export_step(tmp_path / "e", 7)
    assert json.loads((tmp_path / "e" / METADATA).read_text()) == {
        "format": 2, "value_range": [-1.0, 1.0], "image_shape": [4, 3, 1], "packing": 1, "metadata": {"step": 7},
        "latent": {"size": 4, "spherical": True,
                   "prior": [{"distribution": "normal", "mean": 0.0, "stddev": 1.0, "offset": 0, "size": 4}]}}


def _export_step(path, step, **kwargs):
    export(small(), latents.build("normal(4)"), objectives.build("minimax"), path, metadata={"step": step}, **kwargs)


@pytest.mark.filterwarnings("error::UserWarning")
def test_nobody_is_warned_of_an_export(tmp_path):
    """Keras warns of an input in a list where it is the only one."""
    _export_step(tmp_path / "e", 1)
    assert os.listdir(tmp_path) == ["e"]


def test_a_new_export_takes_the_place_of_the_old(tmp_path):
    os.mkdir(tmp_path / "real")  # an empty folder is replaced too
    os.symlink("real", tmp_path / "link")
    for step in (1, 2):
        _export_step(f"{tmp_path}/link/", step)
        assert read_metadata(tmp_path / "real").metadata == {"step": step}
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_a_failed_export_leaves_the_old_one(tmp_path, monkeypatch):
    _export_step(tmp_path / "e", 1)

    def save_half(module, folder, signatures):
        os.makedirs(folder)
        Path(folder, "saved_model.pb").write_bytes(b"half")
        raise tf.errors.ResourceExhaustedError(None, None, "disk full")

    with monkeypatch.context() as patch:
        patch.setattr(tf.saved_model, "save", save_half)
        with pytest.raises(tf.errors.ResourceExhaustedError):
            _export_step(tmp_path / "e", 2)
    rename = os.rename

    def rename_old_only(source, target):
        if source.endswith(".partial"):
            raise OSError("no")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename_old_only)
        with pytest.raises(OSError, match="no"):
            _export_step(tmp_path / "e", 3)
    assert read_metadata(tmp_path / "e").metadata == {"step": 1}
    assert os.listdir(tmp_path) == ["e"]
    tf.saved_model.load(str(tmp_path / "e"))


def test_leftovers_of_a_killed_export_are_cleaned(tmp_path):
    for name in (".e.partial", ".e.old"):
        (tmp_path / name / "variables").mkdir(parents=True)
    _export_step(tmp_path / "e", 1)
    _export_step(tmp_path / "e", 2)
    assert os.listdir(tmp_path) == ["e"]


@pytest.mark.parametrize("folder", [True, False])
def test_what_is_no_export_is_never_replaced(tmp_path, folder):
    path = tmp_path / "thesis"
    if folder:
        path.mkdir()
    file = path / "chapter.txt" if folder else path
    file.write_text("years of work")
    with pytest.raises(UserError, match="thesis is in the way"):
        _export_step(path, 1)
    assert file.read_text() == "years of work"
    assert os.listdir(tmp_path) == ["thesis"]


def test_networks_that_do_not_fit_are_named(tmp_path):
    gan = small(normalizing(5))
    with pytest.raises(ValueError, match="takes 5 numbers, the latent has 4"):
        export(gan, latents.build("normal(4)"), objectives.build("minimax"), tmp_path / "e")
    with pytest.raises(ValueError, match=r"must be \[B, H, W, C\]"):
        export(gan, latents.build("normal(12)"), objectives.build("minimax"), tmp_path / "e",
               generator=keras.Sequential([keras.Input([12]), keras.layers.Dense(3)]))
    assert os.listdir(tmp_path) == []


def test_a_label_goes_with_a_generator_that_is_told_the_class(tmp_path):
    label, plain = latents.label_of(Classes((0, 1), ("cat", "dog"))), small()
    told = small(shown(SHAPE, 10, 2))
    for gan, given in ((plain, label), (told, None)):
        with pytest.raises(ValueError, match="told the class needs a label, and no other does"):
            export(gan, latents.build("normal(4)" if gan is plain else "normal(10)"), objectives.build("minimax"),
                   tmp_path / "e", label=given)
    assert os.listdir(tmp_path) == []
