"""One run in its folder: rounds, and what is due between them; its checkpoints, its records, and how it ends."""

import contextlib
import time
from collections.abc import Sequence
from signal import SIGPIPE, Signals
from typing import NamedTuple

import tensorflow as tf

from gan_zoo.errors import Diverged, RunStopped, UserError, WorkerLost
from gan_zoo.export.checksums import checksum
from gan_zoo.judging.advice import advised
from gan_zoo.judging.series import GAME
from gan_zoo.judging.words import Verdict
from gan_zoo.training import divergence, ends, first_words, initial, last_words, machine, plan, storage
from gan_zoo.training.check_interval import interval
from gan_zoo.training.checkpoints import Checkpoints, step_of
from gan_zoo.training.ends import RolledBack
from gan_zoo.training.enough import Enough, reached
from gan_zoo.training.history import OBJECTIVE, History
from gan_zoo.training.interruption import Interruption
from gan_zoo.training.monitor import Monitor, use
from gan_zoo.training.pace import Pace, Speed, next_stop
from gan_zoo.training.profiling import Profiler
from gan_zoo.training.progress import Progress
from gan_zoo.training.records import Records
from gan_zoo.training.run_directory import RunDirectory, Tie
from gan_zoo.training.trainer import Trainer
from gan_zoo.training.workers import Action, Order, Workers


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


class OneRun:
    """One run: the trainer, its records, and the step that they have reached."""

    def __init__(self, run: RunDirectory, trainer: Trainer, progress: Progress, command: Sequence[str],
                 forecast: bool = False, workers: Workers | None = None):
        self.workers = workers or Workers(trainer.strategy)
        self.run, self.trainer, self.plan, self.progress = run, trainer, trainer.plan, progress
        self.command = list(command)
        self.experiment = self.plan.experiment
        keep = storage.kept(self.experiment.keep_checkpoints, trainer.state_bytes)
        self.checkpoints = Checkpoints(run.checkpoints, keep, Tie.of(run.record))
        self.pace, self.speed = Pace(self.experiment.rounds_per_call), Speed()
        self.started = time.monotonic()
        self.monitor = Monitor(trainer) if interval(trainer) else None
        restored = self.checkpoints.restore(trainer.checkpoint)
        run.check_step(restored.step if restored else None)
        self.step = restored.step if restored else 0
        self.checkpoints.tie = run.tie(self.step)
        self.history = History(restored.history if restored else None)
        self._pending = restored.pending if restored else {}
        self._from: dict = {}  # where the first weights come from
        self._seconds_before = self.history.seconds
        if restored and restored.judged and not self.monitor:
            raise UserError(f"--evaluate_every_steps=0 would lose the checks of {run.path} and its best generator: "
                            "leave it out, or name another --run_dir")
        if self.monitor and restored:
            self.monitor.restore(restored.judged)
        self.profiler = Profiler(self.experiment.profile_steps, run.path, self.step,
                                 run.record.get("flags", {}).get("profile_steps"))
        self._notes, self._forecast = list(self.plan.notices), forecast
        if self.experiment.init_from and not restored:
            self._from, notes = initial.begin_from(trainer, self.experiment.init_from)
            self._notes += notes

    def go(self) -> Ended:
        """Whatever ends it, run.json says so, as far as the disk allows, and so do the other workers."""
        try:
            with ends.recorded(self.run, self.progress), contextlib.closing(self.profiler):
                return self._go()
        except (WorkerLost, RolledBack, tf.errors.OpError):  # no orders can be given any more, or these are others
            raise
        except BaseException as error:
            with contextlib.suppress(WorkerLost):
                self.workers.tell(Order(Action.END, code=getattr(error, "exit_code", 1)))
            raise

    def _go(self) -> Ended:
        enough = self._enough()
        if enough and not enough.is_alarm and self._is_complete():
            if not self.run.flags.exists():
                self.run.write_flags(self.experiment)
            self.progress.say(f"{self.run.path} is complete: {self.step:,} of {self.plan.steps:,} steps. "
                              f"{enough.way_on}")
            return Ended(self.trainer, self.history, self.step, self._use_best())
        with Interruption() as interruption:
            self._begin()
            while not (enough := self._enough()):
                order = self._next()
                if wish := self.workers.tell(order, self._wish(interruption)):
                    return self._interrupted(wish)
                self._advance(order)
            return Ended(self.trainer, self.history, self.step, self._finish(enough))

    def _wish(self, interruption: Interruption) -> Signals | None:
        """What asks the run to stop and save."""
        return SIGPIPE if self.progress.is_closed else interruption.signal

    def _is_complete(self) -> bool:
        """Whether nothing is left to do, if no round is; --export may ask for another step than was exported."""
        record = self.run.record
        if record.get("status") != "complete" or record.get("exported_step", self.step) != self._to_export():
            return False
        wrong = self.run.export_fault()
        if wrong:
            self.progress.say(f"{self.run.export} {wrong}: it is made again")
        return not wrong

    def _enough(self) -> Enough | None:
        return reached(self.plan, self.step, self.monitor)

    def _begin(self) -> None:
        plan_, total, device = self.plan, self.plan.steps, machine.describe(self.trainer.strategy)
        self.run.begin(self.experiment, {
            "command": self.command, "device": device, "seed": self.experiment.seed, "data": plan_.data.description,
            "data_fingerprint": plan.identity(plan_), **({"init_from": self._from} if self._from else {})})
        self.records = Records(self.run, self.trainer, self.history, self.monitor, self._pending)
        headline = {OBJECTIVE + name: label for name, label in plan_.objective.headline.items()}
        self.progress.begin(total, plan_.rounds_per_epoch, headline)
        said = [*first_words.lines(self.run, self.trainer, device, self.checkpoints.keep), self.progress.legend]
        for line in [*said, *self._notes]:
            self.progress.say(line)
        if self._forecast and self.workers.count == 1:
            self.progress.say(first_words.forecast(self.trainer, self.step))
        if self.step:
            self.progress.say(f"resumed at step {self.step:,}")
            return
        self.records.begin()
        if self._from:
            at = f", step {self._from['step']:,}" if self._from["step"] is not None else ""
            self.progress.say(f"begins with the weights of {self._from['path']}{at}")
            self._save()  # from now on that is not needed any more, and may change

    def _intervals(self) -> dict[str, int]:
        """Rounds between what is done beside them."""
        intervals = {"sample": self.plan.sample_every, "checkpoint": self.experiment.checkpoint_every_steps,
                     "histograms": self.experiment.histogram_every_steps}
        return intervals | ({"check": self.monitor.every} if self.monitor else {})

    def _next(self) -> Order:
        """The rounds that are played in the next call."""
        turns = [*divergence.turns(self.run.record), *self.profiler.stops]
        end = next_stop(self.step, self.plan.steps, list(self._intervals().values()), turns)
        rounds = min(self.pace.rounds, end - self.step)
        return Order(Action.PLAY, rounds, divergence.factor(self.run.record, self.step))

    def _end_profile(self) -> None:
        if self.profiler.end(self.step):
            self.progress.say(f"profile of --profile_steps={self.experiment.profile_steps}, for TensorBoard's plugin "
                              f"xprof: {self.run.path}/plugins")

    def _advance(self, order: Order) -> None:
        """Plays some rounds, then does what is due at the step that they reach."""
        first_step, count = self.step, order.rounds
        self.trainer.slow_down(order.factor)
        self.profiler.begin(first_step)
        start = time.perf_counter()
        with self.workers.watched():
            played = self.trainer.play(first_step, count)
        seconds = time.perf_counter() - start
        self.step += count
        self._end_profile()
        self.pace.took(count, seconds)
        self.records.add(first_step, played, seconds)
        self.speed.took(count * self.plan.images_per_round, self.step)
        self._show()
        self._check_finite(divergence.in_rounds(self.trainer, first_step, played.metrics))
        due = {name for name, every in self._intervals().items()
               if self.step % every == 0 or self.step == self.plan.steps}
        if "histograms" in due:
            self.records.histograms(self.step, played)
        if "sample" in due:
            self.records.sample(self.step)
        if "check" in due:
            self._check()
        if "checkpoint" in due:
            self._save()
            self.records.draw_now_and_then()

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
                               finding)

    def _check_finite(self, broken: divergence.Broken | None) -> None:
        """Ends the run, or takes it back, if something is not finite."""
        if broken is None:
            return
        kept = self.checkpoints.paths()
        last = kept[-1] if kept else None
        replay = divergence.write_post_mortem(self.run, broken, last.name if last else None, self.history.arrays())
        verdict = Verdict(broken.step, advised(broken.finding, self.experiment))
        self.records.verdict(verdict)
        self.records.draw()
        self.records.close()
        self.progress.end_line()
        if self.experiment.on_nan == "rollback" and divergence.may_roll_back(self.run.record):
            back = divergence.roll_back(self.run, broken, step_of(last) if last else 0)
            self.progress.say(f"{broken}: back to step {back['to']:,}, at {back['factor']:g} of the learning rates")
            raise RolledBack
        said = [each.record() for each in self.monitor.verdicts] if self.monitor else []
        self.run.end("stopped", str(broken), **self._judged() | {
            "verdict": broken.finding.short, "verdicts": [*said, verdict.record()]})
        raise Diverged(f"{broken}. {last_words.kept(self.checkpoints.folder)} Curves: {self.run.curves}; the round "
                       f"again: {replay}. Lower the learning rates or clip gradients (--discriminator_clip_…) in "
                       "another --run_dir, or go on with --on_nan=rollback")

    def _save(self) -> None:
        """A checkpoint, of which all that TensorBoard shows so far is on the disk already."""
        self._check_finite(divergence.in_state(self.trainer, self.step))
        self.checkpoints.save(self.trainer.checkpoint, self.step, self.history.arrays(),
                              self.monitor.state() if self.monitor else None, self.records.pending())
        self.run.update(**self._facts())

    def _facts(self) -> dict:
        speed = self.speed.mean
        return {"step": self.step, "seconds_training": round(self.history.seconds, 1),
                "seconds_session": round(time.monotonic() - self.started, 1),
                **self._judged(), **({} if speed is None else {"images_per_s": round(speed, 1)})}

    def _interrupted(self, number: Signals) -> Ended:
        if self.step % self.experiment.checkpoint_every_steps:
            self._save()
        self.records.draw()
        self.records.close()
        self.run.end("interrupted", number.name)
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

    def _finish(self, enough: Enough) -> int:
        """Pictures, export and the last lines; returns the step of what is exported."""
        if self.step % self.experiment.checkpoint_every_steps and self.step < self.plan.steps:
            self._save()
        step = self._use_best()
        notices = self.records.finish(self.step, step)
        self.run.end("stopped" if enough.is_alarm else "complete", enough.reason, exported_step=step,
                     export_checksum=checksum(str(self.run.export)), **self._facts())
        for notice in notices:
            self.progress.say(f"note: {notice}")
        best = last_words.best(self.monitor, self.plan.best_metric, step)
        if enough.is_alarm:
            self.progress.say("\n".join(best))
            raise RunStopped(f"stopped at step {self.step:,}: {enough.reason} in another --run_dir. The export "
                             f"{self.run.export} is of step {step:,}; {enough.way_on}")
        took = time.monotonic() - self.started
        grids = self.records.grids(self.step)
        self.progress.say("\n".join(last_words.done(self.run, took, enough.reason, grids[-1:], best)))
        return step
