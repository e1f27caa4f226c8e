"""Pictures in a page: small ones as they are, large ones smaller, and a report of ten runs of a bearable size."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing.images import grid, write_png
from gan_zoo.report.pictures import Room, all_embedded, embedded, room, thinned

ALLOWED = Room(frames=24, side=200, bytes=3000)


def _decoded(picture: dict) -> Image.Image:
    head, _, content = picture["source"].partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(content, validate=True)))
    assert head == f"data:image/{image.format.lower()}"
    assert image.size == (picture["width"], picture["height"])
    return image


def test_a_small_file_stays_as_it_is(tmp_path):
    write_png(tmp_path / "a.png", np.arange(64, dtype=np.uint8).reshape(8, 8))
    picture = embedded(tmp_path / "a.png", ALLOWED)
    assert base64.b64decode(picture["source"].partition(",")[2]) == (tmp_path / "a.png").read_bytes()
    assert _decoded(picture).size == (8, 8)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_large_one_becomes_smaller_and_looks_the_same(tmp_path, channels):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 250, [4, 6, channels], np.uint8)
    shown = noise.repeat(100, axis=0).repeat(100, axis=1)
    shown += rng.integers(0, 4, shown.shape, np.uint8)  # which makes the file large
    write_png(tmp_path / "a.png", shown)
    picture = embedded(tmp_path / "a.png", ALLOWED)
    assert picture["width"] * picture["height"] <= 200 * 200 * 1.02
    assert picture["width"] / picture["height"] == pytest.approx(1.5, rel=0.02)
    assert (tmp_path / "a.png").stat().st_size > ALLOWED.bytes >= 0.7 * len(picture["source"])
    whole = np.asarray(_decoded(picture).convert("RGB").resize((6, 4), Image.Resampling.BOX)).astype(float)
    assert np.corrcoef(whole.ravel(), np.broadcast_to(noise, [4, 6, 3]).ravel())[0, 1] > 0.99


def test_what_is_no_picture_is_told_and_left_out(tmp_path):
    write_png(tmp_path / "whole.png", np.zeros([8, 8], np.uint8))
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    Image.new("RGB", (4, 4)).save(tmp_path / "gif.png", "GIF")
    (tmp_path / "folder.png").mkdir()
    names = ["cut", "whole", "gif", "folder", "missing"]
    problems: list[str] = []
    found = all_embedded([tmp_path / f"{name}.png" for name in names], ALLOWED, problems.append)
    assert [name for name, picture in zip(names, found, strict=True) if picture] == ["whole"]
    assert sorted(text.split(" ")[0] for text in problems) == sorted(
        str(tmp_path / f"{name}.png") for name in names if name != "whole")


@pytest.mark.parametrize(("count", "most"), [(1, 24), (24, 24), (25, 24), (1000, 24), (9, 2), (9, 1)])
def test_thinned_evenly_from_the_first_to_the_last(count, most):
    steps = list(range(0, 200 * count, 200))
    kept = thinned(steps, most)
    assert len(kept) == min(count, most)
    assert kept[-1] == steps[-1]
    if most > 1:
        assert kept[0] == steps[0]
        assert np.ptp(np.diff(kept)) <= 200 if len(kept) > 1 else True


@pytest.mark.parametrize(("runs", "mb"), [(1, 4), (10, 15), (100, 15), (1000, 25)])
def test_the_page_of_many_runs_is_of_a_bearable_size(tmp_path, runs, mb):
    """With grids of noise, which make the largest files; a run has half as many pictures of its codes."""
    images = np.random.default_rng(0).integers(0, 256, [64, 32, 32, 3], np.uint8)
    write_png(tmp_path / "a.png", grid(images))
    allowed = room(runs)
    each = len(embedded(tmp_path / "a.png", allowed)["source"])
    assert runs * allowed.frames * 1.5 * each < mb * 1e6
