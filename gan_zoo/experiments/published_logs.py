"""What the discriminator's loss alone tells of 49 published trainings.

studiogan_curves.csv: loss and Fréchet Inception distance of trainings on CIFAR-10 and Tiny ImageNet, from the logs that
PyTorch-StudioGAN publishes (https://github.com/POSTECH-CVLab/PyTorch-StudioGAN, MIT License).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

_FILE = Path(__file__).with_name("studiogan_curves.csv")
_LOSS = "median_discriminator_loss_of_the_last_2000_steps"
_DEGRADED = 1.3  # times its own best Fréchet distance at the end
_WASSERSTEIN = "WGAN"  # whose loss has no scale
_BEGINNING = 0.05  # of a training, in which the rule keeps still
# Chosen on Tiny ImageNet's trainings.
_WON = 0.1  # nats; at equilibrium it is 1.386
_RISE, _CHECKS, _SMOOTHED = 0.15, 6, 3  # nats above the least of so many values before, medians of three


class Log(NamedTuple):
    """A published training. steps, loss, distance: [checks]."""

    dataset: str
    name: str
    steps: np.ndarray
    loss: np.ndarray
    distance: np.ndarray

    @property
    def degraded(self) -> bool:
        """Whether it ends at 1.3 times its own best distance or above."""
        return bool(self.distance[-1] >= _DEGRADED * self.distance.min())


class Outcome(NamedTuple):
    """degraded, healthy: how many trainings; found, false: how many of either the rule called degraded."""

    degraded: int
    found: int
    healthy: int
    false: int


def alarm(steps: np.ndarray, loss: np.ndarray) -> int | None:
    """The first value at which the discriminator's loss says that a training degrades, or None.

    After a twentieth of the training: below 0.1 nats, the discriminator has won; or, in medians of three, 0.15 nats
    above the least of the six values before, where it had fallen or stood. For games in nats, not for Wasserstein's.
    """
    begun = int((steps <= _BEGINNING * steps[-1]).sum())
    counted = loss[begun:]
    smooth = [float(np.median(counted[max(0, end - _SMOOTHED):end])) for end in range(1, len(counted) + 1)]
    for index, value in enumerate(smooth):
        before = smooth[max(0, index - _CHECKS):index]
        if counted[index] < _WON or (before and value > min(before) + _RISE):
            return begun + index
    return None


def logs() -> list[Log]:
    """All trainings whose loss is in nats; one that was begun anew under its name is several."""
    return [log for log in _logs() if not log.name.startswith(_WASSERSTEIN)]


def _logs() -> Iterator[Log]:
    with open(_FILE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    starts = [i for i in range(len(rows)) if i == 0 or rows[i]["run"] != rows[i - 1]["run"]
              or int(rows[i]["step"]) < int(rows[i - 1]["step"])]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        part = rows[start:end]
        yield Log(part[0]["dataset"], part[0]["run"], *(np.array([float(row[name]) for row in part])
                                                         for name in ("step", _LOSS, "fid")))


def outcome(chosen: list[Log]) -> Outcome:
    """How the rule does on some trainings."""
    called = {degraded: [alarm(log.steps, log.loss) is not None for log in chosen if log.degraded == degraded]
              for degraded in (True, False)}
    return Outcome(len(called[True]), sum(called[True]), len(called[False]), sum(called[False]))
