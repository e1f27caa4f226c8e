"""Where a run may be, what may lie there already, and how its files come there."""

import os

import numpy as np
import pytest

from gan_zoo import files
from gan_zoo.drawing import images
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.trainer import Trainer
from tests.training.test_loop import _record, _train


@pytest.mark.parametrize("name", ["samples", "checkpoints", "export", "run.json", "run.flags", "epochs.csv",
                                  "curves.png", ".lock"])
def test_a_file_where_a_folder_belongs_and_the_other_way_round(tmp_path, name):
    folder = tmp_path / "run"
    folder.mkdir()
    of_file = "." in name
    (folder / name).mkdir() if of_file else (folder / name).write_text("")
    with pytest.raises(UserError, match=f"{name} is a {'folder' if of_file else 'file'}, where the run's"):
        _train(folder)


def test_what_would_keep_the_export_from_its_place_is_told_at_the_start(tmp_path):
    (tmp_path / "run" / "export").mkdir(parents=True)
    (tmp_path / "run" / "export" / "mine.txt").write_text("")
    with pytest.raises(UserError, match="export is in the way of the run's export: it is no SavedModel"):
        _train(tmp_path / "run")


@pytest.mark.parametrize(("path", "words"), [
    ("x/" * 2000, "too long a path"), ("gs://bucket/run", "is an address"), ("file:///tmp/run", "is an address"),
    ("s3://b/run", "is an address"), ("runs/[a]", r"\[ \] in .* is a pattern to TensorFlow"), ("runs/a*", "pattern"),
    ("what?/run", "pattern"), ("runs/a\\b", "pattern")])
def test_a_path_that_could_never_be_read_again_is_refused(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=words):
        _train(path)
    assert list(tmp_path.iterdir()) == []


def test_two_that_begin_at_once_are_seen_under_the_lock(tmp_path, monkeypatch):
    """The other one begins and ends while this one builds its networks."""
    folder, build = tmp_path / "run", Trainer.__init__

    def late(trainer, *args):
        build(trainer, *args)
        other = RunDirectory(str(folder))
        other.claim()
        other.begin(Experiment(**trainer.plan.experiment.values() | {"seed": 1}), {})
        other.release()

    monkeypatch.setattr(Trainer, "__init__", late)
    with pytest.raises(UserError, match="was trained with --seed=1, not --seed=0"):
        _train(folder)
    assert _record(folder)["flags"]["seed"] == 1


def test_a_sample_is_written_to_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("gan_zoo.files.to_disk", lambda path: synced.append(os.path.basename(path)))
    monkeypatch.setattr("gan_zoo.files.own", lambda: "7-ab12")
    images.write_png(tmp_path / "a.png", np.zeros([2, 2], np.uint8))
    assert synced == [".7-ab12-a.png", tmp_path.name]


def test_processes_of_one_number_write_under_names_of_their_own():
    """As those of two containers on one disk are."""
    one, other = files.own(), files.own()
    assert one != other
    assert one.startswith(f"{os.getpid()}-")
