"""gan_zoo: generative adversarial networks in TensorFlow and Keras, one registered builder each.

    run = gan_zoo.train("dcgan", dataset="digits", steps=500)   # every flag of `gan-zoo train --help` by its name
    run = gan_zoo.load("runs/dcgan_digits")
    images = run.sample(64, seed=0)

    @gan_zoo.models.register("mine")                            # likewise objectives, latents, datasets, metrics
    def mine(…): …

TensorFlow is imported when something that needs it is used, and not before. It computes by oneDNN then, as it would by
itself only on newer processors; on others convolutions take half the time (docs/performance.md). In the environment
TF_ENABLE_ONEDNN_OPTS=0 leaves it off.
"""

import importlib
import os
import platform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gan_zoo import latents, metrics, models, objectives, schedules
    from gan_zoo.augmentation import augmentations
    from gan_zoo.data import datasets
    from gan_zoo.errors import RunStopped, UserError
    from gan_zoo.experiment import Experiment
    from gan_zoo.run import Run, load, train

__version__ = "0.2.0"

# What is not imported yet, and where it is.
_LAZY = {"train": "run", "load": "run", "Run": "run", "Experiment": "experiment", "UserError": "errors",
         "RunStopped": "errors", "datasets": "data", "augmentations": "augmentation"}
_PACKAGES = ("models", "objectives", "metrics", "latents", "schedules")  # each has `register`, too

__all__ = ["Experiment", "Run", "RunStopped", "UserError", "augmentations", "datasets", "latents", "load", "metrics",
           "models", "objectives", "schedules", "train"]

if platform.machine() in ("x86_64", "AMD64"):  # on others it is TensorFlow's own choice
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # read when TensorFlow is imported


def __getattr__(name: str):
    if name in _PACKAGES:
        return _imported(name)
    if name in _LAZY:
        return getattr(_imported(_LAZY[name]), name)
    raise AttributeError(f"module 'gan_zoo' has no attribute {name!r}")


def _imported(module: str):
    with importlib.import_module("gan_zoo.quiet").quiet():  # the module may be what imports TensorFlow
        return importlib.import_module(f"gan_zoo.{module}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
