"""A training that is watched and leaves nothing but its checks; and what they would see of a faulty generator."""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from gan_zoo.data import Dataset
from gan_zoo.experiment import Experiment
from gan_zoo.experiments.faults import Classify, Fault, Made
from gan_zoo.features.classifier import Classifier
from gan_zoo.game import LatentSample
from gan_zoo.judging.series import GAME, Series
from gan_zoo.training import machine
from gan_zoo.training.monitor import Monitor
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

_SHOWN = 12  # images of a check in the picture
SIDE = 48  # pixels of a picture of points
_MORE = 2  # times as many images as a check takes, for a fault to choose from


class Watched(NamedTuple):
    """series: of the checks. epoch: rounds in which all data are seen once. strip: the first images of each check,
    uint8 [checks, 12, H, W, C], of points one picture of all, None if it is not kept. diverged: the first round whose
    loss is not finite, or None. fault: the step from which on there is one, or None.
    """

    series: Series
    epoch: float
    strip: np.ndarray | None = None
    diverged: int | None = None
    fault: int | None = None


def watch(experiment: Experiment, faults: Mapping[str, Fault] | None = None) -> dict[str, Watched]:
    """Trains once and checks it: as it is, by the name "", and as each fault would look from its step on, by its name.

    Checks begin after the rounds of the first interval, and go on to the end or to the first loss that is not finite.
    """
    faults = faults or {}
    with machine.precision(experiment.precision):
        trainer = Trainer(plan(draft(experiment)), machine.make_strategy("one_device"))
        watchers = {"": _Watcher(trainer)}
        step, total, every = 0, trainer.plan.steps, watchers[""].every
        while step < total:
            for name, fault in faults.items():
                if name not in watchers and step + every >= fault.step:
                    watchers[name] = watchers[""].with_fault(fault)
            count = min(every, total - step)
            metrics = trainer.play(step, count).metrics
            finite = np.isfinite(metrics["discriminator_loss"] + metrics["generator_loss"])
            if not finite.all():
                diverged = step + int(finite.argmin()) + 1
                return {name: watcher.watched(diverged) for name, watcher in watchers.items()}
            step += count
            for watcher in watchers.values():
                watcher.check(step, {name: float(metrics[name].mean()) for name in GAME})
    return {name: watcher.watched() for name, watcher in watchers.items()}


class _Watcher(Monitor):
    """A monitor that keeps some images of every check, and whose images may go through a fault."""

    def __init__(self, trainer: Trainer, healthy: "_Watcher | None" = None, fault: Fault | None = None):
        super().__init__(trainer, healthy.checks if healthy else None)
        self._classify: Classify = healthy._classify if healthy else _classifier(trainer.plan.data)
        self._more = self.latent(_MORE * self.checks.count, "more noise")
        self._fault = fault
        self._strip: list[np.ndarray] = []

    def with_fault(self, fault: Fault) -> "_Watcher":
        """Another that goes on from here with a fault."""
        other = _Watcher(self._trainer, self, fault)
        other.restore(self.state())
        other._strip = list(self._strip)
        return other

    def images(self, latent: LatentSample) -> np.ndarray:
        """See Monitor; faulty ones, if there is a fault."""
        images = super().images(latent)
        if self._fault:
            images = self._fault.apply(Made(images, super().images(self._more), self._classify))
        self._strip.append(images[:_SHOWN] if self._trainer.plan.data.has_pixels else self._drawn(images))
        return images

    def _drawn(self, points: np.ndarray) -> np.ndarray:
        """A picture of points of the line or the plane, wider than real ones are: uint8 [1, side, side, 1]."""
        real = self._trainer.plan.data.images
        planes = [np.pad(each.reshape(len(each), -1)[:, :2], [(0, 0), (0, 2 - min(2, each.shape[-1]))])
                  for each in (points, real)]
        middle, reach = planes[1].mean(axis=0), np.abs(planes[1] - planes[1].mean(axis=0)).max() * 1.5
        across, down = (planes[0] - middle).T
        counts, *_ = np.histogram2d(across, down, bins=SIDE, range=[[-reach, reach]] * 2)
        return np.minimum(255, 64 * counts).astype(np.uint8)[None, :, :, None]

    def watched(self, diverged: int | None = None) -> Watched:
        strip = np.stack(self._strip) if self._strip else None
        plan = self._trainer.plan
        return Watched(self.series, plan.data.count / plan.experiment.batch_size, strip, diverged,
                       self._fault.step if self._fault else None)


def _classifier(data: Dataset) -> Classify:
    """Probabilities of the classes, by a network that has nothing in common with what checks tell classes by."""
    @functools.cache  # most faults don't ask, and it may have to be trained
    def classify() -> Classify:
        found = Classifier().fit(lambda part: data).classify
        assert found is not None
        return found

    return lambda images: classify()(images)
