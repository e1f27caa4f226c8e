"""From an experiment to a trained, recorded and exported GAN."""

import time
from collections.abc import Sequence
from signal import Signals
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.data import Dataset
from gan_zoo.errors import RunStopped
from gan_zoo.experiment import Experiment
from gan_zoo.training import machine, plan
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.history import OBJECTIVE, SERIES, History
from gan_zoo.training.interruption import Interruption
from gan_zoo.training.monitor import Monitor, interval
from gan_zoo.training.pace import Pace, Speed, next_stop
from gan_zoo.training.progress import Progress, duration
from gan_zoo.training.records import Records
from gan_zoo.training.run_directory import RunDirectory, now
from gan_zoo.training.trainer import Trainer


class Ended(NamedTuple):
    """How far a run has come. signal: what interrupted it, or None if it is complete."""

    trainer: Trainer
    history: History
    step: int
    signal: Signals | None = None


def train(experiment: Experiment, strategy: tf.distribute.Strategy, dataset: Dataset | None = None,
          progress: Progress | None = None, command: Sequence[str] = ()) -> Ended:
    """Trains, resumes or finishes the run in experiment.run_dir.

    strategy: from machine.prepare. dataset: in place of what --dataset names. progress: shows how far it is.
    command: what was typed, for the record. Raises UserError for what the user can mend, before anything is written
    there, and RunStopped if a loss is not finite.
    """
    if experiment.run_dir is None:
        raise ValueError("a run needs a folder: set run_dir")
    run = RunDirectory(experiment.run_dir)
    run.check_path()
    planned = plan.plan(plan.draft(experiment), dataset)
    run.check(planned.experiment, plan.fingerprint(planned), planned.needs_total)
    trainer = Trainer(planned, strategy)
    run.claim()
    try:
        return _Run(run, trainer, progress or Progress(), command).go()
    finally:
        run.release()


class _Run:
    """One run: the trainer, its records, and the step that they have reached."""

    def __init__(self, run: RunDirectory, trainer: Trainer, progress: Progress, command: Sequence[str]):
        self.run, self.trainer, self.plan, self.progress = run, trainer, trainer.plan, progress
        self.command = list(command)
        self.experiment = self.plan.experiment
        self.checkpoints = Checkpoints(run.checkpoints, self.experiment.keep_checkpoints)
        self.pace, self.speed = Pace(self.experiment.rounds_per_call), Speed()
        self.started = time.monotonic()
        self.monitor = Monitor(trainer) if interval(trainer) else None
        restored = self.checkpoints.restore(trainer.checkpoint)
        self.step = restored.step if restored else 0
        self.history = History(restored.history if restored else None)
        if self.monitor and restored:
            self.monitor.restore(restored.judged)

    def go(self) -> Ended:
        total = self.plan.steps
        if self.step >= total and self.run.record.get("status") == "complete":
            self.progress.say(f"{self.run.path} is complete: {self.step:,} of {total:,} steps. "
                              "Raise --steps or --epochs to go on.")
            return Ended(self.trainer, self.history, self.step)
        self._begin()
        with Interruption() as interruption:
            while self.step < total and interruption.signal is None:
                self._advance()
        if self.step < total:
            return self._interrupted(interruption.signal)
        self._finish()
        return Ended(self.trainer, self.history, self.step)

    def _begin(self) -> None:
        plan_, total, device = self.plan, self.plan.steps, machine.describe(self.trainer.strategy)
        self.run.begin(self.experiment, {
            "command": self.command, "device": device, "seed": self.experiment.seed, "data": plan_.data.description,
            "data_fingerprint": plan.fingerprint(plan_)})
        self.records = Records(self.run, self.trainer, self.history)
        headline = {OBJECTIVE + name: label for name, label in plan_.objective.headline.items()}
        self.progress.begin(total, plan_.rounds_per_epoch, headline)
        self.progress.say(f"{self.experiment.model} on {plan_.data.description}; {device}; {total:,} steps, "
                          f"{total / plan_.rounds_per_epoch:.1f} epochs → {self.run.path}")
        if self.step:
            self.progress.say(f"resumed at step {self.step:,}")
        else:
            self.records.begin()

    def _advance(self) -> None:
        """Plays some rounds, then does what is due at the step that they reach."""
        experiment = self.experiment
        intervals = {"sample": experiment.sample_every_steps, "checkpoint": experiment.checkpoint_every_steps,
                     "weights": experiment.histogram_every_steps}
        intervals |= {"check": self.monitor.every} if self.monitor else {}
        first_step = self.step
        count = min(self.pace.rounds, next_stop(first_step, self.plan.steps, list(intervals.values())) - first_step)
        start = time.perf_counter()
        played = self.trainer.play(first_step, count)
        seconds = time.perf_counter() - start
        self.step += count
        self.pace.took(count, seconds)
        self.speed.took(count * self.plan.images_per_round, seconds, self.step, self.plan.steps)
        self.records.add(first_step, played, count, seconds)
        self._show()
        self._check_finite(played.metrics)
        due = {name for name, every in intervals.items() if self.step % every == 0 or self.step == self.plan.steps}
        if "weights" in due:
            self.records.weights(self.step)
        if "sample" in due:
            self.records.sample(self.step)
        if "check" in due:
            self._check()
        if "checkpoint" in due:
            self._save()

    def _check(self) -> None:
        assert self.monitor
        self.records.check(self.step, self.monitor.check(self.step))

    def _show(self) -> None:
        speed = self.speed.now
        if speed is not None:
            self.records.speed(self.step, speed)
            self.progress.show(self.step, speed, self.speed.seconds_left(self.step, self.plan.steps), self.history)

    def _check_finite(self, metrics: dict[str, np.ndarray]) -> None:
        for name in sorted(metrics, key=lambda name: not name.startswith(OBJECTIVE)):  # what says most goes first
            values = metrics[name]
            # Gradients in half precision overflow now and then; the loss scale answers that.
            checked = name in SERIES or self.experiment.precision != "mixed_float16"
            bad = np.flatnonzero(~np.isfinite(values))
            if checked and bad.size:
                self._stop(f"{self._in_words(name)} is {values[bad[0]]} at step {self.step - len(values) + bad[0] + 1}")

    def _stop(self, reason: str) -> None:
        kept = self.checkpoints.paths()
        self.records.draw()
        self.records.flush()
        self.run.update(status="stopped", ended=now(), reason=reason)
        self.progress.end_line()
        raise RunStopped(f"{reason}. Last good checkpoint: {kept[-1] if kept else 'none yet'}; curves: "
                         f"{self.run.curves}. Lower the learning rates or clip gradients (--discriminator_clip_…), in "
                         "another --run_dir")

    def _in_words(self, name: str) -> str:
        """A metric's name for a person: "divergence estimate (F) of f_divergence("kl")", "generator loss"."""
        own = name.removeprefix(OBJECTIVE)
        label = self.plan.objective.headline.get(own)
        whose = f" of {self.experiment.objective}" if own != name else ""
        return own.replace("_", " ") + (f" ({label})" if label else "") + whose

    def _save(self) -> None:
        self.checkpoints.save(self.trainer.checkpoint, self.step, self.history.arrays(),
                              self.monitor.state() if self.monitor else None)
        self.records.flush()
        self.run.update(**self._facts())

    def _facts(self) -> dict:
        speed = self.speed.median
        return {"step": self.step, "seconds_training": round(self.history.seconds, 1),
                "seconds_session": round(time.monotonic() - self.started, 1),
                **({} if speed is None else {"images_per_s": round(speed, 1)})}

    def _interrupted(self, number: Signals) -> Ended:
        if self.step % self.experiment.checkpoint_every_steps:
            self._save()
        self.records.draw()
        self.run.update(status="interrupted", ended=now())
        self.progress.say(f"{number.name}: saved at step {self.step:,}. To go on: {self.run.command()}")
        return Ended(self.trainer, self.history, self.step, number)

    def _finish(self) -> None:
        last = self.records.finish(self.step)
        self.run.update(status="complete", ended=now(), **self._facts())
        self.progress.say(
            f"done in {duration(time.monotonic() - self.started)}.\n"
            f"  samples      {last}   (all of them: {self.run.progress})\n"
            f"  curves       {self.run.curves}\n"
            f"  TensorBoard  tensorboard --logdir {self.run.path.parent}\n"
            f"  export       {self.run.export}   (python -m gan_zoo.sample --saved_model={self.run.export})")
