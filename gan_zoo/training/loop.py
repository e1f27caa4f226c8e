"""From an experiment to a trained, recorded and exported GAN."""

import time
from collections.abc import Sequence
from signal import Signals
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.data import Dataset
from gan_zoo.errors import RunStopped, UserError
from gan_zoo.experiment import Experiment
from gan_zoo.judging.series import GAME
from gan_zoo.judging.words import DIVERGED, Finding, Verdict
from gan_zoo.training import machine, plan
from gan_zoo.training.check_interval import interval
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.history import BROKEN, OBJECTIVE, SERIES, History
from gan_zoo.training.interruption import Interruption
from gan_zoo.training.monitor import Monitor, use
from gan_zoo.training.pace import Pace, Speed, next_stop
from gan_zoo.training.progress import Progress, duration
from gan_zoo.training.records import Records
from gan_zoo.training.run_directory import RunDirectory, now
from gan_zoo.training.trainer import Trainer

_BEST = {"frechet": "Fréchet distance", "coverage": "coverage"}


class Ended(NamedTuple):
    """How far a run has come.

    exported: the step whose weights the networks have: of a complete run that of its export. signal: what interrupted
    it, or None.
    """

    trainer: Trainer
    history: History
    step: int
    exported: int
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


class _Enough(NamedTuple):
    """Why a run ends. reason: "" if all rounds are played. way_on: what makes it go on. is_alarm: if it must not."""

    reason: str
    way_on: str
    is_alarm: bool = False


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
        self._seconds_before = self.history.seconds
        if restored and restored.judged and not self.monitor:
            raise UserError(f"--evaluate_every_steps=0 would lose the checks of {run.path} and its best generator: "
                            "leave it out, or name another --run_dir")
        if self.monitor and restored:
            self.monitor.restore(restored.judged)

    def go(self) -> Ended:
        total = self.plan.steps
        enough = self._enough()
        if enough and not enough.is_alarm and self._is_complete():
            self.progress.say(f"{self.run.path} is complete: {self.step:,} of {total:,} steps. {enough.way_on}")
            return Ended(self.trainer, self.history, self.step, self._use_best())
        self._begin()
        with Interruption() as interruption:
            while interruption.signal is None and not (enough := self._enough()):
                self._advance()
        if not enough:
            assert interruption.signal
            return self._interrupted(interruption.signal)
        return Ended(self.trainer, self.history, self.step, self._finish(enough))

    def _is_complete(self) -> bool:
        """Whether nothing is left to do, if no round is; --export may ask for another step than was exported."""
        record = self.run.record
        return record.get("status") == "complete" and record.get("exported_step", self.step) == self._to_export()

    def _enough(self) -> "_Enough | None":
        """Why no further round is played, or None."""
        monitor, experiment = self.monitor, self.experiment
        if self.step >= self.plan.steps:
            return _Enough("", "Raise --steps or --epochs to go on.")
        if monitor and experiment.patience and monitor.checks_since_best >= experiment.patience:
            return _Enough(f"{experiment.patience} checks without a better one", "Raise --patience to go on.")
        if monitor and experiment.on_alarm == "stop" and monitor.finding and monitor.finding.is_fault:
            return _Enough(str(monitor.finding), "--on_alarm=warn goes on.", is_alarm=True)
        return None

    def _begin(self) -> None:
        plan_, total, device = self.plan, self.plan.steps, machine.describe(self.trainer.strategy)
        self.run.begin(self.experiment, {
            "command": self.command, "device": device, "seed": self.experiment.seed, "data": plan_.data.description,
            "data_fingerprint": plan.fingerprint(plan_)})
        self.records = Records(self.run, self.trainer, self.history, self.monitor)
        headline = {OBJECTIVE + name: label for name, label in plan_.objective.headline.items()}
        self.progress.begin(total, plan_.rounds_per_epoch, headline)
        self.progress.say(f"{self.experiment.model} on {plan_.data.description}; {device}; {total:,} steps, "
                          f"{total / plan_.rounds_per_epoch:.1f} epochs → {self.run.path}")
        for notice in plan_.notices:
            self.progress.say(notice)
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
        monitor = self.monitor
        assert monitor
        before = monitor.finding
        found = monitor.check(self.step, self.history.means(monitor.last_step, GAME))
        self.records.check(self.step, found)
        if monitor.finding and (before is None or monitor.finding.verdict != before.verdict):
            self.records.verdict(monitor.verdicts[-1])
            if monitor.finding.is_fault:
                self.progress.say(f"at step {self.step:,}: {monitor.finding}")

    def _show(self) -> None:
        speed, finding = self.speed.now, self.monitor.finding if self.monitor else None
        if speed is not None:
            self.records.speed(self.step, speed)
            self.progress.show(self.step, speed, self.speed.seconds_left(self.step, self.plan.steps), self.history,
                               finding.short if finding else "")

    def _check_finite(self, metrics: dict[str, np.ndarray]) -> None:
        """Ends the run at the first round that has a number that is not finite."""
        # Gradients in half precision overflow now and then; the loss scale answers that.
        half = self.experiment.precision == "mixed_float16"
        checked = [name for name in metrics if name in SERIES or not half]
        bad = {name: np.flatnonzero(~np.isfinite(metrics[name])) for name in checked}
        found = [(rounds[0], not name.startswith(OBJECTIVE), name) for name, rounds in bad.items() if rounds.size]
        if found:
            first, _, name = min(found, key=lambda each: each[:2])  # in a round, what says most
            step = self.step - len(metrics[name]) + int(first) + 1
            about = next((f"gradient of the {player.name}'s {player.variables[last].path}"
                          for player in self.trainer.players if name.startswith(f"gradients/{player.name}_norm")
                          and (last := int(metrics[BROKEN + player.name][first])) >= 0), self._in_words(name))
            self._diverged(step, Finding(DIVERGED, about, f"it is {metrics[name][first]}"))

    def _diverged(self, step: int, finding: Finding) -> None:
        kept = self.checkpoints.paths()
        reason = f"{finding.about} {finding.evidence.removeprefix('it ')} at step {step}"
        self.records.verdict(Verdict(step, finding))
        said = [each.record() for each in self.monitor.verdicts] if self.monitor else []
        self.records.draw()
        self.records.flush()
        self.run.update(status="stopped", ended=now(), reason=reason, **self._judged() | {
            "verdict": finding.short, "verdicts": [*said, Verdict(step, finding).record()]})
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
                **self._judged(), **({} if speed is None else {"images_per_s": round(speed, 1)})}

    def _interrupted(self, number: Signals) -> Ended:
        if self.step % self.experiment.checkpoint_every_steps:
            self._save()
        self.records.draw()
        self.run.update(status="interrupted", ended=now())
        self.progress.say(f"{number.name}: saved at step {self.step:,}. To go on: {self.run.command()}")
        return Ended(self.trainer, self.history, self.step, self.step, number)

    def _judged(self) -> dict:
        """What run.json says of the checks. Their share is of this session's time of training and checking."""
        if not self.monitor:
            return {}
        facts, seconds = self.monitor.facts(), self.monitor.seconds
        whole = self.history.seconds - self._seconds_before + seconds
        facts["evaluation"] |= {"seconds_session": round(seconds, 2),
                                "share": round(seconds / whole, 4) if whole > 0 else 0.0}
        return facts

    def _use_best(self) -> int:
        """Gives the networks that are exported the weights that they are exported with; the step of these."""
        step = self._to_export()
        if step != self.step:
            assert self.monitor
            assert self.monitor.best
            use(self.monitor.best, self.trainer)
        return step

    def _to_export(self) -> int:
        """The step of the weights that are exported if the run ends now."""
        best = self.monitor.best if self.monitor and self.experiment.export == "best" else None
        return best.step if best else self.step

    def _finish(self, enough: _Enough) -> int:
        """Pictures, export and the last lines; returns the step of what is exported."""
        if self.step % self.experiment.checkpoint_every_steps and self.step < self.plan.steps:
            self._save()
        step = self._use_best()
        last = self.records.finish(self.step, step)
        self.run.update(status="stopped" if enough.is_alarm else "complete", ended=now(), reason=enough.reason,
                        exported_step=step, **self._facts())
        if enough.is_alarm:
            self.progress.say("\n".join(self._about_best(step)))
            raise RunStopped(f"stopped at step {self.step:,}: {enough.reason} in another --run_dir. The export "
                             f"{self.run.export} is of step {step:,}; {enough.way_on}")
        took = duration(time.monotonic() - self.started)
        lines = [f"done in {took}: {enough.reason}" if enough.reason else f"done in {took}.",
                 f"  samples      {last}   (all of them: {self.run.progress})",
                 f"  curves       {self.run.curves}", *self._about_best(step),
                 f"  TensorBoard  tensorboard --logdir {self.run.path.parent}",
                 f"  export       {self.run.export}   (python -m gan_zoo.sample --saved_model={self.run.export})"]
        self.progress.say("\n".join(lines))
        return step

    def _about_best(self, step: int) -> list[str]:
        """Lines about the best check and the verdict."""
        if not self.monitor or not self.monitor.best or not self.monitor.finding:
            return []
        best, metric = self.monitor.best, self.experiment.best_metric
        last = self.monitor.series[metric][-1]
        exported = "exported" if step == best.step else f"--export=best exports it, not step {step:,}"
        return [f"  best         {_BEST[metric]} {best.value:.2f} at step {best.step:,} ({exported}), {last:.2f} at "
                "the end; real images: 1", f"  verdict      {self.monitor.finding}"]
