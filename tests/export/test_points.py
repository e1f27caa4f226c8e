"""An export that makes points: float32 throughout, and what gan_zoo.sample writes of it."""

import os

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo.commands import sample
from gan_zoo.errors import UserError
from gan_zoo.export import read_metadata
from tests.export.networks import an_export
from tests.helpers import networks


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    gan = networks("gaussian_1d(mu=-300.0, sigma=20.0)", (1, 1, 1), 1)
    return an_export(str(tmp_path_factory.mktemp("exports") / "export"), gan, latent="normal(1)")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _expected(exported, count: int, seed: int) -> np.ndarray:
    return -300 + 20 * exported.loaded.noise(num_images=count, seed=seed)["noise"].numpy()


def test_generate_gives_the_values_themselves(exported):
    made = exported.loaded.signatures["generate"](num_images=tf.constant(300), seed=tf.constant(5))["images"]
    assert (made.dtype, made.shape) == (tf.float32, (300, 1, 1, 1))
    np.testing.assert_allclose(made.numpy().reshape(-1, 1), _expected(exported, 300, 5), rtol=1e-5)


def test_discriminate_takes_the_values_themselves(exported):
    points = np.array([-320.5, 0.25, 7.0], np.float32).reshape(3, 1, 1, 1)
    found = exported.loaded.discriminate(images=points)
    score = exported.gan.discriminator(points).numpy()
    np.testing.assert_allclose(found["score"], score, atol=1e-5)
    np.testing.assert_allclose(found["probability"], 1 / (1 + np.exp(-score)), atol=1e-5)


def test_metadata_has_no_value_range(exported):
    about = read_metadata(exported.path)
    assert (about.value_range, about.are_points, about.image_shape) == (None, True, (1, 1, 1))


def test_points_are_written_as_an_array(exported, capsys):
    sample.run([f"--saved_model={exported.path}", "--count=300", "--seed=4", "--out=points.npy"])
    assert capsys.readouterr().out == "300 points: points.npy\n"
    points = np.load("points.npy", allow_pickle=False)
    assert (points.dtype, points.shape) == (np.float32, (300, 1))
    np.testing.assert_allclose(points, _expected(exported, 300, 4), rtol=1e-5)
    sample.run([f"--saved_model={exported.path}", "--count=3", "--seed=4", "--out=points.npy"])
    np.testing.assert_allclose(np.load("points.npy"), points[:3], rtol=1e-6)
    assert os.listdir() == ["points.npy"]


def test_interpolated_points(exported):
    sample.run([f"--saved_model={exported.path}", "--interpolate=2", "--columns=5", "--seed=1", "--out=a.npy"])
    points = np.load("a.npy").reshape(2, 5)
    ends = _expected(exported, 4, 1).reshape(2, 2)
    np.testing.assert_allclose(points[:, [0, -1]], ends, rtol=1e-5)


def test_a_png_is_a_plot(exported, capsys):
    sample.run([f"--saved_model={exported.path}", "--count=500"])
    assert capsys.readouterr().out == "500 points: samples.png\n"
    with Image.open("samples.png") as picture:
        assert picture.size == (800, 450)
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 10


@pytest.mark.parametrize("out", ["folder", "a.npz", "a.txt"])
def test_other_names_are_refused(exported, out):
    with pytest.raises(UserError, match=f"^--out={out}: this export makes points: name a .npy file"):
        sample.run([f"--saved_model={exported.path}", f"--out={out}"])
    assert os.listdir() == []


def test_a_folder_of_that_name_is_not_touched(exported):
    os.mkdir("a.npy")
    with pytest.raises(UserError, match=r"--out=a.npy is a folder"):
        sample.run([f"--saved_model={exported.path}", "--out=a.npy"])


def test_images_are_not_written_as_points(tmp_path_factory):
    path = tmp_path_factory.mktemp("images") / "export"
    an_export(path)
    with pytest.raises(UserError, match=r"^--out=a.npy: this export makes images, not points: name a .png"):
        sample.run([f"--saved_model={path}", "--out=a.npy"])
    assert os.listdir() == []
