"""Folders as people have them: nothing is left out without a word, and nothing odd decides what is read."""

import os
import struct
import threading
import time
import zlib

import numpy as np
import pytest
from PIL import Image

import tests.data_request
from gan_zoo import quiet
from gan_zoo.data import ImageDataset, attempts, decoding, load, locate
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.plan import draft, fingerprint, plan
from tests.data.test_folder import RED, plain, request, save, warnings_told  # noqa: F401 (a fixture)

GHOST = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n{} loop\n"  # would keep Ghostscript busy for ever


def _png_of(width: int, height: int) -> bytes:
    """A file of a few bytes that says it had so many pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _grey(folder, names, **options):
    """Pictures of 9x9 that are told apart by their grey, 1, 2, …; or of another size, by name."""
    for number, name in enumerate(names, 1):
        save(folder / name, np.full((9, 9), number, np.uint8), **options)


def _empty(path, data=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


ODD = {
    "an ending": (lambda at: _empty(at / "raw.heic"), "1 with an ending that is no picture's (.heic 1)"),
    "no ending": (lambda at: _empty(at / "README"), "1 with an ending that is no picture's (none 1)"),
    "broken": (lambda at: _empty(at / "a.png"), "1 unreadable (a.png)"),
    "no picture": (lambda at: _empty(at / "a.jpg", b"<html>"), "1 unreadable (a.jpg)"),
    "a program": (lambda at: _empty(at / "a.png", GHOST.encode()), "1 unreadable (a.png)"),
    "a bomb": (lambda at: _empty(at / "a.png", _png_of(15_000, 10_000)), "1 too much to decode (a.png)"),
    "a larger bomb": (lambda at: _empty(at / "a.png", _png_of(60_000, 60_000)), "1 too much to decode (a.png)"),
    "a pipe": (lambda at: os.mkfifo(at / "a.png"), "1 no regular file (a.png)"),
    "a link to nothing": (lambda at: (at / "a.png").symlink_to("nowhere.png"), "1 a link to nothing (a.png)"),
    "a loop": (lambda at: (at / "loop").symlink_to(at), "1 a folder that is there twice (loop/)"),
    "hidden": (lambda at: _grey(at, [".git/a.png", ".a.png"]), "2 hidden (.a.png, .git/)"),
    "a NAS": (lambda at: _grey(at, ["x/@eaDir/a.png"]), "1 of the system (x/@eaDir/)"),
    "Jupyter": (lambda at: _grey(at, [".ipynb_checkpoints/a.png"]), "1 of the system (.ipynb_checkpoints/)"),
    "a Mac": (lambda at: _grey(at, ["__MACOSX/a.png", "._a.png"]), "2 of the system (._a.png, __MACOSX/)"),
    "Windows": (lambda at: _empty(at / "Thumbs.db"), "1 of the system (Thumbs.db)"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_picture_is_left_out_with_a_word(tmp_path, warnings_told, kind):  # noqa: F811
    """Told once a process, and again from the cache."""
    make, told = ODD[kind]
    _grey(tmp_path / "data", ["good.png"])
    make(tmp_path / "data")
    fields = {"resident_mib": 0, "cache_dir": str(tmp_path / "cache")}
    for again in (False, False, True):
        if again:
            quiet._told.clear()
            warnings_told.clear()
        assert load(request(tmp_path / "data", **fields)).images[:, 0, 0, 0].tolist() == [1]
        count = told.partition(" ")[0]
        assert [line for line in warnings_told if "left out" in line] == [
            f"--data_dir={tmp_path / 'data'}: 1 pictures read, {count} left out: {told}"]


def test_without_permission(tmp_path, warnings_told, monkeypatch):  # noqa: F811
    _grey(tmp_path, ["good.png", "mine.png"])
    opened = Image.open

    def refuse(path, **options):
        if path.name == "mine.png":
            raise PermissionError(13, "Permission denied")
        return opened(path, **options)

    monkeypatch.setattr(Image, "open", refuse)
    scan = os.scandir
    (tmp_path / "theirs").mkdir()
    monkeypatch.setattr(os, "scandir", lambda path: scan(path) if not str(path).endswith("theirs") else
                        (_ for _ in ()).throw(PermissionError(13, "Permission denied", str(path))))
    assert load(request(tmp_path)).count == 1
    assert warnings_told[-1].endswith("2 left out: 2 without permission to be read (theirs/, mine.png)")


def test_a_picture_that_takes_for_ever(tmp_path, warnings_told, monkeypatch):  # noqa: F811
    """Those after it are read all the same."""
    _grey(tmp_path, [f"{number:02}.png" for number in range(20)])
    freed, header = threading.Event(), decoding.header
    monkeypatch.setattr(attempts, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(decoding, "header",
                        lambda path: freed.wait(20) if path.name in ("03.png", "19.png") else header(path))
    began = time.monotonic()
    try:
        assert load(request(tmp_path)).images[:, 0, 0, 0].tolist() == [*range(1, 4), *range(5, 20)]
    finally:
        freed.set()
    assert time.monotonic() - began < 10
    assert warnings_told[-1].endswith("2 left out: 2 too much to decode (03.png, 19.png)")


@pytest.mark.parametrize(("ending", "options"), [
    ("webp", {"lossless": True}), ("tif", {}), ("tiff", {"compression": "tiff_lzw"}), ("jfif", {"format": "JPEG"}),
    ("ppm", {}), ("avif", {"quality": 100})])
def test_endings(tmp_path, ending, options):
    if f".{ending}" not in decoding.ENDINGS:
        pytest.skip("this Pillow has not got it")
    save(tmp_path / f"a.{ending.upper()}", plain((200, 100, 50)), **options)
    (image,) = load(request(tmp_path)).images
    assert np.abs(image.astype(int) - (200, 100, 50)).max() <= 3


@pytest.mark.parametrize(("sides", "size", "told"), [
    ([64] * 5, 64, None), ([64] * 5 + [12], 64, "1 smaller than that and enlarged, such as 5.png (12x13)"),
    ([12] * 5 + [64], 12, "shorter sides from 12 to 64 pixels are made 12"),
    ([20, 30, 40, 50, 60], 40, "2 smaller than that and enlarged, such as 0.png (20x21)"),
    ([300, 400], 64, "shorter sides from 300 to 400 pixels are made 64 (--image_size changes that)")])
def test_most_pictures_say_the_size(tmp_path, warnings_told, sides, size, told):  # noqa: F811
    for number, side in enumerate(sides):
        save(tmp_path / f"{number}.png", plain(RED, width=side, height=side + 1))
    assert load(request(tmp_path)).image_shape == (size, size, 3)
    said = [line for line in warnings_told if "shorter sides" in line]
    assert len(said) == (told is not None)
    assert all(told in line for line in said)


def test_an_enlargement_that_was_asked_for_is_told(tmp_path, warnings_told):  # noqa: F811
    _grey(tmp_path, ["a.png", "b.png"])
    load(request(tmp_path, image_size=16))
    assert "2 smaller than that and enlarged, such as a.png (9x9)" in warnings_told[-1]


def test_classes_come_in_natural_order(tmp_path):
    _grey(tmp_path, [f"{number}/0.png" for number in range(1, 13)])
    data = load(request(tmp_path))
    assert data.class_names == tuple(map(str, range(1, 13)))
    assert dict(zip(data.images[:, 0, 0, 0], data.labels, strict=True)) == {n: n - 1 for n in range(1, 13)}
    assert load(request(tmp_path, classes="10")).images.max() == 10
    for place, name in enumerate(("a2", "a10", "a", "b")):
        _grey(tmp_path / "more" / name, [f"{place}.png"])
    assert load(request(tmp_path / "more")).class_names == ("a", "a2", "a10", "b")


FLAT, OF_CLASSES = ["a.png", "b.png"], ["cats/0.png", "cats/1.png", "dogs/0.png", "dogs/1.png"]


def _in(folder, names):
    return [f"{folder}/{name}" for name in names]


@pytest.mark.parametrize(("names", "splits", "classes"), [
    (FLAT, {"train": 2}, ()), (OF_CLASSES, {"train": 4}, ("cats", "dogs")),
    (_in("train", OF_CLASSES) + _in("test", OF_CLASSES[1:]), {"train": 4, "test": 3}, ("cats", "dogs")),
    (_in("Training", FLAT) + _in("validation", FLAT[:1]), {"train": 2, "val": 1}, ()),
    (_in("train", FLAT) + _in("valid", FLAT) + _in("testing", FLAT), {"train": 2, "val": 2, "test": 2}, ()),
    (_in("train", FLAT) + _in("test", FLAT) + _in("extra", FLAT), {"train": 2, "test": 2}, ()),
    (_in("train", OF_CLASSES), {"train": 4}, ("cats", "dogs")),
    (_in("bus", FLAT) + _in("train", FLAT), {"train": 4}, ("bus", "train")),
    ([*OF_CLASSES, "stray.png"], {"train": 4}, ("cats", "dogs")),
    ([*OF_CLASSES, *FLAT], {"train": 6}, ()), (["cats/0.png", "stray.png"], {"train": 2}, ())])
def test_folders_are_splits_or_classes(tmp_path, warnings_told, names, splits, classes):  # noqa: F811
    """What is left out of them, and why they are no classes, is told with a file's name."""
    _grey(tmp_path, names)
    found = locate(request(tmp_path))
    assert (found.splits, found.class_names) == (splits, classes)
    load(request(tmp_path))
    left_out = len(names) - sum(splits.values())
    told = "".join(warnings_told)
    assert ("beside the folders" in told) == (left_out > 0 or (not classes and "cats/0.png" in names))
    assert all(name in told for name in names if left_out and name in ("stray.png", "extra/a.png"))


def test_splits_are_read_by_their_names_and_in_slices(tmp_path, warnings_told):  # noqa: F811
    _grey(tmp_path, [*_in("train", OF_CLASSES), *_in("val", ["dogs/0.png", "dogs/7.png"]), "test/5.png"])
    for split, values in (("train", {1, 2, 3, 4}), ("val", {5, 6}), ("validation", {5, 6}), ("test", {7}),
                          ("train+val", set(range(1, 7)))):
        data = load(request(tmp_path, split=split))
        assert set(data.images[:, 0, 0, 0]) == values
        assert data.class_names == (() if split == "test" else ("cats", "dogs"))
    halves = [load(request(tmp_path, split=f"train[{half}]")).images[:, 0, 0, 0] for half in (":50%", "50%:")]
    assert sorted(np.concatenate(halves)) == [1, 2, 3, 4]
    assert load(request(tmp_path, split="val")).labels.tolist() == [1, 1]
    assert any("test/5.png is in no folder of a class, so --split=test has no labels" in line for line in warnings_told)
    with pytest.raises(UserError, match=r"--split='dev': unknown split.*choices: test, train, val"):
        load(request(tmp_path, split="dev"))


@pytest.mark.parametrize(("fit", "top", "centre", "told"), [
    ("crop", (0, 255, 0), (0, 255, 0), "takes the central square"), ("pad", (0, 0, 0), (0, 255, 0), "puts black"),
    ("stretch", RED, (0, 255, 0), "makes both sides equal")])
def test_fit(tmp_path, warnings_told, fit, top, centre, told):  # noqa: F811
    """Of a red picture, twice as wide as high, whose centre is green. top: of the left half's middle column."""
    values = plain(RED, width=40, height=20)
    values[:, 10:30] = (0, 255, 0)
    save(tmp_path / "0.png", values)
    (image,) = load(request(tmp_path, fit=fit)).images
    assert image.shape == (20, 20, 3)
    assert image[1, 1].tolist() == list(top)
    assert image[10, 10].tolist() == list(centre)
    assert f"1 of 1 pictures are not square, such as 0.png (40x20): --fit={fit} {told}" in warnings_told[-1]


@pytest.mark.parametrize(("most", "white"), [(200, 255), (1000, 1023), (4000, 4095), (5000, 65535)])
def test_sixteen_bits_are_scaled_by_what_is_there(tmp_path, warnings_told, most, white):  # noqa: F811
    """Over the whole folder, so that the darker one stays darker, in a split without the brighter one too."""
    for number, value in enumerate((most, most // 4)):
        save(tmp_path / ("train", "test")[number] / "0.png", np.full((9, 9), value, np.uint16))
    values = [int(load(request(tmp_path, split=split)).images[0, 0, 0, 0]) for split in ("train", "test")]
    assert values == [round(most * 255 / white), round(most // 4 * 255 / white)]
    assert any(f"lie in 0 to {white}" in line for line in warnings_told) == (white != 65535)


@pytest.mark.parametrize(("value", "level"), [(0.5, 128), (100.0, 100)])
def test_floats_are_scaled_too(tmp_path, value, level):
    save(tmp_path / "0.tif", np.full((9, 9), value, np.float32))
    assert load(request(tmp_path)).images.max() == level


def test_other_numbers_of_the_classes_are_other_data(tmp_path):
    """So a conditional run with folders 1 to 12 in alphabetical order is refused, one without classes goes on."""
    _grey(tmp_path, [f"{number}/0.png" for number in range(1, 13)])
    data = load(request(tmp_path))
    alphabetical = np.arange(12, dtype=np.int32)  # the images lie in that order
    before = ImageDataset(data.name, data.images, alphabetical, tuple(sorted(data.class_names)))
    for conditional in (False, True):
        drafted = draft(Experiment(model="mlp", batch_size=1, conditional=conditional))
        now, then = (fingerprint(plan(drafted, each)) for each in (data, before))
        assert (now == then) == (not conditional)


def test_classes_that_a_game_does_not_use_are_told(tmp_path):
    _grey(tmp_path, OF_CLASSES)
    flags = {"model": "mlp", "dataset": "folder", "data_dir": str(tmp_path), "batch_size": 1}
    assert plan(draft(Experiment(**flags))).notices == [
        "note: the pictures are in folders by class (0=cats, 1=dogs): --conditional would generate by class"]
    assert plan(draft(Experiment(conditional=True, **flags))).notices == []


@pytest.mark.parametrize("flag", ["image_key", "label_key"])
def test_keys_are_of_tensorflow_datasets(tmp_path, flag):
    _grey(tmp_path, FLAT)
    for asked in (request(tmp_path), tests.data_request.request("digits"), tests.data_request.request("mixture_1d")):
        with pytest.raises(UserError, match=f"--{flag}=x .*leave --{flag} out"):
            locate(asked._replace(**{flag: "x"}))
