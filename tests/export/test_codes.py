"""An export whose latent has codes: set by name, drawn otherwise, out of range refused, recognized."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from gan_zoo.export import read_metadata
from tests.export.networks import an_export, flat, gan, linear, shown

LATENT = "noise(3) + categorical(4, name='digit') + uniform(1) + bernoulli(1)"  # 9 numbers
SHAPE = (3, 3, 1)
WEIGHTS = np.random.default_rng(0).normal(size=[9, 6])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Its generator shows each number of the noise in a pixel of its own: (z + 2) / 4 in [0, 1]."""
    path = tmp_path_factory.mktemp("exports") / "export"
    networks = gan(shown(SHAPE, 9, scale=1 / 4, offset=0.5), flat(SHAPE),
                   {"score": linear(np.ones([9, 1])), "parameters": linear(WEIGHTS)}, value_range=(0.0, 1.0))
    an_export(path, networks, "minimax + mutual_information", latent=LATENT)
    return path


@pytest.fixture(scope="module")
def loaded(path):
    return tf.saved_model.load(str(path))


def _points(images) -> np.ndarray:
    return images.numpy().reshape(-1, 9) / 255 * 4 - 2


def test_without_codes_all_are_drawn(loaded):
    images = loaded.generate(num_images=70, seed=1)["images"]
    np.testing.assert_allclose(_points(images), loaded.noise(num_images=70, seed=1)["noise"], atol=0.01)
    signature = loaded.signatures["generate"](num_images=tf.constant(70), seed=tf.constant(1))
    np.testing.assert_array_equal(signature["images"], images)


def test_a_code_by_name_changes_nothing_else(loaded):
    drawn = _points(loaded.generate(num_images=6, seed=2)["images"])
    points = _points(loaded.generate(num_images=6, seed=2, digit=3, c2=-1.5)["images"])
    np.testing.assert_allclose(points[:, :3], drawn[:, :3], atol=1e-6)
    np.testing.assert_allclose(points[:, 3:7], np.tile([0, 0, 0, 1], [6, 1]), atol=0.01)
    np.testing.assert_allclose(points[:, 7], -1.5, atol=0.01)
    np.testing.assert_allclose(points[:, 8], drawn[:, 8], atol=1e-6)


def test_a_code_for_every_image(loaded):
    points = _points(loaded.generate(num_images=5, seed=2, digit=[0, 1, -1, 3, 2], c3=[1, 0, 1, 1, 0])["images"])
    drawn = _points(loaded.generate(num_images=5, seed=2)["images"])
    expected = np.eye(4)[[0, 1, drawn[2, 3:7].argmax(), 3, 2]]
    np.testing.assert_allclose(points[:, 3:7], expected, atol=0.01)
    np.testing.assert_allclose(points[:, 8], [1, 0, 1, 1, 0], atol=0.01)


@pytest.mark.parametrize(("given", "message"), [
    ({"digit": 4}, "digit must be 0 to 3, or -1 to be drawn, got"), ({"digit": -2}, "digit must be 0 to 3"),
    ({"digit": [0, 9]}, "digit must be 0 to 3"), ({"c3": 2}, "c3 must be 0 or 1, or -1"),
    ({"c2": float("inf")}, "c2 must be a finite number"),
    ({"digit": [0, 1, 2]}, "digit must be one value, or one for each image")])
def test_a_value_out_of_range_is_refused_by_the_export_itself(loaded, given, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        loaded.generate(num_images=2, seed=0, **given)


def test_an_unknown_code(loaded):
    with pytest.raises(TypeError, match="unexpected keyword argument 'c1'"):
        loaded.generate(num_images=2, seed=0, c1=0)


def test_recognize_against_numpy(loaded):
    pictures = np.random.default_rng(1).integers(0, 256, [5, 3, 3, 1], np.uint8)
    found = loaded.recognize(pictures)
    numbers = pictures.reshape(5, 9) / 255 @ WEIGHTS
    assert set(found) == {"digit_probabilities", "c2_mean", "c2_stddev", "c3_probability"}
    np.testing.assert_allclose(found["digit_probabilities"], scipy.special.softmax(numbers[:, :4], axis=1), rtol=1e-4)
    np.testing.assert_allclose(found["c2_mean"], numbers[:, 4:5], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["c2_stddev"], np.ones([5, 1]))
    np.testing.assert_allclose(found["c3_probability"], scipy.special.expit(numbers[:, 5:]), rtol=1e-4)


def test_metadata(path):
    codes = read_metadata(path).codes
    assert [(code.name, code.discrete, code.values, code.size, code.offset) for code in codes] == [
        ("digit", True, 4, 4, 3), ("c2", False, None, 1, 7), ("c3", True, 2, 1, 8)]
    np.testing.assert_allclose([code.entropy_nats for code in codes], np.log([4, 2, 2]), rtol=1e-6)
    assert codes[1].variance == pytest.approx(1 / 3)


def test_by_saved_model_cli(path, tmp_path):
    command = [str(Path(sys.executable).with_name("saved_model_cli")), "run", "--dir", str(path), "--tag_set", "serve",
               "--signature_def", "generate_given", "--outdir", str(tmp_path), "--input_exprs",
               "num_images=3;seed=0;digit=2;c2=0.5;c3=-1"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert done.returncode == 0, done.stderr[-2000:]
    points = np.load(tmp_path / "images.npy").reshape(3, 9) / 255 * 4 - 2
    np.testing.assert_allclose(points[:, 3:8], np.tile([0, 0, 1, 0, 0.5], [3, 1]), atol=0.01)
