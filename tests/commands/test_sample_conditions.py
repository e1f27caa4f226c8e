"""--label, --codes, --latents and --video of gan_zoo.sample: what an export decodes, read back from its files."""

import os
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import latents
from gan_zoo.commands import sample
from gan_zoo.drawing.class_grids import class_grid
from gan_zoo.errors import UserError
from gan_zoo.export.interpolation import lerp, slerp
from tests.export.networks import an_export, flat, gan, linear, shown
from tests.helpers import networks

LABEL = latents.label_of(latents.Classes((0, 1, 2), ("cat", "dog", "owl")))


def _labelled(path, shape, value_range) -> SimpleNamespace:
    """A class-conditional export that shows what it is given: three numbers of noise, then the one-hot class."""
    of = gan(shown(shape, 3, 3), flat(shape), {"score": linear(np.ones([6, 1]))}, value_range=value_range)
    return an_export(str(path), of, latent="normal(3)", label=LABEL)


@pytest.fixture(scope="module")
def points(tmp_path_factory):
    return _labelled(tmp_path_factory.mktemp("points") / "export", (1, 1, 6), None)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return _labelled(tmp_path_factory.mktemp("pictures") / "export", (2, 3, 1), (-4.0, 4.0))


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """Its points: three numbers of noise, c1 one-hot in the columns 3 to 6, c2 in 7, c3 in 8."""
    keras.utils.set_random_seed(0)
    of = networks("mlp(generator=[None, 16, None], discriminator=[None, 4, 1])", (4, 4, 1), 9, code_parameters=6)
    return an_export(str(tmp_path_factory.mktemp("coded") / "export"), of, "minimax + mutual_information",
                     latent="noise(3) + categorical(4) + uniform(1) + bernoulli(1)")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _shown(exported, *argv: str) -> np.ndarray:
    """The points that the export shows, [N, 6]."""
    sample.run([f"--saved_model={exported.path}", "--seed=3", "--out=a.npy", *argv])
    return np.load("a.npy")


def _drawn(exported, count: int) -> np.ndarray:
    """What a seed gives: [N, Z], and beside that the one-hot classes."""
    drawn = exported.loaded.noise(num_images=tf.constant(count), seed=tf.constant(3))
    return np.concatenate([drawn["noise"], *([_one_hot(drawn["label"])] if "label" in drawn else [])], axis=1)


def _pixels(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


def _one_hot(classes) -> np.ndarray:
    return np.eye(3)[classes]


def test_without_a_label_classes_are_drawn(points):
    shown = _shown(points, "--count=50")
    np.testing.assert_array_equal(shown, _drawn(points, 50))
    assert shown[:, 3:].any(axis=0).all()


@pytest.mark.parametrize("label", ["1", "dog"])
def test_all_images_of_one_class(points, label):
    shown = _shown(points, "--count=50", f"--label={label}")
    np.testing.assert_array_equal(shown[:, 3:], _one_hot([1] * 50))
    np.testing.assert_array_equal(shown[:, :3], _drawn(points, 50)[:, :3])


@pytest.mark.parametrize(("argv", "columns"), [([], 10), (["--columns=4"], 4), (["--columns=1"], 1)])
def test_each_class_from_the_same_noise(points, argv, columns):
    rows = _shown(points, "--label=each", *argv).reshape(3, columns, 6)
    np.testing.assert_array_equal(rows[..., 3:], np.repeat(_one_hot([[0], [1], [2]]), columns, axis=1))
    for row in rows:
        np.testing.assert_array_equal(row[:, :3], _drawn(points, columns)[:, :3])


@pytest.mark.parametrize(("argv", "columns"), [([], 10), (["--columns=4"], 4)])
def test_a_grid_has_a_row_a_class(pictures, capsys, argv, columns):
    sample.run([f"--saved_model={pictures.path}", "--label=each", "--seed=3", "--out=a.png", *argv])
    assert capsys.readouterr().out == f"{3 * columns} images: a.png\n"
    expected = np.tile(_drawn(pictures, columns), [3, 1])
    expected[:, 3:] = _one_hot(np.repeat([0, 1, 2], columns))
    pixels = np.rint((expected + 4) / 8 * 255).astype(np.uint8).reshape(-1, 2, 3, 1)
    np.testing.assert_array_equal(_pixels("a.png"), class_grid(pixels, ["cat", "dog", "owl"], whole=True)[..., 0])


@pytest.mark.parametrize(("argv", "chosen"), [([], None), (["--label=owl"], 2)])
def test_an_interpolation_keeps_its_class(points, argv, chosen):
    rows = _shown(points, "--interpolate=8", "--columns=5", *argv).reshape(8, 5, 6)
    first, last = _drawn(points, 16)[0::2], _drawn(points, 16)[1::2]
    assert not (first[:, 3:] == last[:, 3:]).all()
    classes = first[:, 3:] if chosen is None else _one_hot([chosen] * 8)
    np.testing.assert_array_equal(rows[..., 3:], np.repeat(classes[:, np.newaxis], 5, axis=1))
    np.testing.assert_allclose(rows[..., :3], slerp(first[:, :3], last[:, :3], 5), rtol=1e-6)


def test_each_interpolation_in_each_class(points):
    rows = _shown(points, "--interpolate=2", "--label=each", "--columns=4").reshape(2, 3, 4, 6)
    ends = _drawn(points, 4)[:, :3]
    for row, path in zip(rows, slerp(ends[0::2], ends[1::2], 4), strict=True):
        for number in range(3):
            np.testing.assert_allclose(row[number, :, :3], path, rtol=1e-6)
            np.testing.assert_array_equal(row[number, :, 3:], _one_hot([number] * 4))


def _folder_of(exported, *argv: str) -> np.ndarray:
    """The images of the folder that is written, [N, 4, 4, 1]."""
    sample.run([f"--saved_model={exported.path}", "--seed=3", "--out=a", *argv])
    return np.stack([_pixels(path) for path in sorted(Path("a").iterdir())])[..., np.newaxis]


def _decoded(exported, points: np.ndarray) -> np.ndarray:
    """The pixels of points [R, steps, Z], unrounded."""
    flat = tf.constant(points.reshape(-1, points.shape[-1]), tf.float32)
    return exported.loaded.serving_default(flat)["images"].numpy() * 255


@pytest.mark.parametrize(("argv", "codes"), [
    ("c1=3, c2=-1.5", {"c1": 3, "c2": -1.5}), ("c3=1", {"c3": 1}), ("c3=0,c1=0", {"c1": 0, "c3": 0})])
def test_codes_as_generate_takes_them(coded, argv, codes):
    made = _folder_of(coded, "--count=20", f"--codes={argv}")
    expected, drawn = (coded.loaded.generate(num_images=20, seed=3, **given)["images"].numpy().astype(int)
                       for given in (codes, {}))
    assert np.abs(made - expected).max() <= 1
    assert np.abs(made - drawn).max() > 5


@pytest.mark.parametrize(("argv", "codes"), [
    ([], {}), (["--codes=c1=2, c2=0.5"], {3: 0, 4: 0, 5: 1, 6: 0, 7: 0.5}), (["--codes=c3=1"], {8: 1})])
def test_an_interpolation_keeps_its_discrete_codes_and_given_ones(coded, argv, codes):
    made = _folder_of(coded, "--interpolate=6", "--columns=5", *argv)
    first, last = _drawn(coded, 12)[0::2], _drawn(coded, 12)[1::2]
    straight = lerp(first, last, 5)
    points = straight.copy()
    points[..., [3, 4, 5, 6, 8]] = first[:, np.newaxis, [3, 4, 5, 6, 8]]
    for column, value in codes.items():
        points[..., column] = value
    assert np.abs(made - _decoded(coded, points)).max() <= 1
    assert np.abs(made - _decoded(coded, straight)).max() > 5


@pytest.mark.parametrize(("argv", "message"), [
    (["--label=each", "--count=3"], "--count and --label=each exclude each other: --label=each draws classes × --col"),
    (["--label=each", "--interpolate=2", "--columns=1"], "--columns=1: an interpolation has at least 2 steps"),
    (["--label=each", "--columns=3334"], "--label=each: 10002 images are more than the 10000"),
    (["--label=each", "--interpolate=334"], "--label=each: 10020 images are more than the 10000"),
    (["--label=3"], "--label must be .* 0 to 2, or each, got '3'; choices: cat, dog, owl"),
    (["--label="], "--label must be "),
    (["--label=dgo"], "--label must be .* did you mean 'dog'"),
    (["--codes="], "--codes=: write NAME=VALUE"),
    (["--codes=c1=3"], "--codes cannot be set: this export's latent has none; its classes are chosen with --label")])
def test_mistakes_name_the_flag_and_the_way_out(pictures, argv, message):
    with pytest.raises(UserError, match=f"^{message}"):
        sample.run([f"--saved_model={pictures.path}", *argv])
    assert os.listdir() == []


@pytest.mark.parametrize(("argv", "message"), [
    (["--label=3"], "--label=3 cannot be chosen: this export has no labels"),
    (["--codes=c4=3"], "--codes: unknown code 'c4': did you mean 'c3'"),
    (["--codes=c1=4"], "--codes: c1 must be a whole number from 0 to 3, got '4'"),
    (["--codes=c1=1, c1=1"], "--codes=c1=1, c1=1: c1 is given twice")])
def test_mistakes_about_codes(coded, argv, message):
    with pytest.raises(UserError, match=f"^{message}"):
        sample.run([f"--saved_model={coded.path}", *argv])
    assert os.listdir() == []


def test_given_noise_is_decoded_as_it_is(points):
    given = np.random.default_rng(0).normal(size=[4, 3]).astype(np.float32)
    np.save("z.npy", given)
    sample.run([f"--saved_model={points.path}", "--latents=z.npy", "--label=dog", "--out=a.npy"])
    np.testing.assert_allclose(np.load("a.npy"), np.hstack([given, np.tile([0, 1, 0], [4, 1])]), rtol=1e-6)
    sample.run([f"--saved_model={points.path}", "--latents=z.npy", "--label=each", "--out=a.npy"])
    np.testing.assert_allclose(np.load("a.npy"), np.hstack([np.tile(given, [3, 1]), np.eye(3).repeat(4, axis=0)]),
                               rtol=1e-6)


def test_codes_are_set_in_given_noise(coded):
    given = np.zeros([2, 9], np.float32)
    np.save("z.npy", given)
    sample.run([f"--saved_model={coded.path}", "--latents=z.npy", "--codes=c2=0.5", "--out=a.png"])
    given[:, 7] = 0.5
    np.save("z.npy", given.astype(np.float64))  # floats of any width, as NumPy makes them
    sample.run([f"--saved_model={coded.path}", "--latents=z.npy", "--out=b.png"])
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_a_video_goes_there_and_back_with_the_classes_beside_it(pictures, capsys):
    sample.run([f"--saved_model={pictures.path}", "--video=a.gif", "--interpolate=2", "--columns=5", "--label=each"])
    assert capsys.readouterr().out == "6 interpolations in 5 steps: a.gif\n"
    with Image.open("a.gif") as gif:
        frames = []
        for index in range(gif.n_frames):
            gif.seek(index)
            frames.append(np.asarray(gif.convert("L"), int))
    assert len(frames) == 8
    for there, back in ((1, 7), (2, 6), (3, 5)):
        np.testing.assert_allclose(frames[there], frames[back], atol=2)
    assert np.abs(frames[0] - frames[4]).max() > 20
    assert os.listdir() == ["a.gif"]


def test_a_video_as_mp4(coded):
    pytest.importorskip("imageio_ffmpeg")
    sample.run([f"--saved_model={coded.path}", "--video=a.mp4", "--interpolate=1", "--columns=3"])
    assert Path("a.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(("argv", "message"), [
    (["--truncation=0"], "--truncation must be a number above 0, got 0.0"),
    (["--truncation=nan"], "--truncation must be a number above 0, got nan"),
    (["--truncation=x"], "--truncation=x: "),
    (["--latents=none.npy"], "--latents=none.npy can't be read: No such file"),
    (["--latents="], "--latents is empty"),
    (["--latents=text.npy"], "--latents=text.npy is no .npy file: write it with numpy.save"),
    (["--latents=objects.npy"], "--latents=objects.npy is no .npy file"),
    (["--latents=several.npz"], "--latents=several.npz is no .npy file but an archive"),
    (["--latents=whole.npy"], "--latents=whole.npy must be floats, got int64"),
    (["--latents=huge.npy"], "--latents=huge.npy must be finite in float32: row 0 is not"),
    (["--latents=row.npy"], r"--latents=row.npy must have the shape \[N, Z\], .* got \[9\]"),
    (["--latents=none_at_all.npy"], r"--latents=.* got \[0, 9\]"),
    (["--latents=nan.npy"], "--latents=nan.npy must be finite in float32: row 1 is not"),
    (["--latents=narrow.npy"], r"--latents must have the shape \[N, 9\], .* got \[2, 8\]"),
    (["--latents=fine.npy", "--count=2"], "--count and --latents exclude each other"),
    (["--latents=fine.npy", "--interpolate=2"], "--interpolate and --latents exclude each other"),
    (["--latents=fine.npy", "--truncation=1"], "--truncation and --latents exclude each other"),
    (["--latents=fine.npy", "--video=a.gif"], "--video and --latents exclude each other"),
    (["--video="], "--video is empty"),
    (["--video=a.avi"], "--video=a.avi: name a .gif or an .mp4 file"),
    (["--video=folder.gif"], "--video=folder.gif is a folder"),
    (["--video=none/a.gif"], "--video=none/a.gif: there is no folder .*/none; create it first"),
    (["--video=a.gif", "--out=a.png"], "--video and --out exclude each other"),
    (["--video=a.gif", "--count=2"], "--count and --video exclude each other"),
    (["--video=a.gif", "--columns=1"], "--columns=1: an interpolation has at least 2 steps"),
    (["--video=a.gif", "--columns=601"], "--columns=601: a video has at most 600 steps"),
    (["--video=a.gif", "--interpolate=300"], "--interpolate: 14400 images are more than the 10000 that --video=a.gif"),
    (["--video=a.mp4"], "--video=a.mp4 needs a package more: pip install imageio-ffmpeg, or name a .gif file"),
])
def test_mistakes_with_noise_and_videos(coded, argv, message, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    os.mkdir("folder.gif")
    Path("text.npy").write_text("mine")
    np.savez("several.npz", a=1)
    nan = np.zeros([2, 9], np.float32)
    nan[1, 3] = np.inf
    for name, array in {"objects": np.array([{}], object), "whole": np.zeros([2, 9], int),
                        "huge": np.full([2, 9], 1e300), "row": np.zeros(9, np.float32),
                        "none_at_all": np.zeros([0, 9], np.float32), "narrow": np.zeros([2, 8], np.float32),
                        "fine": np.zeros([2, 9], np.float32), "nan": nan}.items():
        np.save(f"{name}.npy", array)
    before = sorted(os.listdir())
    with pytest.raises(UserError, match=f"^{message}"):
        sample.run([f"--saved_model={coded.path}", *argv])
    assert sorted(os.listdir()) == before


def test_points_make_no_video(points):
    with pytest.raises(UserError, match=r"--video=a\.gif: this export makes points: draw them with --out"):
        sample.run([f"--saved_model={points.path}", "--video=a.gif"])
