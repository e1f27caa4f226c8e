"""A tiny run, exported but not trained, to be measured."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from gan_zoo import latents
from gan_zoo.commands import evaluate
from gan_zoo.experiment import Experiment
from gan_zoo.export import export
from gan_zoo.game import GAN
from gan_zoo.objectives import base, classic  # noqa: F401

SHAPE = (8, 8, 1)
FLAGS = {"dataset": "digits", "image_size": 8, "split": "train[:1500]", "flag_of_another_version": 3}
QUICK = "--metrics=parzen(samples=300, test_images=200, validation_images=50)"


def export_tiny(path, shape=SHAPE) -> None:
    size = int(np.prod(shape))
    generator = keras.Sequential([keras.Input([6]), keras.layers.Dense(size, "tanh"), keras.layers.Reshape(shape)])
    generator.variables[0].assign(np.random.default_rng(0).normal(size=[6, size]))
    discriminator = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)])
    export(GAN(generator, discriminator), latents.build("normal(6)"), base.build("non_saturating"), path,
           metadata={"step": 1234})


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    export_tiny(run / "export")
    (run / "run.json").write_text(json.dumps({"flags": Experiment().values() | FLAGS, "step": 9}))
    return run


@pytest.fixture(autouse=True)
def run_dir(whole, tmp_path, monkeypatch) -> Path:
    """runs/tiny in an empty folder, in which the test works."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole, "runs/tiny")
    return Path("runs/tiny")


def evaluate_tiny(*argv: str) -> None:
    evaluate.run(["--run_dir=runs/tiny", QUICK, *argv])


def read_records() -> dict:
    return json.loads(Path("runs/tiny/metrics.json").read_text())


def write_flags(**changes) -> None:
    Path("runs/tiny/run.json").write_text(json.dumps({"flags": Experiment().values() | FLAGS | changes}))
