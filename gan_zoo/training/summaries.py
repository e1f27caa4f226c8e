"""TensorBoard: scalars, histograms, grids, hyperparameters and the flags as text."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from gan_zoo.experiment import Experiment
from gan_zoo.training.history import BROKEN

# metric of a round → its tag
_TAGS = {"discriminator_loss": "loss/discriminator", "generator_loss": "loss/generator",
         "accuracy_real": "accuracy/real", "accuracy_generated": "accuracy/generated"}
_HISTOGRAM_WEIGHTS = 100_000  # TensorBoard takes 240 bytes for each


class Summaries:
    """Writes the events of a run into its folder."""

    def __init__(self, folder: Path, every: int):
        """every: rounds averaged into one point of a scalar."""
        self._writer = tf.summary.create_file_writer(str(folder))
        self._every = every
        self._pending: dict[str, np.ndarray] = {}
        self._pending_from = 0

    def describe(self, experiment: Experiment, step: int) -> None:
        """The flags, as hyperparameters and as a table."""
        values = {key: value for key, value in experiment.values().items() if value is not None}
        rows = [f"| --{key} | `{value}` |" for key, value in values.items()]
        with self._writer.as_default(step):
            hparams.hparams({key: value for key, value in values.items() if key != "run_dir"})
            tf.summary.text("flags", "\n".join(["| flag | value |", "|---|---|", *rows]))

    def metrics(self, first_step: int, metrics: dict[str, np.ndarray]) -> None:
        """Per-round metrics [rounds] of the rounds after `first_step`: one point for every `every` of them."""
        if not self._pending:
            self._pending_from = first_step
        self._pending = {name: np.append(self._pending.get(name, []), values) for name, values in metrics.items()
                         if not name.startswith(BROKEN)}
        rounds = len(next(iter(self._pending.values())))
        while rounds >= (window := self._every - self._pending_from % self._every):
            self._write_means(window)
            rounds -= window

    def _write_means(self, window: int) -> None:
        self._pending_from += window
        with self._writer.as_default(self._pending_from):
            for name, values in self._pending.items():
                tf.summary.scalar(_TAGS.get(name, name), values[:window].mean())
        self._pending = {name: values[window:] for name, values in self._pending.items()}

    def epoch(self, row: dict[str, float]) -> None:
        """The means of an epoch."""
        with self._writer.as_default(row["epoch"]):
            for name, value in row.items():
                if name not in ("epoch", "step"):
                    tf.summary.scalar(f"epoch/{name}", value)

    def check(self, step: int, statistics: dict[str, float]) -> None:
        """What a check has found, as scalars; those that are unknown (NaN) are left out."""
        with self._writer.as_default(step):
            for name, value in statistics.items():
                if np.isfinite(value):
                    tf.summary.scalar(f"check/{name}", value)

    def verdict(self, step: int, text: str) -> None:
        """A new verdict, in words."""
        with self._writer.as_default(step):
            tf.summary.text("verdict", text)

    def speed(self, step: int, images_per_s: float) -> None:
        with self._writer.as_default(step):
            tf.summary.scalar("speed/images_per_s", images_per_s)

    def scores(self, step: int, real: np.ndarray, generated: np.ndarray) -> None:
        with self._writer.as_default(step):
            tf.summary.histogram("scores/real", real)
            tf.summary.histogram("scores/generated", generated)

    def grid(self, name: str, step: int, image: np.ndarray) -> None:
        """A picture [H, W, 1 or 3], uint8."""
        with self._writer.as_default(step):
            tf.summary.image(name, image[None])

    def weights(self, step: int, networks) -> None:
        """A histogram of every trainable variable of the Keras models, large ones thinned evenly, shared ones once."""
        seen: set[int] = set()
        with self._writer.as_default(step), tf.device("CPU:0"):
            for network in networks:
                for variable in (v for v in network.trainable_variables if id(v) not in seen):
                    seen.add(id(variable))
                    flat = tf.reshape(variable.value, [-1])
                    some = flat[::max(1, flat.shape[0] // _HISTOGRAM_WEIGHTS)]
                    tf.summary.histogram(f"weights/{network.name}/{variable.path}", tf.cast(some, tf.float32))

    def flush(self) -> None:
        """Writes what is pending, the last and shorter window of scalars too."""
        rounds = len(next(iter(self._pending.values()), []))
        if rounds:
            self._write_means(rounds)
        self._writer.flush()
