"""Files that appear whole or not at all."""

import errno
import hashlib
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


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_can_not_sync_a_folder_is_taken_as_it_is(tmp_path, monkeypatch, number):
    """As network mounts refuse it; a disk that fails is another matter."""
    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    files.write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "a.txt").read_text() == "text"
    number = errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        files.write_text(tmp_path / "a.txt", "other")
    assert (tmp_path / "a.txt").read_text() == "text"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_what_a_killed_process_had_begun_to_write_is_told_from_other_files(tmp_path):
    for name in (".123-run.json", ".lock", ".12a-x", "123-run.json", "run.json"):
        (tmp_path / name).write_text("")
    files.remove_temporaries(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".12a-x", ".lock", "123-run.json", "run.json"]
    files.remove_temporaries(tmp_path / "missing")


def test_digests_tell_every_file_by_its_path(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"1")
    (tmp_path / "d").write_bytes(b"1")
    found = files.digests(tmp_path)
    assert found["a/b/c"] == found["d"] == hashlib.blake2b(b"1", digest_size=16).hexdigest()
    (tmp_path / "d").write_bytes(b"2")
    assert files.digests(tmp_path)["d"] != found["d"]
