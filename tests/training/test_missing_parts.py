"""Parts of a run that somebody has taken away or altered: made again, missed, or not needed."""

import pytest

from gan_zoo.errors import UserError
from gan_zoo.files import digests
from tests.training.test_ends import OFTEN
from tests.training.test_loop import TOTAL, _train

pytestmark = pytest.mark.usefixtures("quick_ends")


def test_pictures_are_extras(tmp_path):
    """A grid that can't be read any more, or isn't of ours, keeps no run from its end."""
    folder = tmp_path / "run"
    _train(folder, **OFTEN | {"steps": 4})
    (folder / "samples" / "step_00000002.png").write_bytes(b"")
    (folder / "samples" / "step_x.png").write_bytes(b"mine")
    ended, shown = _train(folder, **OFTEN)
    assert ended.step == TOTAL
    assert f"note: {folder}/progress.gif is without {folder}/samples/step_00000002.png, which can't be read" in shown
    assert (folder / "export" / "saved_model.pb").is_file()


def test_an_export_that_is_not_as_it_was_written_is_made_again(tmp_path):
    folder = tmp_path / "run"
    _train(folder)
    before, file = digests(folder / "export"), folder / "export" / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert "saved_model.pb is not as it was written: it is made again" in _train(folder)[1]
    assert digests(folder / "export") == before
    (folder / "export").rename(tmp_path / "gone")
    (folder / "samples").rename(tmp_path / "grids")  # of which there is an animation otherwise
    assert f"{folder}/export is not there: it is made again" in _train(folder)[1]
    assert digests(folder / "export") == before
    (folder / "export").rename(tmp_path / "own")
    _train(tmp_path / "other", seed=1)
    (tmp_path / "other" / "export").rename(folder / "export")
    assert f"{folder}/export is of another run: it is made again" in _train(folder)[1]
    assert digests(folder / "export") == before
    assert "is complete" in _train(folder)[1]


def test_checkpoints_that_are_gone_are_missed(tmp_path):
    folder = tmp_path / "run"
    _train(folder)
    (folder / "checkpoints").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"run.json says step 6, but .*checkpoints holds no checkpoint: bring it back"):
        _train(folder)
    (tmp_path / "elsewhere").rename(folder / "checkpoints")
    assert "is complete" in _train(folder)[1]
