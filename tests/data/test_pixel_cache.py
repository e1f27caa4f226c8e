"""The file of pixels that larger sets are streamed from: written once, reused, mended, and its faults told."""

import errno
import io
import os
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.data import load, pixel_cache
from gan_zoo.data.source import Source
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request

_NOBODY = 65534  # the user that owns nothing


class Counted:
    """A source of `count` random images that counts how often it is decoded."""

    def __init__(self, count=20, labelled=True, most=None):
        generator = np.random.default_rng(0)
        self.images = generator.integers(0, 256, (count, 4, 4, 3), np.uint8)
        self.labels = np.arange(count) % 3 if labelled else None
        self.decoded = 0
        names = ("a", "b", "c") if labelled else ()
        self.source = Source("set/1.0", ("counted", count), most or count, (4, 4, 3), names, self.batches)

    def batches(self):
        self.decoded += 1
        for start in range(0, len(self.images), 7):
            part = slice(start, start + 7)
            yield self.images[part], None if self.labels is None else self.labels[part]


def only_file(folder, ending=".npy"):
    (path,) = [path for path in folder.iterdir() if path.name.endswith(ending) and ".labels" not in path.name]
    return path


def check(stored, counted, classes=()):
    keep = np.isin(counted.labels, classes) if classes else slice(None)
    np.testing.assert_array_equal(stored.images, counted.images[keep])
    if counted.labels is None:
        assert stored.labels is None
    else:
        np.testing.assert_array_equal(stored.labels, counted.labels[keep])
        assert stored.labels.dtype == np.int32


@pytest.mark.parametrize("labelled", [True, False])
def test_file_is_written_once(tmp_path, labelled):
    counted = Counted(labelled=labelled)
    for _ in range(3):
        stored = pixel_cache.on_disk(counted.source, (), tmp_path / "deep" / "cache")
        assert isinstance(stored.images, np.memmap)
        check(stored, counted)
    assert counted.decoded == 1
    check(pixel_cache.in_memory(counted.source, ()), counted)
    assert not [path for path in (tmp_path / "deep" / "cache").iterdir() if path.suffix == ".tmp"]


def test_file_is_an_ordinary_npy(tmp_path):
    counted = Counted()
    pixel_cache.on_disk(counted.source, (), tmp_path)
    np.testing.assert_array_equal(np.load(only_file(tmp_path)), counted.images)


def test_fewer_images_than_announced(tmp_path):
    counted = Counted(count=20, most=12345)
    check(pixel_cache.on_disk(counted.source, (), tmp_path), counted)
    check(pixel_cache.in_memory(counted.source, ()), counted)
    np.testing.assert_array_equal(np.load(only_file(tmp_path)), counted.images)


def test_classes_have_files_of_their_own(tmp_path):
    counted = Counted()
    for classes in [(), (0, 2), (1,)]:
        check(pixel_cache.on_disk(counted.source, classes, tmp_path), counted, classes)
        check(pixel_cache.in_memory(counted.source, classes), counted, classes)
    assert counted.decoded == 6


@pytest.mark.parametrize("damage", [
    lambda data: data[:-5], lambda data: data + b"x", lambda data: b"", lambda data: data[:60],
    lambda data: b"\0" * len(data), lambda data: data[:-48], lambda data: data + bytes(48),
    lambda data: data.replace(b"|u1", b"<f8"),
])
def test_damaged_file_is_rebuilt(tmp_path, damage):
    counted = Counted()
    pixel_cache.on_disk(counted.source, (), tmp_path)
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    check(pixel_cache.on_disk(counted.source, (), tmp_path), counted)
    assert counted.decoded == 2


@pytest.mark.parametrize("damage", [lambda data: data[:-4], lambda data: b"", lambda data: b"\0" * len(data)])
def test_damaged_labels_are_rebuilt(tmp_path, damage):
    counted = Counted()
    pixel_cache.on_disk(counted.source, (), tmp_path)
    path = only_file(tmp_path).with_suffix(".labels.npy")
    path.write_bytes(damage(path.read_bytes()))
    check(pixel_cache.on_disk(counted.source, (), tmp_path), counted)
    assert counted.decoded == 2


def test_missing_labels_are_rebuilt(tmp_path):
    counted = Counted()
    pixel_cache.on_disk(counted.source, (), tmp_path)
    only_file(tmp_path).with_suffix(".labels.npy").unlink()
    check(pixel_cache.on_disk(counted.source, (), tmp_path), counted)


def test_interrupted_build_leaves_nothing(tmp_path):
    counted = Counted()

    def interrupted():
        yield counted.images[:7], counted.labels[:7]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pixel_cache.on_disk(counted.source._replace(batches=interrupted), (), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_remains_of_killed_builds_are_removed(tmp_path):
    counted = Counted()
    path = Path(pixel_cache.on_disk(counted.source, (), tmp_path).images.filename)
    old, young = path.with_suffix(".1.tmp"), path.with_suffix(".2.tmp")
    old.touch()
    young.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    path.unlink()
    pixel_cache.on_disk(counted.source, (), tmp_path)
    assert not old.exists()
    assert young.exists()


class _FullDevice(io.RawIOBase):
    """What /dev/full is on Linux, for the systems that have none."""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FULL = {"stand-in": _FullDevice}
if os.path.exists("/dev/full"):
    FULL["/dev/full"] = lambda: io.FileIO("/dev/full", "w")


@pytest.mark.parametrize("full", FULL.values(), ids=FULL)
def test_full_disk(tmp_path, monkeypatch, full):
    real = Path.open

    def opened(path, mode):
        return io.BufferedWriter(full()) if mode == "wb" else real(path, mode)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(UserError, match=r"--cache_dir=.*No space left"):
        pixel_cache.on_disk(Counted().source, (), tmp_path)


def test_disk_too_small_is_told_before_decoding(tmp_path):
    counted = Counted(most=2**50)
    with pytest.raises(UserError, match=r"--cache_dir=.* MiB free"):
        pixel_cache.on_disk(counted.source, (), tmp_path)
    assert counted.decoded == 0


def test_cache_dir_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--cache_dir="):
        pixel_cache.on_disk(Counted().source, (), tmp_path / "file")


@pytest.fixture
def ordinary_user():
    """Root may write anywhere, so that it becomes nobody for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    yield
    if root:
        os.seteuid(0)


def test_cache_dir_that_cannot_be_written(ordinary_user):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o500)
        with pytest.raises(UserError, match=r"--cache_dir=.*Permission denied"):
            pixel_cache.on_disk(Counted().source, (), Path(folder) / "cache")


def test_default_cache_dir(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert pixel_cache.default_cache_dir() == Path("/somewhere/gan_zoo")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert pixel_cache.default_cache_dir() == Path.home() / ".cache" / "gan_zoo"


def test_load_streams_what_is_too_large(tmp_path, capsys):
    asked = request("digits", resident_mib=1, cache_dir=str(tmp_path))
    streamed, resident = load(asked), load(asked._replace(resident_mib=2))
    assert (streamed.resident, resident.resident) == (False, True)
    assert str(only_file(tmp_path)) in capsys.readouterr().err
    assert "streamed from" in streamed.description
    np.testing.assert_array_equal(streamed.images, resident.images)
    np.testing.assert_array_equal(streamed.labels, resident.labels)
    fetch_streamed, fetch_resident = streamed.reader(Key(1), 64), resident.reader(Key(1), 64)
    for i in range(60):
        np.testing.assert_array_equal(fetch_streamed(tf.constant(i)), fetch_resident(tf.constant(i)))


def test_load_keeps_in_memory_what_is_left_of_a_large_set(tmp_path):
    dataset = load(request("digits", classes="1", resident_mib=1, cache_dir=str(tmp_path)))
    assert dataset.resident
    assert only_file(tmp_path).exists()


def test_what_is_slow_to_decode_is_decoded_once(tmp_path):
    counted = Counted()
    source, asked = counted.source._replace(slow=True), request("digits", cache_dir=str(tmp_path))
    first, second = load(asked, source), load(asked, source)
    assert counted.decoded == 1
    assert (first.resident, second.resident) == (True, True)
    for dataset in (first, second):
        np.testing.assert_array_equal(dataset.images, counted.images)
        np.testing.assert_array_equal(dataset.labels, counted.labels)


def test_what_is_slow_to_decode_is_decoded_each_time_where_nothing_can_be_kept(tmp_path, monkeypatch, caplog):
    (tmp_path / "gan_zoo").write_text("a file where the cache would be a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    counted = Counted()
    source = counted.source._replace(slow=True)
    np.testing.assert_array_equal(load(request("digits"), source).images, counted.images)
    assert re.search(f"--cache_dir={tmp_path}/gan_zoo.*decoded each time", caplog.text)
    with pytest.raises(UserError, match="--cache_dir="):  # who names a folder wants it to be used
        load(request("digits", cache_dir=str(tmp_path / "gan_zoo")), source)


def test_a_fault_of_the_data_is_not_taken_for_one_of_the_cache(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    counted = Counted(count=2)  # of the classes a and b
    with pytest.raises(UserError, match="--classes: no image"):
        load(request("digits", classes="c"), counted.source._replace(slow=True))
    assert (counted.decoded, caplog.text) == (1, "")
