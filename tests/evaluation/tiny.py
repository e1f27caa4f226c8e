"""A tiny run, exported but not trained, to be measured in the folder in which a test works."""

import json
from pathlib import Path

import keras
import numpy as np

from gan_zoo.commands import evaluate
from gan_zoo.evaluation import candidates
from gan_zoo.experiment import Experiment
from tests.export.networks import an_export, flat, gan, linear

SHAPE = (8, 8, 1)
FLAGS = {"dataset": "digits", "image_size": 8, "split": "train[:1500]", "flag_of_another_version": 3}
QUICK = "--metrics=parzen(samples=300, test_images=200, validation_images=50)"


def export_tiny(path, shape=SHAPE, generator: keras.Model | None = None, **settings) -> None:
    """An export of random weights on normal(6), or of another generator."""
    size = int(np.prod(shape))
    if generator is None:
        generator = keras.Sequential([keras.Input([6]), keras.layers.Dense(size, "tanh"), keras.layers.Reshape(shape)])
        generator.variables[0].assign(np.random.default_rng(0).normal(size=[6, size]))
    networks = gan(generator, flat(shape), {"score": linear(np.ones([size, 1]))})
    an_export(str(path), networks, **{"latent": "normal(6)", "metadata": {"step": 1234}, **settings})


def write_flags(path="runs/tiny/run.json", **changes) -> None:
    Path(path).write_text(json.dumps({"flags": Experiment().values() | FLAGS | changes, "step": 9}))


def evaluate_tiny(*argv: str) -> None:
    evaluate.run(["--run_dir=runs/tiny", QUICK, *argv])


def read_records() -> dict:
    return json.loads(Path("runs/tiny/metrics.json").read_text())


def drawn(run_dir: Path, seed: int) -> candidates.Drawn:
    """What the export of a run gives."""
    experiment = candidates.experiment_of_run(str(run_dir))
    return candidates.of_export(str(run_dir / "export"), "--run_dir", experiment, str(run_dir)).drawn(seed)
