"""A small state with checkpoints of it, and what these must give back."""

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.run_directory import Tie

# of a checkpoint
FILES = {"data": "state.data-00000-of-00001", "index": "state.index", "history": "history.npz", "step": "step.json"}


class State:
    """A tiny network and its optimizer, which take steps that are all different."""

    def __init__(self):
        self.model = keras.Sequential([keras.Input([3]), keras.layers.Dense(4), keras.layers.BatchNormalization()])
        self.optimizer = keras.optimizers.Adam(0.1)
        self.optimizer.build(self.model.trainable_variables)
        self.checkpoint = tf.train.Checkpoint(model=self.model, optimizer=self.optimizer)

    def move(self) -> None:
        gradients = [tf.ones_like(v) * (1 + int(self.optimizer.iterations)) for v in self.model.trainable_variables]
        self.optimizer.apply(gradients, self.model.trainable_variables)
        self.model(np.random.default_rng(int(self.optimizer.iterations)).normal(size=(5, 3)), training=True)

    def values(self) -> list[np.ndarray]:
        return [np.array(v) for v in (*self.model.variables, *self.optimizer.variables)]


def history(step: int) -> dict[str, np.ndarray]:
    return {"loss": np.arange(step, dtype=np.float32), "seconds": np.arange(step, dtype=np.float32) / 2}


def checkpoints_in(folder, keep: int = 3, run: str = "abc") -> Checkpoints:
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    return Checkpoints(folder / "checkpoints", keep, Tie(run))


def assert_restores(checkpoints, values, step) -> None:
    state = State()
    restored = checkpoints.restore(state.checkpoint)
    assert restored.step == step
    assert set(restored.history) == {"loss", "seconds"}
    for name, series in history(step).items():
        np.testing.assert_array_equal(restored.history[name], series)
    for got, expected in zip(state.values(), values[step], strict=True):
        np.testing.assert_array_equal(got, expected)


def names(checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints.folder.iterdir())
