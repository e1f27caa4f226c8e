"""What a run leaves for people: TensorBoard, pictures, curves, the table of epochs, the export."""

import time

import numpy as np

from gan_zoo.drawing import images, plots
from gan_zoo.drawing.samples import pictures
from gan_zoo.drawing.traversals import Traversals, picture
from gan_zoo.export import export
from gan_zoo.judging.words import Verdict
from gan_zoo.training.history import SERIES, History
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.summaries import Summaries
from gan_zoo.training.trainer import Played, Trainer

_SECONDS_BETWEEN_CURVES = 30.0  # drawing takes about a second


class Records:
    """The history of a run, and what is written of it into its folder.

    history: as far as the run has come. monitor: its checks, None if there are none.
    """

    def __init__(self, run: RunDirectory, trainer: Trainer, history: History, monitor: Monitor | None):
        plan = trainer.plan
        self.run, self.trainer, self.history = run, trainer, history
        self._every = plan.experiment.log_every_steps
        self._summaries = Summaries(run.path, self._every)
        self._drawn = time.monotonic()
        self._monitor = monitor
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

    def add(self, first_step: int, played: Played, count: int, seconds: float) -> None:
        """The rounds of a call."""
        step = first_step + count
        self.history.append(played.metrics, seconds)
        self._summaries.metrics(first_step, played.metrics)
        if step // self._every > first_step // self._every:
            self._summaries.scores(step, played.real_scores, played.generated_scores)
        for row in self.history.epochs(self.trainer.plan.rounds_per_epoch):
            if row["step"] > first_step:
                self._summaries.epoch(row)

    def speed(self, step: int, images_per_s: float) -> None:
        self._summaries.speed(step, images_per_s)

    def check(self, step: int, statistics: dict[str, float]) -> None:
        """The statistics of a check."""
        self._summaries.check(step, statistics)

    def verdict(self, verdict: Verdict) -> None:
        """A verdict that is new."""
        self._summaries.verdict(verdict.step, f"{verdict.finding}")

    def weights(self, step: int) -> None:
        """Histograms of all weights."""
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

    def flush(self) -> None:
        """Writes what waits, and now and then the curves."""
        if time.monotonic() - self._drawn > _SECONDS_BETWEEN_CURVES:
            self.draw()
        self._summaries.flush()

    def draw(self) -> None:
        """The curves and the table of epochs."""
        series, rounds = self.history.arrays(), self.history.rounds
        if rounds:
            plots.curves({"step": np.arange(1, rounds + 1), **{name: series[name] for name in SERIES}}, self.run.curves,
                         checks=self._checks())
            self.history.write_epochs(self.run.epochs, self.trainer.plan.rounds_per_epoch)
        self._drawn = time.monotonic()

    def _checks(self) -> plots.Checks | None:
        """What the curves show of the checks."""
        if not self._monitor or not self._monitor.verdicts:
            return None
        series = self._monitor.series
        verdicts = [(verdict.step, verdict.finding.short) for verdict in self._monitor.verdicts]
        return plots.Checks(series["step"], series["frechet"], series["coverage"], verdicts)

    def finish(self, step: int, exported_step: int) -> str:
        """The animations and the export; returns where the last samples are.

        exported_step: whose weights the networks have by now.
        """
        self.draw()
        self._summaries.flush()
        frames = [p for p in sorted(self.run.samples.glob("step_*.png")) if int(p.stem[5:]) <= step]
        plots.progress_gif(frames, self.run.progress)
        trainer = self.trainer
        for name, sweep in self._traversals.sweeps() if self._traversals else []:
            plots.animation([picture(each, trainer.sample, trainer.gan.value_range, small=True) for each in sweep],
                            self.run.path / f"sweep_{name}.gif")
        export(trainer.gan, trainer.plan.latent, trainer.plan.objective, str(self.run.export), label=trainer.plan.label,
               generator=trainer.sampler, metadata={"flags": trainer.plan.experiment.values(), "step": exported_step})
        return str(frames[-1])
