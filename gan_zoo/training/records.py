"""What a run leaves for people: TensorBoard, pictures, curves, the table of epochs, the export."""

import itertools
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gan_zoo.drawing import animations, curves, images
from gan_zoo.drawing.samples import pictures
from gan_zoo.drawing.traversals import Traversals, picture
from gan_zoo.export import export
from gan_zoo.judging.words import DIVERGED, Verdict
from gan_zoo.training.history import OBJECTIVE, SERIES, History
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.summaries import Summaries
from gan_zoo.training.trainer import Played, Trainer

_SECONDS_BETWEEN_CURVES = 30.0
_CURVES_SHARE = 0.01  # of the time that drawing them may take, about a second each


class Records:
    """The history of a run, and what is written of it into its folder.

    history: as far as the run has come. monitor: its checks, None if there are none.
    """

    def __init__(self, run: RunDirectory, trainer: Trainer, history: History, monitor: Monitor | None,
                 pending: Mapping[str, np.ndarray] | None = None):
        """pending: what `pending` gave before."""
        plan = trainer.plan
        self.run, self.trainer, self.history = run, trainer, history
        self._epochs = len(history.epochs(plan.rounds_per_epoch))
        # Of epochs shorter than a point of the other scalars, TensorBoard gets as many as of these.
        self._each = max(1, round(plan.experiment.log_every_steps / plan.rounds_per_epoch))
        self._summaries = Summaries(run.path, plan.experiment.log_every_steps, history.rounds, self._epochs, pending,
                                    run.name)
        self._drawn, self._drawing = time.monotonic(), 0.0  # when the curves were drawn, and for how long
        self._monitor = monitor
        self._newest_verdict: Verdict | None = None
        self._pictures = pictures(plan.data, trainer.gan.value_range, plan.experiment.sample_count, plan.label)
        self._fixed = self._pictures.latents(plan.latent, trainer.key("samples"))
        # Every code goes through its values from these ten rows of noise; of points there are no pictures of codes.
        few = plan.latent.sample(10, trainer.key("traversals").pair(0)).noise
        self._traversals = Traversals(plan.latent, few, plan.label) if trainer.gan.value_range else None

    def begin(self) -> None:
        """The flags, real images, and samples of the untrained generator."""
        self._summaries.describe(self.trainer.plan.experiment, 0)
        real = self._pictures.real()
        images.write_png(self.run.real, real)
        self._summaries.grid("real", 0, real)
        self.sample(0)

    def add(self, first_step: int, played: Played, seconds: float) -> None:
        """The rounds of a call."""
        self.history.append(played.metrics, seconds)
        self._summaries.metrics(first_step, played.metrics)
        rows = self.history.epochs(self.trainer.plan.rounds_per_epoch)
        for row in itertools.islice(rows, self._epochs, None):
            if row["epoch"] % self._each == 0:
                self._summaries.epoch(row)
        self._epochs = len(rows)

    def pending(self) -> dict[str, np.ndarray]:
        """What a checkpoint has to hold for TensorBoard; all else is on the disk when this returns."""
        self._summaries.flush()
        return self._summaries.state()

    def speed(self, step: int, images_per_s: float) -> None:
        self._summaries.speed(step, images_per_s)

    def check(self, step: int, statistics: dict[str, float]) -> None:
        """The statistics of a check."""
        self._summaries.check(step, statistics)

    def verdict(self, verdict: Verdict) -> None:
        """A verdict that is new."""
        self._summaries.verdict(verdict.step, f"{verdict.finding}")
        self._newest_verdict = verdict

    def histograms(self, step: int, played: Played) -> None:
        """Histograms of all weights, and of the scores in the last round."""
        self._summaries.scores(step, played.real_scores, played.generated_scores)
        self._summaries.weights(step, [self.trainer.gan.generator, *self.trainer.gan.judges])

    def sample(self, step: int) -> None:
        """The fixed noise, decoded, and what codes do."""
        grid = self._pictures.generated(self.trainer.sample(self._fixed))
        images.write_png(self.run.samples / f"step_{step:08d}.png", grid)
        self._summaries.grid("samples", step, grid)
        for traversal in self._traversals.grids() if self._traversals else []:
            shown = picture(traversal, self.trainer.sample, self.trainer.gan.value_range)
            images.write_png(self.run.samples / f"traversal_{traversal.name}_step_{step:08d}.png", shown)
            self._summaries.grid(f"traversals/{traversal.name}", step, shown)

    def draw_now_and_then(self) -> None:
        """The curves, if it is a while since they were drawn."""
        if time.monotonic() - self._drawn > max(_SECONDS_BETWEEN_CURVES, self._drawing / _CURVES_SHARE):
            self.draw()

    def close(self) -> None:
        """Ends TensorBoard's file."""
        self._summaries.close()

    def draw(self) -> None:
        """The curves and the table of epochs."""
        began = time.monotonic()
        series, rounds = self.history.arrays(), self.history.rounds
        if rounds:
            curves.curves({"step": np.arange(1, rounds + 1), **{name: series[name] for name in SERIES}},
                          self.run.curves, title=f"{self.run.name}, step {rounds:,}", checks=self._checks(),
                          watched=self._watched(series))
            self.history.write_epochs(self.run.epochs, self.trainer.plan.rounds_per_epoch)
        self._drawn = time.monotonic()
        self._drawing = self._drawn - began

    def _watched(self, series: Mapping[str, np.ndarray]) -> list[curves.Watched]:
        """What the curves show of the objective."""
        objective = self.trainer.plan.objective
        return [curves.Watched(label, series[OBJECTIVE + name], objective.limits.get(name))
                for name, label in objective.headline.items() if OBJECTIVE + name in series]

    def _checks(self) -> curves.Checks | None:
        """What the curves show of the checks."""
        if not self._monitor or not self._monitor.verdicts:
            return None
        series, floor, verdicts = self._monitor.series, self._monitor.checks.floor, list(self._monitor.verdicts)
        last = self._newest_verdict
        if last and last.finding.verdict == DIVERGED:  # no check has found that
            verdicts.append(last)
        changes = [curves.Change(step, finding.short, finding.is_fault) for step, finding in verdicts]
        return curves.Checks(series["step"], series["frechet"], series["coverage"], changes,
                             (floor.frechet, floor.coverage))

    def finish(self, step: int, exported_step: int) -> list[str]:
        """The last curves, the export and the animations; returns what of these could not be made, in words.

        exported_step: whose weights the networks have by now.
        """
        self.draw()
        self._summaries.finish()
        trainer, run = self.trainer, self.run
        export(trainer.gan, trainer.plan.latent, trainer.plan.objective, str(run.export), label=trainer.plan.label,
               generator=trainer.sampler, metadata={"flags": trainer.plan.experiment.values(), "step": exported_step})
        for name, sweep in self._traversals.sweeps() if self._traversals else []:
            animations.animation([picture(each, trainer.sample, trainer.gan.value_range, small=True) for each in sweep],
                            run.path / f"sweep_{name}.gif")
        if not self.grids(step):  # somebody has taken them away
            return []
        unread = animations.progress_gif(self._frames(step), run.progress)
        return [f"{run.progress} is without {path}, which can't be read" for path in unread]

    def _frames(self, step: int) -> list[Path]:
        """At most 60 of the grids, evenly spread over the rounds: a run that was made longer began with more."""
        grids = self.grids(step)
        steps = np.array([int(path.stem[5:]) for path in grids])
        wanted = np.linspace(steps[0], steps[-1], min(len(grids), animations.FRAMES))
        nearest = np.abs(steps - wanted[:, np.newaxis]).argmin(axis=1)
        return [grids[index] for index in np.unique(nearest)]

    def grids(self, step: int) -> list[Path]:
        """The grids of samples up to a step, oldest first."""
        numbered = {path: path.stem[5:] for path in self.run.samples.glob("step_*.png")}
        return sorted((path for path, text in numbered.items() if text.isdigit() and int(text) <= step),
                      key=lambda path: int(numbered[path]))
