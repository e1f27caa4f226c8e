"""TensorBoard: scalars, histograms, grids, hyperparameters and the flags as text."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.image.metadata import create_summary_metadata
from tensorboard.plugins.scalar.summary import scalar_pb

from gan_zoo.drawing.images import png
from gan_zoo.drawing.lettering import titled
from gan_zoo.experiment import Experiment
from gan_zoo.files import to_disk
from gan_zoo.training import event_files
from gan_zoo.training.history import BROKEN

# metric of a round → its tag
_TAGS = {"discriminator_loss": "loss/discriminator", "generator_loss": "loss/generator",
         "accuracy_real": "accuracy/real", "accuracy_generated": "accuracy/generated"}
_EPOCH = "epoch/"  # what the tags of the means of an epoch begin with, whose steps are epochs
_FROM = "from"  # in `state`: the round before the first that waits
_HISTOGRAM_WEIGHTS = 20_000  # TensorBoard takes 30 bytes and 50 ns for each


class Summaries:
    """Writes the events of a run into its folder.

    An undisturbed run and one that was killed and went on leave the same points there, up to speed and seconds: what
    came after the checkpoint is taken out, and what was not yet a point is in the checkpoint.
    """

    def __init__(self, folder: Path, every: int, step: int = 0, epochs: int = 0,
                 pending: Mapping[str, np.ndarray] | None = None, name: str = ""):
        """every: rounds averaged into one point of a scalar.

        step, epochs: how far the run has come; what is in the folder beyond them goes. pending: of `state`. name: of
        the run, which its pictures and hyperparameters show.
        """
        self._name = name
        self._pending = {name: values for name, values in (pending or {}).items() if name != _FROM}
        self._pending_from = int((pending or {}).get(_FROM, step))
        means = {_tag(name) for name in self._pending}  # of which an earlier end may have written a shorter window

        def wanted(tag: str, at: int) -> bool:
            if tag.startswith(_EPOCH):
                return at <= epochs
            return step > 0 and at <= (self._pending_from if tag in means else step)

        self._folder = folder
        event_files.keep(folder, wanted)
        self._writer = tf.summary.create_file_writer(str(folder))
        self._every = every

    def state(self) -> dict[str, np.ndarray]:
        """The rounds that are not yet points, for a checkpoint."""
        return {**self._pending, _FROM: np.array(self._pending_from)} if self._pending else {}

    def describe(self, experiment: Experiment, step: int) -> None:
        """The flags, as hyperparameters and as a table."""
        values = {key: value for key, value in experiment.values().items() if value is not None}
        rows = [f"| --{key} | `{value}` |" for key, value in values.items()]
        with self._writer.as_default(step):
            hparams.hparams({"run": self._name, **{key: of for key, of in values.items() if key != "run_dir"}})
            tf.summary.text("flags", "\n".join(["| flag | value |", "|---|---|", *rows]))

    def metrics(self, first_step: int, metrics: dict[str, np.ndarray]) -> None:
        """Per-round metrics [rounds] of the rounds after `first_step`: one point for every `every` of them."""
        if not self._pending:
            self._pending_from = first_step
        self._pending = {name: np.append(self._pending.get(name, []), values) for name, values in metrics.items()
                         if not name.startswith(BROKEN)}
        rounds = len(next(iter(self._pending.values())))
        while self._pending and rounds >= (window := self._every - self._pending_from % self._every):
            self._write_means(window)
            rounds -= window

    def _write_means(self, window: int) -> None:
        self._pending_from += window
        self._scalars(self._pending_from, {_tag(name): values[:window].mean() for name, values in
                                           self._pending.items()})
        self._pending = {name: values[window:] for name, values in self._pending.items()}
        if not len(next(iter(self._pending.values()))):
            self._pending = {}

    def epoch(self, row: dict[str, float]) -> None:
        """The means of an epoch."""
        means = {f"{_EPOCH}{name}": value for name, value in row.items() if name not in ("epoch", "step")}
        self._scalars(int(row["epoch"]), means)

    def check(self, step: int, statistics: dict[str, float]) -> None:
        """What a check has found, as scalars; those that are unknown (NaN) are left out."""
        self._scalars(step, {f"check/{name}": value for name, value in statistics.items() if np.isfinite(value)})

    def verdict(self, step: int, text: str) -> None:
        """A new verdict, in words."""
        with self._writer.as_default(step):
            tf.summary.text("verdict", text)

    def speed(self, step: int, images_per_s: float) -> None:
        self._scalars(step, {"speed/images_per_s": images_per_s})

    def _scalars(self, step: int, values: Mapping[str, float]) -> None:
        """As tf.summary.scalar does, one by one, in a sixth of the time."""
        self._write(step, [scalar_pb(tag, value) for tag, value in values.items()])

    def _write(self, step: int, points: Sequence) -> None:
        """Summary messages, all at once: such messages in a row are one."""
        with self._writer.as_default(step):
            tf.summary.experimental.write_raw_pb(b"".join(point.SerializeToString() for point in points))

    def scores(self, step: int, real: np.ndarray, generated: np.ndarray) -> None:
        self._histograms(step, {"scores/real": real, "scores/generated": generated})

    def _histograms(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        """As tf.summary.histogram does, one by one, in a third of the time; what is not finite has no place in it."""
        self._write(step, [histogram_pb(tag, each[np.isfinite(each)]) for tag, each in values.items()])

    def grid(self, name: str, step: int, image: np.ndarray) -> None:
        """A picture [H, W, 1 or 3], uint8, below the names of run and tag and the step."""
        shown = titled(image, f"{self._name}   {name}, step {step:,}")
        # As tf.summary.image does, whose own PNG takes ten times as long.
        content = [str(shown.shape[1]), str(shown.shape[0]), png(shown)]
        with self._writer.as_default(step):
            tf.summary.write(name, tf.constant(content), metadata=create_summary_metadata(None, None))

    def weights(self, step: int, networks) -> None:
        """A histogram of every trainable variable of the Keras models, large ones thinned evenly, shared ones once."""
        shown: dict[int, tuple[str, keras.Variable]] = {}
        for network in networks:
            for variable in network.trainable_variables:
                shown.setdefault(id(variable), (f"weights/{network.name}/{variable.path}", variable))
        self._histograms(step, {tag: _thinned(variable) for tag, variable in shown.values()})

    def flush(self) -> None:
        """Writes out all points so far, to the disk."""
        self._writer.flush()
        for path in self._folder.glob(event_files.NAMES):
            to_disk(path)

    def finish(self) -> None:
        """Writes the last and shorter window of scalars too, and ends."""
        if self._pending:
            self._write_means(len(next(iter(self._pending.values()))))
        self._writer.close()

    def close(self) -> None:
        self._writer.close()


def _thinned(variable: keras.Variable) -> np.ndarray:
    """Some of its numbers, float32."""
    flat = tf.reshape(variable.value, [-1])
    return tf.cast(flat[::max(1, flat.shape[0] // _HISTOGRAM_WEIGHTS)], tf.float32).numpy()


def _tag(name: str) -> str:
    """The tag of a metric of a round."""
    return _TAGS.get(name, name)
