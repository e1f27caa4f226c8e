"""From an experiment to a trained, recorded and exported GAN."""

import hashlib
import math
import time
from dataclasses import replace

import numpy as np
import tensorflow as tf

from gan_zoo import data
from gan_zoo.drawing import images, plots
from gan_zoo.drawing.samples import pictures
from gan_zoo.drawing.traversals import Traversals, picture
from gan_zoo.errors import RunStopped, UserError
from gan_zoo.experiment import DEFAULT_EPOCHS, Experiment
from gan_zoo.export import export
from gan_zoo.training import machine
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.history import OBJECTIVE, SERIES, History
from gan_zoo.training.interruption import Interruption
from gan_zoo.training.pace import Pace, next_stop
from gan_zoo.training.progress import Progress, duration
from gan_zoo.training.run_directory import RunDirectory, now
from gan_zoo.training.summaries import Summaries
from gan_zoo.training.trainer import Trainer, check_labels, check_specs, wants_labels

_SECONDS_BETWEEN_CURVES = 30.0  # drawing takes about a second


def load_data(experiment: Experiment) -> data.Dataset:
    """The data that the experiment's flags name."""
    request = data.request(experiment)
    source = data.locate(request)
    if wants_labels(experiment):
        check_labels(experiment, source)
    loaded = data.load(request, source)
    read = {"batch_size": experiment.batch_size}
    if wants_labels(experiment):  # the generator's moves read labels of the data
        read["generator_batch_size"] = experiment.generator_batch_size or 0
    for name, size in read.items():
        if loaded.has_pixels and size > loaded.count:
            raise UserError(f"--{name}={size} is larger than the data, {loaded.count} images: use at most "
                            f"{loaded.count}")
    return loaded


def fingerprint(experiment: Experiment, loaded: data.Dataset) -> str:
    """Tells other data from these: other images, and in a conditional game other labels."""
    if not wants_labels(experiment):
        return loaded.fingerprint
    labels = np.ascontiguousarray(loaded.labels, np.int32)
    return f"{loaded.fingerprint}-{hashlib.blake2b(labels.data, digest_size=8).hexdigest()}"


def with_steps(experiment: Experiment, images_in_data: int) -> Experiment:
    """The experiment with its length in steps."""
    if experiment.steps is not None:
        return experiment
    epochs = DEFAULT_EPOCHS if experiment.epochs is None else experiment.epochs
    images_per_round = experiment.batch_size * experiment.discriminator_updates
    return replace(experiment, steps=math.ceil(epochs * images_in_data / images_per_round), epochs=None)


def train(experiment: Experiment, strategy: tf.distribute.Strategy) -> int:
    """Trains, resumes or finishes the run in experiment.run_dir and returns its exit code.

    strategy: from machine.prepare. Raises UserError for what the user can mend, before anything is written there,
    and RunStopped if a loss is not finite.
    """
    run = RunDirectory(experiment.run_dir)
    run.check_path()
    check_specs(experiment)
    loaded = load_data(experiment)
    experiment = with_steps(experiment, loaded.count)
    run.check(experiment, fingerprint(experiment, loaded))
    trainer = Trainer(experiment, loaded, strategy)
    run.claim()
    try:
        return _Run(experiment, run, trainer).go(experiment.to_flags())
    finally:
        run.release()


class _Run:
    """One run: the trainer, its records, and the step that they have reached."""

    def __init__(self, experiment: Experiment, run: RunDirectory, trainer: Trainer):
        self.experiment, self.run, self.trainer = experiment, run, trainer
        self.total = experiment.steps
        self.rounds_per_epoch = trainer.data.count / trainer.images_per_round
        self.checkpoints = Checkpoints(run.checkpoints, experiment.keep_checkpoints)
        headline = {OBJECTIVE + name: label for name, label in trainer.objective.headline.items()}
        self.progress = Progress(self.total, self.rounds_per_epoch, headline)
        self.pace = Pace(experiment.rounds_per_call)
        self.speeds: list[float] = []
        self.warm_step: int | None = None
        self.started = self.drawn = time.monotonic()
        self.pictures = pictures(trainer.data, trainer.gan.value_range, experiment.sample_count, trainer.latent.label)
        self.traversals = Traversals(trainer.latent, trainer.latent.sample(10, trainer.key("traversals").pair(0)).flat)
        self.fixed_noise = self.pictures.points(trainer.latent, trainer.key("samples"))

    def go(self, lines: list[str]) -> int:
        restored = self.checkpoints.restore(self.trainer.checkpoint)
        self.step = restored.step if restored else 0
        self.history = History(restored.history if restored else None)
        if self.step >= self.total and self.run.record.get("status") == "complete":
            self.progress.say(f"{self.run.path} is complete: {self.step:,} of {self.total:,} steps. "
                              "Raise --steps or --epochs to go on.")
            return 0
        self._begin(lines)
        with Interruption() as interruption:
            while self.step < self.total and interruption.signal is None:
                self._advance()
        if self.step < self.total:
            return self._interrupted(interruption.signal)
        self._finish()
        return 0

    def _begin(self, lines: list[str]) -> None:
        trainer, total = self.trainer, self.total
        self.run.begin(self.experiment, lines, {
            "device": machine.describe(trainer.strategy), "seed": self.experiment.seed,
            "data": trainer.data.description, "data_fingerprint": fingerprint(self.experiment, trainer.data)})
        self.summaries = Summaries(self.run.path, self.experiment.log_every_steps)
        self.progress.say(f"{self.experiment.model} on {trainer.data.description}; "
                          f"{machine.describe(trainer.strategy)}; {total:,} steps, {total / self.rounds_per_epoch:.1f} "
                          f"epochs → {self.run.path}")
        if self.step:
            self.progress.say(f"resumed at step {self.step:,}")
            return
        self.summaries.describe(self.experiment, 0)
        real = self.pictures.real()
        images.write_png(self.run.real, real)
        self.summaries.grid("real", 0, real)
        self._sample()

    def _advance(self) -> None:
        """Plays some rounds, then does what is due at the step that they reach."""
        experiment = self.experiment
        intervals = {"sample": experiment.sample_every_steps, "checkpoint": experiment.checkpoint_every_steps,
                     "weights": experiment.histogram_every_steps}
        stop = next_stop(self.step, self.total, list(intervals.values()))
        count = min(self.pace.rounds, stop - self.step)
        start = time.perf_counter()
        played = self.trainer.play(self.step, count)
        seconds = time.perf_counter() - start
        self.pace.took(count, seconds)
        self._record(played, count, seconds)
        self._check_finite(played.metrics)
        due = {name for name, every in intervals.items() if self.step % every == 0 or self.step == self.total}
        if "weights" in due:
            gan = self.trainer.gan
            self.summaries.weights(self.step, [gan.generator, *gan.heads.values()])
        if "sample" in due:
            self._sample()
        if "checkpoint" in due:
            self._save()

    def _record(self, played, count: int, seconds: float) -> None:
        first_step, self.step = self.step, self.step + count
        self.history.append(played.metrics, seconds)
        if self.warm_step is not None or self.step >= self.total:  # the first call also builds the graph
            self.speeds.append(count * self.trainer.images_per_round / seconds)
        if self.warm_step is None:
            self.warm_step, self.warm_at = self.step, time.monotonic()
        self.summaries.metrics(first_step, played.metrics)
        if self.step // self.experiment.log_every_steps > first_step // self.experiment.log_every_steps:
            self.summaries.scores(self.step, played.real_scores, played.fake_scores)
        for row in self.history.epochs(self.rounds_per_epoch):
            if row["step"] > first_step:
                self.summaries.epoch(row)
        if self.speeds:
            speed = float(np.median(self.speeds[-20:]))
            self.summaries.speed(self.step, speed)
            self.progress.show(self.step, speed, self._seconds_left(), self.history)

    def _check_finite(self, metrics: dict[str, np.ndarray]) -> None:
        for name in sorted(metrics, key=lambda name: not name.startswith(OBJECTIVE)):  # what says most goes first
            values = metrics[name]
            checked = name in SERIES or self.experiment.precision != "mixed_float16"
            bad = np.flatnonzero(~np.isfinite(values))
            if not checked or not bad.size:
                continue
            name = self._in_words(name)
            kept = self.checkpoints.paths()
            step = self.step - len(values) + bad[0] + 1
            self._draw()
            self.summaries.flush()
            self.run.update(status="stopped", ended=now(), reason=f"{name} is {values[bad[0]]} at step {step}")
            self.progress.end_line()
            raise RunStopped(
                f"{name} is {values[bad[0]]} at step {step}. Last good checkpoint: "
                f"{kept[-1] if kept else 'none yet'}; curves: {self.run.curves}. Lower the learning rates or clip "
                "gradients (--discriminator_clip_…), in another --run_dir")

    def _in_words(self, name: str) -> str:
        """A metric's name for a person: "divergence estimate (F) of f_divergence("kl")", "generator loss"."""
        own = name.removeprefix(OBJECTIVE)
        label = self.trainer.objective.headline.get(own)
        whose = f" of {self.experiment.objective}" if own != name else ""
        return own.replace("_", " ") + (f" ({label})" if label else "") + whose

    def _sample(self) -> None:
        grid = self.pictures.generated(self.trainer.sample(self.fixed_noise))
        images.write_png(self.run.samples / f"step_{self.step:08d}.png", grid)
        self.summaries.grid("samples", self.step, grid)
        for traversal in self.traversals.grids() if self.trainer.gan.value_range else []:
            shown = picture(traversal, self.trainer.sample, self.trainer.gan.value_range)
            images.write_png(self.run.samples / f"traversal_{traversal.name}_step_{self.step:08d}.png", shown)
            self.summaries.grid(f"traversals/{traversal.name}", self.step, shown)

    def _save(self) -> None:
        self.checkpoints.save(self.trainer.checkpoint, self.step, self.history.arrays())
        if time.monotonic() - self.drawn > _SECONDS_BETWEEN_CURVES:
            self._draw()
        self.summaries.flush()
        self.run.update(**self._facts())

    def _draw(self) -> None:
        series = self.history.arrays()
        if self.step:
            plots.curves({"step": np.arange(1, self.step + 1), **{name: series[name] for name in SERIES}},
                         self.run.curves)
            self.history.write_epochs(self.run.epochs, self.rounds_per_epoch)
        self.drawn = time.monotonic()

    def _seconds_left(self) -> float:
        """By the clock since the first call ended, so that sampling and saving count too."""
        if self.step == self.warm_step:
            return (self.total - self.step) * self.trainer.images_per_round / self.speeds[-1]
        return (time.monotonic() - self.warm_at) / (self.step - self.warm_step) * (self.total - self.step)

    def _facts(self) -> dict:
        speed = {"images_per_s": round(float(np.median(self.speeds)), 1)} if self.speeds else {}
        return {"step": self.step, "seconds_training": round(self.history.seconds, 1),
                "seconds_session": round(time.monotonic() - self.started, 1), **speed}

    def _interrupted(self, signal) -> int:
        if self.step % self.experiment.checkpoint_every_steps:
            self._save()
        self._draw()
        self.run.update(status="interrupted", ended=now())
        self.progress.say(f"{signal.name}: saved at step {self.step:,}. To go on: {self.run.command()}")
        return 128 + signal

    def _finish(self) -> None:
        self._draw()
        self.summaries.flush()
        frames = [p for p in sorted(self.run.samples.glob("step_*.png")) if int(p.stem[5:]) <= self.step]
        plots.progress_gif(frames, self.run.progress)
        trainer, value_range = self.trainer, self.trainer.gan.value_range
        for name, sweep in self.traversals.sweeps() if value_range else []:
            plots.animation([picture(each, trainer.sample, value_range, small=True) for each in sweep],
                            self.run.path / f"sweep_{name}.gif")
        export(trainer.gan, trainer.latent, trainer.objective, str(self.run.export), generator=trainer.sampler,
               metadata={"flags": self.experiment.values(), "step": self.step})
        self.run.update(status="complete", ended=now(), **self._facts())
        self.progress.say(
            f"done in {duration(time.monotonic() - self.started)}.\n"
            f"  samples      {frames[-1]}   (all of them: {self.run.progress})\n"
            f"  curves       {self.run.curves}\n"
            f"  TensorBoard  tensorboard --logdir {self.run.path.parent}\n"
            f"  export       {self.run.export}   (python -m gan_zoo.sample --saved_model={self.run.export})")
