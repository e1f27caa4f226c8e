"""Folders of pictures: every kind of file, the classes, and what is told about broken ones."""

import os
import time

import numpy as np
import pytest
from absl import logging
from PIL import Image

from gan_zoo.data import load, locate
from gan_zoo.errors import UserError
from tests.data_request import request as data_request

RED, WHITE = (255, 0, 0), (255, 255, 255)


def request(folder, **flags):
    return data_request("folder", str(folder), **flags)


def pixels(folder, **fields):
    """The only picture in `folder`."""
    (image,) = load(request(folder, **fields)).images
    return image


def save(path, values, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = values if isinstance(values, Image.Image) else Image.fromarray(np.asarray(values))
    picture.save(path, **options)


def plain(colour, width=16, height=16):
    return np.full((height, width, 3), colour, np.uint8)


@pytest.fixture
def warnings_told(monkeypatch):
    told = []
    monkeypatch.setattr(logging, "warning", lambda text, *arguments: told.append(text % arguments))
    return told


def test_flat(tmp_path):
    for i, name in enumerate(["b.PNG", "a.bmp", "c.JPEG", "d.Jpg", "e.gif"]):
        save(tmp_path / name, plain((40 * i,) * 3))
    (tmp_path / "notes.txt").write_text("no picture")
    save(tmp_path / ".hidden.png", plain(RED))
    dataset = load(request(tmp_path))
    assert dataset.image_shape == (16, 16, 3)
    assert dataset.images.dtype == np.uint8
    assert dataset.labels is None
    assert dataset.class_names == ()
    assert dataset.images[:, 8, 8, 0].tolist() == [40, 0, 80, 120, 160]
    assert tmp_path.name in dataset.description


def test_subfolders_are_classes(tmp_path):
    for name, grey in [("dogs/1.png", 1), ("cats/x/9.png", 2), ("cats/0.png", 3), ("birds/2.png", 4)]:
        save(tmp_path / name, np.full((9, 9), grey, np.uint8))
    (tmp_path / "empty").mkdir()
    dataset = load(request(tmp_path))
    assert dataset.class_names == ("birds", "cats", "dogs")
    assert dataset.labels.tolist() == [0, 1, 1, 2]
    assert dataset.labels.dtype == np.int32
    assert dataset.images[:, 0, 0, 0].tolist() == [4, 3, 2, 1]
    assert dataset.image_shape == (9, 9, 1)
    chosen = load(request(tmp_path, classes="dogs,0"))
    assert chosen.labels.tolist() == [0, 2]
    assert chosen.class_names == dataset.class_names


def test_class_name_goes_before_number(tmp_path):
    for name in "12":
        save(tmp_path / name / "0.png", np.full((9, 9), int(name), np.uint8))
    assert load(request(tmp_path, classes="1")).images.max() == 1


def test_pictures_beside_subfolders_have_no_labels(tmp_path):
    save(tmp_path / "0.png", plain(RED))
    save(tmp_path / "more" / "1.png", plain(RED))
    dataset = load(request(tmp_path))
    assert (dataset.count, dataset.labels) == (2, None)
    with pytest.raises(UserError, match=r"--classes=0.*no labels"):
        load(request(tmp_path, classes="0"))


def test_slices_are_disjoint_and_have_all_classes(tmp_path):
    for i in range(60):
        save(tmp_path / f"class{i // 20}" / f"{i}.png", np.full((8, 8), i, np.uint8))
    first, second = (load(request(tmp_path, split=split)) for split in ("train[:50%]", "train[50%:]"))
    values = [dataset.images[:, 0, 0, 0].tolist() for dataset in (first, second)]
    assert sorted(values[0] + values[1]) == list(range(60))
    assert set(first.labels) == set(second.labels) == {0, 1, 2}
    assert locate(request(tmp_path, split="train[:50%]")).splits == {"train": 60}


@pytest.mark.parametrize("kind", ["png", "bmp"])
def test_lossless_values_survive(tmp_path, kind):
    values = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    save(tmp_path / f"0.{kind}", values)
    np.testing.assert_array_equal(pixels(tmp_path), values)


def test_sixteen_bit_grey_is_scaled(tmp_path):
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    save(tmp_path / "0.png", values)
    assert pixels(tmp_path).shape == (16, 16, 1)
    np.testing.assert_array_equal(pixels(tmp_path)[..., 0].ravel(), np.arange(256))
    np.testing.assert_array_equal(pixels(tmp_path, channels=3)[..., 2].ravel(), np.arange(256))


def test_transparent_is_white(tmp_path):
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[:8] = (255, 0, 0, 255)
    rgba[8:] = (0, 0, 255, 51)
    save(tmp_path / "0.png", rgba)
    image = pixels(tmp_path)
    assert image[0, 0].tolist() == list(RED)
    assert image[15, 0].tolist() == [204, 204, 255]


def test_transparent_grey(tmp_path):
    save(tmp_path / "0.png", Image.fromarray(np.tile(np.uint8([10, 0]), (16, 16, 1)), "LA"))
    image = pixels(tmp_path)
    assert image.shape == (16, 16, 1)
    assert (image == 255).all()


def test_transparent_palette(tmp_path):
    picture = Image.fromarray(np.repeat(np.uint8([[0], [1]]), 8, axis=0).repeat(16, axis=1), "P")
    picture.putpalette([255, 0, 0, 0, 0, 255])
    save(tmp_path / "0.png", picture, transparency=1)
    image = pixels(tmp_path)
    assert image.shape == (16, 16, 3)
    assert image[0, 0].tolist() == list(RED)
    assert image[15, 15].tolist() == list(WHITE)


def test_grey_palette_and_black_and_white_are_grey(tmp_path):
    picture = Image.fromarray(np.eye(16, dtype=np.uint8), "P")
    picture.putpalette([0, 0, 0, 200, 200, 200])
    save(tmp_path / "0.png", picture)
    save(tmp_path / "1.png", Image.fromarray(np.eye(16) > 0))
    images = load(request(tmp_path)).images
    np.testing.assert_array_equal(images[0, :, :, 0], np.eye(16) * 200)
    np.testing.assert_array_equal(images[1, :, :, 0], np.eye(16) * 255)


def test_first_frame_of_gif(tmp_path):
    frames = [Image.fromarray(plain(colour)) for colour in (RED, (0, 255, 0), (0, 0, 255))]
    save(tmp_path / "0.gif", frames[0], save_all=True, append_images=frames[1:])
    assert pixels(tmp_path)[8, 8].tolist() == list(RED)


def test_cmyk(tmp_path):
    save(tmp_path / "0.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=100)
    image = pixels(tmp_path)
    assert image.shape == (16, 16, 3)
    assert np.abs(image.astype(int) - RED).max() < 12


def test_exif_orientation(tmp_path):
    values = plain(WHITE)
    values[:, :8] = 0
    orientation = Image.Exif()
    orientation[0x0112] = 6  # to be turned clockwise: the dark left half comes to the top
    save(tmp_path / "0.jpg", values, exif=orientation, quality=95)
    image = pixels(tmp_path)
    assert image[:6].max() < 30
    assert image[10:].min() > 225


def test_central_square(tmp_path):
    values = plain((0, 255, 0), width=40, height=10)
    values[:, :15], values[:, 25:] = RED, RED
    save(tmp_path / "0.png", values)
    image = pixels(tmp_path)
    assert image.shape == (10, 10, 3)
    assert (image == (0, 255, 0)).all()


def test_large_picture_is_averaged(tmp_path):
    stripes = np.tile(np.uint8([0, 255]), (800, 400))
    for name in ("0.png", "1.jpg"):
        save(tmp_path / name, stripes)
    images = load(request(tmp_path, image_size=16)).images.astype(int)
    assert np.abs(images - 127.5).max() < 4


@pytest.mark.parametrize(("sizes", "expected"), [((100, 70), 64), ((100, 40), 40), ((3, 90), 8)])
def test_default_size(tmp_path, sizes, expected):
    for size in sizes:
        save(tmp_path / f"{size}.png", plain(RED, width=size, height=2 * size))
    assert load(request(tmp_path)).image_shape == (expected, expected, 3)


def test_requested_shape(tmp_path):
    save(tmp_path / "0.png", plain(WHITE))
    assert pixels(tmp_path, image_size=33, channels=1).shape == (33, 33, 1)


def test_unreadable_pictures_are_named_and_skipped(tmp_path, warnings_told):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for name in ("a/0.png", "a/1.jpg", "b/2.gif", "b/3.bmp", "b/4.png"):
        save(tmp_path / name, noise)
    for name in ("a/1.jpg", "b/2.gif", "b/3.bmp"):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    (tmp_path / "a" / "5.png").write_bytes(b"")
    (tmp_path / "b" / "6.jpg").write_text("<html>not found</html>")
    dataset = load(request(tmp_path))
    assert dataset.count == 2
    assert dataset.labels.tolist() == [0, 1]
    assert len(warnings_told) == 6
    for name in ("1.jpg", "2.gif", "3.bmp", "5.png", "6.jpg"):
        assert sum(f"/{name}: " in line for line in warnings_told) == 1
    assert "2 pictures read, 5 left out: 5 unreadable (a/1.jpg, a/5.png, b/2.gif, …)" in warnings_told[-1]
    assert not any("\n" in line for line in warnings_told)


def test_many_unreadable_pictures_are_named_and_counted(tmp_path, warnings_told):
    for i in range(100):
        (tmp_path / f"{i}.png").write_bytes(b"")
    save(tmp_path / "good.png", plain(RED))
    assert load(request(tmp_path)).count == 1
    assert len(warnings_told) == 101
    assert all(any(f"/{i}.png" in line for line in warnings_told) for i in range(100))
    assert "1 pictures read, 100 left out: 100 unreadable" in warnings_told[-1]


def test_nothing_readable(tmp_path, warnings_told):
    (tmp_path / "0.png").write_bytes(b"")
    for fields in ({}, {"resident_mib": 0, "cache_dir": str(tmp_path / "cache")}):
        with pytest.raises(UserError, match=r"--data_dir=.*none of its 1 pictures"):
            load(request(tmp_path, **fields))


def test_wrong_folder(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    for folder in (None, "", str(tmp_path / "file"), str(tmp_path / "missing"), str(tmp_path / "empty")):
        with pytest.raises(UserError, match=r"--data_dir.*\.png \.jpg \.jpeg .*\.gif"):
            load(data_request("folder", folder))


def test_wrong_split_and_class(tmp_path):
    save(tmp_path / "cats" / "0.png", plain(RED))
    with pytest.raises(UserError, match="--split="):
        load(request(tmp_path, split="test"))
    with pytest.raises(UserError, match=r"--classes.*did you mean 'cats'"):
        load(request(tmp_path, classes="cat"))


def test_linked_folder_and_loop(tmp_path):
    save(tmp_path / "elsewhere" / "0.png", plain(RED))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cats").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "data")
    dataset = load(request(tmp_path / "data"))
    assert (dataset.count, dataset.class_names) == (1, ("cats",))


def test_streamed_file_follows_the_folder(tmp_path, warnings_told):
    folder, cache = tmp_path / "pictures", tmp_path / "cache"
    for i in range(5):
        save(folder / f"{i}.png", plain((i,) * 3))
    (folder / "broken.png").write_bytes(b"")
    fields = {"resident_mib": 0, "cache_dir": str(cache)}
    streamed, resident = load(request(folder, **fields)), load(request(folder))
    assert not streamed.resident
    np.testing.assert_array_equal(streamed.images, resident.images)
    told = len(warnings_told)
    load(request(folder, **fields))
    assert len(warnings_told) == told
    time.sleep(0.01)
    save(folder / "0.png", plain((77,) * 3))
    os.utime(folder / "0.png")
    assert load(request(folder, **fields)).images[0].max() == 77
