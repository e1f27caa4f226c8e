"""A training that is watched and leaves nothing but its checks; and what they would see of a faulty generator."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from gan_zoo.experiment import Experiment
from gan_zoo.judging.checks import Looked
from gan_zoo.judging.series import GAME, Series
from gan_zoo.training import machine
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

_SHOWN = 12  # images of a check in the picture
# (images, step, their groups) → the images that a faulty generator would have made in their place
Fault = Callable[[np.ndarray, int, Callable[[np.ndarray], np.ndarray]], np.ndarray]


class Watched(NamedTuple):
    """series: of the checks. strip: their first images, uint8 [checks, 12, H, W, C], or None of points.

    diverged: the first round whose loss is not finite, or None.
    """

    series: Series
    strip: np.ndarray | None
    diverged: int | None = None


def watch(experiment: Experiment, faults: Mapping[str, Fault | None]) -> dict[str, Watched]:
    """Trains once and checks it as often as `faults` says, by their names; None: as it is."""
    with machine.precision(experiment.precision):
        trainer = Trainer(plan(draft(experiment)), machine.make_strategy("one_device"))
        watchers = {name: _Watcher(trainer, fault) for name, fault in faults.items()}
        step, total, every = 0, trainer.plan.steps, next(iter(watchers.values())).monitor.every
        diverged = None
        while step < total and diverged is None:
            count = min(every, total - step)
            metrics = trainer.play(step, count).metrics
            bad = ~np.isfinite(metrics["discriminator_loss"] + metrics["generator_loss"])
            diverged = step + int(bad.argmax()) + 1 if bad.any() else None
            step += count
            for watcher in watchers.values() if diverged is None else ():
                watcher.check(step, {name: float(metrics[name].mean()) for name in GAME})
    return {name: watcher.result(diverged) for name, watcher in watchers.items()}


class _Watcher:
    """A monitor whose images go through a fault."""

    def __init__(self, trainer: Trainer, fault: Fault | None):
        self.monitor = Monitor(trainer)
        self._look, self._fault, self._step = self.monitor.checks.look, fault, 0
        self._strip: list[np.ndarray] = []
        self.monitor.checks.look = self._faulty  # type: ignore[method-assign]

    def check(self, step: int, game: Mapping[str, float]) -> None:
        self._step = step
        self.monitor.check(step, game)

    def _faulty(self, images: np.ndarray, before: Looked | None = None) -> tuple[dict[str, float], Looked]:
        if self._fault:
            images = self._fault(images, self._step, lambda those: self._look(those)[1].groups)
        self._strip.append(images[:_SHOWN])
        return self._look(images, before)

    def result(self, diverged: int | None) -> Watched:
        strip = np.stack(self._strip) if self._strip and self._strip[0].dtype == np.uint8 else None
        return Watched(self.monitor.series, strip, diverged)
