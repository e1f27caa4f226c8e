"""The command line of an export: its arithmetic against formulas, its pictures against the SavedModel's own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo.commands import sample
from gan_zoo.errors import UserError
from gan_zoo.export import METADATA
from gan_zoo.export.model import Model
from tests.export.networks import an_export, flat, gan, linear

ROOT = Path(__file__).parents[2]
SHAPE = (3, 5, 3)


def _exported(path, latent: str) -> SimpleNamespace:
    generator = keras.Sequential([keras.Input([6]), keras.layers.Dense(45, "tanh"), keras.layers.Reshape(SHAPE)])
    generator.variables[0].assign(np.random.default_rng(0).normal(size=[6, 45]))
    networks = gan(generator, flat(SHAPE), {"score": linear(np.ones([45, 1]))})
    return an_export(str(path), networks, latent=latent)


@pytest.fixture(scope="module")
def normal(tmp_path_factory):
    return _exported(tmp_path_factory.mktemp("normal") / "export", "normal(6)")


@pytest.fixture(scope="module")
def uniform(tmp_path_factory):
    return _exported(tmp_path_factory.mktemp("uniform") / "export", "uniform(6)")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _read(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def _cells(picture: np.ndarray, columns: int) -> np.ndarray:
    """The images of a grid, [N, H, W, C], found by its gaps of two pixels and shrunk to their own size."""
    height, width = SHAPE[:2]
    factor = (picture.shape[1] + 2 - 2 * columns) // (columns * width)
    tall, wide = factor * height + 2, factor * width + 2
    rows = (picture.shape[0] + 2) // tall
    assert picture.shape[:2] == (rows * tall - 2, columns * wide - 2)
    return np.stack([picture[row * tall:row * tall + tall - 2:factor, column * wide:column * wide + wide - 2:factor]
                     for row in range(rows) for column in range(columns)])


def _decoded(exported, points: np.ndarray) -> np.ndarray:
    w, b = (v.numpy().astype(np.float64) for v in exported.gan.generator.variables)
    return np.rint((np.tanh(points @ w + b) + 1) * 127.5).reshape(-1, *SHAPE)


def test_a_grid_of_what_generate_gives(normal, capsys):
    sample.run([f"--saved_model={normal.path}", "--count=12", "--seed=4", "--columns=4", "--out=a.png"])
    assert capsys.readouterr().out == "12 images: a.png\n"
    expected = normal.loaded.generate(num_images=12, seed=4)["images"].numpy()
    np.testing.assert_array_equal(_cells(_read("a.png"), 4), expected)
    assert os.listdir() == ["a.png"]


def test_defaults(normal):
    sample.run([f"--saved_model={normal.path}"])
    expected = normal.loaded.generate(num_images=64, seed=0)["images"].numpy()
    np.testing.assert_array_equal(_cells(_read("samples.png"), 8), expected)


def test_a_folder_gets_many_images_part_by_part(normal, capsys, monkeypatch):
    """1,024 are in memory at a time; what else is in the folder stays."""
    parts, decode = [], Model.decode
    monkeypatch.setattr(Model, "decode", lambda self, latent: parts.append(len(latent.noise)) or decode(self, latent))
    os.mkdir("out")
    Path("out/keep.txt").write_text("mine")
    Path("out/000001.png").write_text("old")
    sample.run([f"--saved_model={normal.path}", "--count=1100", "--seed=1", "--out=out"])
    assert parts == [1024, 76]
    expected = normal.loaded.generate(num_images=1100, seed=1)["images"].numpy()
    names = [f"{index:06}.png" for index in range(1100)]
    assert sorted(os.listdir("out")) == [*names, "keep.txt"]
    drawn = np.stack([_read(f"out/{name}") for name in names])
    assert np.abs(drawn.astype(int) - expected).max() <= 1
    assert capsys.readouterr().out == "1100 images: out/000000.png … 001099.png\n"


def test_interpolation_in_a_normal_prior_is_spherical(normal):
    sample.run([f"--saved_model={normal.path}", "--interpolate=3", "--columns=5", "--seed=2", "--out=a.png"])
    cells = _cells(_read("a.png"), 5).astype(int)
    noise = normal.loaded.noise(num_images=6, seed=2)["noise"].numpy().astype(np.float64)
    points = []
    for a, b in zip(noise[0::2], noise[1::2], strict=True):
        omega = np.arccos(a @ b / np.sqrt(a @ a) / np.sqrt(b @ b))
        points += [(np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega) for t in np.arange(5) / 4]
    assert np.abs(cells - _decoded(normal, np.array(points))).max() <= 1
    np.testing.assert_allclose(cells[0::5], _decoded(normal, noise[0::2]), atol=1)
    np.testing.assert_allclose(cells[4::5], _decoded(normal, noise[1::2]), atol=1)


def test_interpolation_in_a_uniform_prior_is_straight(uniform):
    sample.run([f"--saved_model={uniform.path}", "--interpolate=2", "--out=a.png"])
    noise = uniform.loaded.noise(num_images=4, seed=0)["noise"].numpy().astype(np.float64)
    points = [a + (b - a) * t for a, b in zip(noise[0::2], noise[1::2], strict=True) for t in np.linspace(0, 1, 10)]
    assert np.abs(_cells(_read("a.png"), 10) - _decoded(uniform, np.array(points))).max() <= 1


@pytest.mark.parametrize(("argv", "message"), [
    (["--count=0"], r"--count=0: 0 is not an integer in the range"),
    (["--count=-3"], r"--count=-3: -3 is not an integer in the range"),
    (["--count=many"], r"--count=many: not a whole number"),
    (["--count=1e3"], r"--count=1e3: not a whole number"),
    (["--count="], r"--count=: not a whole number"),
    (["--count"], r"--count"),
    (["--seed=2147483648"], r"--seed=2147483648: .*2147483647\]"),
    (["--columns=0"], r"--columns=0: 0 is not an integer in the range"),
    (["--interpolate=0"], r"--interpolate=0: 0 is not an integer in the range"),
    (["--interpolate=2", "--columns=1"], r"--columns=1: an interpolation has at least 2 steps"),
    (["--interpolate=2", "--count=3"], r"--count and --interpolate exclude each other"),
    (["--cuont=3"], r"unknown flag --cuont: did you mean 'count'\?"),
    (["count=3"], r"'count=3' is not a flag: write --flag=value"),
    (["--count=10001"], r"--count: 10001 images are more than the 10000 .* name a folder"),
    (["--interpolate=1001"], r"--interpolate: 10010 images are more"),
    (["--count=1000001", "--out=a"], r"--count: 1000001 images are more"),
    (["--out="], r"--out is empty"),
    (["--out=none/a.png"], r"--out=none/a.png: there is no folder .*/none; create it"),
    (["--out=none/a"], r"--out=none/a: there is no folder .*/none; create it"),
    (["--out=a.jpg"], r"--out=a.jpg: pictures are written as PNG"),
    (["--out=file"], r"--out=file is a file"),
    (["--out=folder.png"], r"--out=folder.png is a folder"),
    (["--saved_model="], r"--saved_model is missing: name an export"),
    (["--saved_model=none"], r"--saved_model=none: there is no such folder"),
    (["--saved_model=file"], r"--saved_model=file: there is no such folder"),
    (["--saved_model=folder.png"], r"--saved_model=folder.png holds no SavedModel .*name a run's export folder"),
    (["--saved_model=run"], r"--saved_model=run holds no SavedModel .*try --saved_model=run/export"),
])
def test_mistakes_name_the_flag_and_the_way_out(normal, argv, message):
    Path("file").write_text("mine")
    os.makedirs("folder.png")
    os.makedirs("run/export")
    with pytest.raises(UserError, match=message):
        sample.run([f"--saved_model={normal.path}", *argv])
    assert sorted(os.listdir()) == ["file", "folder.png", "run"]
    assert Path("file").read_text() == "mine"


def test_saved_model_is_required():
    with pytest.raises(UserError, match="--saved_model is missing"):
        sample.run([])


def _damaged(exported, damage: str) -> None:
    shutil.copytree(exported.path, "export")
    if damage == "foreign":
        shutil.rmtree("export")
        tf.saved_model.save(tf.Module(), "export")
    elif damage == "stripped":
        shutil.rmtree("export")
        tf.saved_model.save(tf.Module(), "export")
        os.mkdir("export/assets.extra")
        shutil.copy(Path(exported.path, METADATA), Path("export", METADATA))
    elif damage == "future":
        about = json.loads(Path("export", METADATA).read_text())
        Path("export", METADATA).write_text(json.dumps(about | {"format": 99}))
    elif damage == "graph":
        Path("export/saved_model.pb").write_bytes(b"garbage")
    elif damage == "weights":
        shutil.rmtree("export/variables")


@pytest.mark.parametrize(("damage", "message"), [
    ("foreign", "is not an export of gan_zoo"), ("stripped", "has no signature noise, serving_default"),
    ("future", "another version"), ("graph", "is damaged, export it"), ("weights", "is damaged, export it")])
def test_a_folder_that_is_no_whole_export_of_ours(normal, damage, message):
    _damaged(normal, damage)
    with pytest.raises(UserError, match=f"^--saved_model=export .*{message}"):
        sample.run(["--saved_model=export", "--out=a.png"])
    assert os.listdir() == ["export"]


def test_a_full_disk_is_told_in_a_line(normal, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match=r"--out=a.png can't be written: No space left"):
        sample.run([f"--saved_model={normal.path}", "--out=a.png"])
    assert os.listdir() == []


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_flag(capsys, flag):
    sample.run([flag])
    shown = capsys.readouterr().out
    assert all(f"--{name}" in shown for name in sample.Request.__dataclass_fields__)


def _process(*argv: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    return subprocess.run([sys.executable, "-m", "gan_zoo.sample", *argv], capture_output=True, text=True,
                          timeout=300, check=False, env={**environment, "PYTHONPATH": str(ROOT)})


def test_in_a_process_of_its_own_it_gives_the_same_and_is_quiet(normal):
    done = _process(f"--saved_model={normal.path}", "--count=9", "--seed=7", "--out=a.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, "9 images: a.png\n", "")
    sample.run([f"--saved_model={normal.path}", "--count=9", "--seed=7", "--out=b.png"])
    np.testing.assert_array_equal(_read("a.png"), _read("b.png"))


def test_in_a_process_of_its_own_a_mistake_is_one_line(normal):
    done = _process(f"--saved_model={normal.path}", "--count=0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --count=0: 0 is not an integer in the range [1, 2147483647]\n"
    assert os.listdir() == []
