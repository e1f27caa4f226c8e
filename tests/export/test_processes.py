"""Exports in processes that don't know gan_zoo, and from networks on several replicas."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.export.networks import PICTURES, SHAPE, an_export, decoded, scores

ROOT = Path(__file__).parents[2]
SIGNATURES = ["discriminate", "generate", "noise", "serving_default"]

_MIRRORED = """
import sys
import numpy as np
from gan_zoo.quiet import quiet
with quiet():
    import tensorflow as tf
    cpus = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 2)
    import keras
    from gan_zoo.layers import BatchNormalization
    from tests.export import networks
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        layers = keras.layers
        generator = keras.Sequential([keras.Input([4]), layers.Dense(12), BatchNormalization(),
                                      layers.Reshape([4, 3, 1])])
        gan = networks.small(generator)
    assert strategy.num_replicas_in_sync == 2
    generator.variables[4].assign(np.linspace(-1, 1, 12))  # the moving mean
    networks.an_export(sys.argv[1], gan)
    np.save(sys.argv[2], generator(np.eye(4, dtype=np.float32), training=False))
"""

_STRANGER = """
import sys
for name in ("gan_zoo", "keras", "tf_keras", "tensorflow_probability"):
    sys.modules[name] = None  # an import of it fails
import numpy as np
import tensorflow as tf
one, two = (tf.saved_model.load(path) for path in sys.argv[1:3])
pictures = np.load("pictures.npy")
np.savez("answers.npz", mirrored=two.serving_default(np.eye(4, dtype=np.float32))["images"],
         mirrored_generated=two.generate(num_images=3, seed=0)["images"],
         served=one.signatures["serving_default"](noise=tf.eye(4))["images"],
         generated=one.generate(num_images=16, seed=3)["images"], noise=one.noise(num_images=16, seed=3)["noise"],
         **one.signatures["discriminate"](images=tf.constant(pictures)))

import json
from tensorflow.python.tools import saved_model_cli
for command in json.load(open("commands.json")):
    sys.argv = ["saved_model_cli", *command]
    print("$", *command, flush=True)
    try:
        saved_model_cli.main()
    except SystemExit as end:
        assert not end.code, end.code
"""


def _python(code: str, *argv, cwd, flags=(), **environment) -> str:
    done = subprocess.run([sys.executable, *flags, "-c", code, *map(str, argv)], cwd=cwd, capture_output=True,
                          text=True, timeout=300, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return an_export(tmp_path_factory.mktemp("exports") / "export")


@pytest.fixture(scope="module")
def stranger(exported, tmp_path_factory):
    """What a process without gan_zoo and Keras made of two exports: .folder of its files, .output."""
    folder = tmp_path_factory.mktemp("stranger")
    _python(_MIRRORED, folder / "mirrored", folder / "expected.npy", cwd=folder, PYTHONPATH=str(ROOT))
    np.save(folder / "pictures.npy", PICTURES)
    np.save(folder / "points.npy", np.eye(4, dtype=np.float32))
    commands = [["show", f"--dir={exported.path}", "--all"]] + [
        ["run", f"--dir={exported.path}", "--tag_set=serve", f"--signature_def={name}", f"--inputs={inputs}",
         f"--input_exprs={expressions}", f"--outdir={name}", "--overwrite"] for name, inputs, expressions in [
            ("serving_default", "noise=points.npy", ""), ("discriminate", "images=pictures.npy", ""),
            ("generate", "", "num_images=2;seed=3"), ("noise", "", "num_images=2;seed=3")]]
    (folder / "commands.json").write_text(json.dumps(commands))
    output = _python(_STRANGER, exported.path, folder / "mirrored", cwd=folder, flags=["-I"])
    return SimpleNamespace(folder=folder, output=output)


def test_a_process_without_gan_zoo_and_keras_gives_the_same(exported, stranger):
    answers = np.load(stranger.folder / "answers.npz")
    loaded = exported.loaded
    np.testing.assert_array_equal(answers["noise"], loaded.noise(num_images=16, seed=3)["noise"])
    np.testing.assert_array_equal(answers["generated"], loaded.generate(num_images=16, seed=3)["images"])
    np.testing.assert_allclose(answers["served"], decoded(exported.gan.generator, np.eye(4)), atol=1e-5)
    np.testing.assert_allclose(answers["score"], scores(exported.gan, PICTURES), atol=1e-5)


def test_mirrored_networks_export(stranger):
    answers = np.load(stranger.folder / "answers.npz")
    expected = np.load(stranger.folder / "expected.npy")
    np.testing.assert_allclose(answers["mirrored"], expected, atol=1e-6)
    assert answers["mirrored_generated"].shape == (3, *SHAPE)
    assert np.ptp(expected) > 1  # the moving mean, which was set, went along


def test_saved_model_cli_shows_and_runs_every_signature(exported, stranger):
    assert all(f"signature_def['{name}']" in stranger.output for name in SIGNATURES)
    results = {name: np.load(stranger.folder / name / f"{key}.npy") for name, key in [
        ("serving_default", "images"), ("discriminate", "probability"), ("generate", "images"), ("noise", "noise")]}
    np.testing.assert_allclose(results["serving_default"], decoded(exported.gan.generator, np.eye(4)), atol=1e-5)
    probability = 1 / (1 + np.exp(-scores(exported.gan, PICTURES)))
    np.testing.assert_allclose(results["discriminate"], probability, atol=1e-5)
    np.testing.assert_array_equal(results["noise"], exported.loaded.noise(num_images=2, seed=3)["noise"])
    np.testing.assert_array_equal(results["generate"], exported.loaded.generate(num_images=2, seed=3)["images"])
