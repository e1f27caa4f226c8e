"""Files that appear whole or not at all."""

import os

import pytest

from gan_zoo import files


def _fail_halfway(path):
    with files.replacing(path) as temporary:
        with open(temporary, "wb") as file:
            file.write(b"half")
        raise OSError("disk full")


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, before):
    path = tmp_path / "a.png"
    if before:
        path.write_bytes(before)
    with pytest.raises(OSError, match="disk full"):
        _fail_halfway(path)
    assert os.listdir(tmp_path) == (["a.png"] if before else [])
    assert not before or path.read_bytes() == before


def test_the_new_file_takes_the_place_of_the_old_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with files.replacing(path) as temporary:
        assert os.path.dirname(temporary) == str(tmp_path)  # a rename across disks is none
        with open(temporary, "w") as file:
            file.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_texts_are_utf_8(tmp_path):
    files.write_text(tmp_path / "a.txt", "σ ≤ 1\n")
    assert (tmp_path / "a.txt").read_bytes() == "σ ≤ 1\n".encode()


def test_what_a_link_points_to_is_replaced_and_not_the_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to("real/a.txt")
    files.write_text(tmp_path / "link.txt", "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real/a.txt").read_text() == "text"
    assert os.listdir(tmp_path / "real") == ["a.txt"]
