"""Checks of a run as it goes: their series, the verdicts on it, and the best generator so far."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.data.clustered import judged
from gan_zoo.game import LatentSample
from gan_zoo.judging import calibration, rules
from gan_zoo.judging.advice import advised
from gan_zoo.judging.checks import STATISTICS, Checks, Looked
from gan_zoo.judging.series import NAMES, Series
from gan_zoo.judging.words import Finding, Verdict
from gan_zoo.pixels import from_network
from gan_zoo.training.check_interval import interval
from gan_zoo.training.trainer import Trainer

_BETTER: dict[str, Callable[[float, float], bool]] = {"frechet": np.less, "coverage": np.greater}


class Best(NamedTuple):
    """What would be exported if the run ended now: the best check, after `step` rounds, its value, and all weights."""

    step: int
    value: float
    weights: list[np.ndarray]


class Monitor:
    """The checks of a run.

    checks: what they are made with. every: rounds between them. series: all of them so far. best: that of the best
    check, None before the first. verdicts: each whose word differs from the one before, in its newest numbers.
    seconds: that checks took in this process.
    """

    def __init__(self, trainer: Trainer, checks: Checks | None = None):
        plan = trainer.plan
        self._trainer, self._better = trainer, _BETTER[plan.best_metric]
        self.checks = checks or Checks(judged(plan.data))
        self._latent = self.latent(self.checks.count)
        self._before: Looked | None = None
        self.every = interval(trainer)
        self.series = self._series({name: np.zeros(0) for name in NAMES})
        self.best: Best | None = None
        self.verdicts: list[Verdict] = []
        self.seconds = 0.0

    def latent(self, count: int, stream: str = "noise") -> LatentSample:
        """Noise, and classes as the data have them, for every check alike; stream: names other noise."""
        plan, key = self._trainer.plan, self._trainer.key("judging")
        latent = plan.latent.sample(count, key(stream).pair(0))
        if plan.label is None:
            return latent
        order = np.resize(np.random.default_rng(0).permutation(plan.data.count), count)
        return latent._replace(labels=tf.constant(np.asarray(plan.data.labels)[order], tf.int32))

    def check(self, step: int, game: Mapping[str, float]) -> dict[str, float]:
        """Looks at what is generated after `step` rounds; the statistics, which the series then hold too.

        game: series.GAME, of the rounds since the last check. {} if images are not finite, which are no images.
        """
        start = time.perf_counter()
        images = self.images(self._latent)
        if not np.all(np.isfinite(images)):
            return {}
        found, self._before = self.checks.look(images, self._before)
        self.series = self.series.and_then({"step": step, "total": self._trainer.plan.steps, **found, **game})
        self._keep_best(step, found[self._trainer.plan.best_metric])
        self._judge(self.series)
        self.seconds += time.perf_counter() - start
        return found

    def images(self, latent: LatentSample) -> np.ndarray:
        """What is generated: uint8 [n, H, W, C], or float32 points; float32 too if they are not finite."""
        values = self._trainer.sample(latent)
        if not np.all(np.isfinite(values)):
            return values
        return from_network(tf.constant(values), self._trainer.gan.value_range).numpy()

    def _keep_best(self, step: int, value: float) -> None:
        if math.isfinite(value) and (self.best is None or self._better(value, self.best.value)):
            self.best = Best(step, float(value), [np.array(v) for v in _exported(self._trainer)])

    def _judge(self, series: Series) -> None:
        plan = self._trainer.plan
        # what packing asks of images, and of a batch
        packs = not plan.conditional and not plan.latent.codes and plan.experiment.batch_size % 2 == 0
        found = advised(rules.judge(series, calibration.threshold()), plan.experiment, () if packs else ("packing",))
        if self.finding is None or found.verdict != self.finding.verdict:
            self.verdicts.append(Verdict(series.step, found))
        else:  # the same word, in newer numbers
            self.verdicts[-1] = self.verdicts[-1]._replace(finding=found)

    @property
    def finding(self) -> Finding | None:
        """Of the last check."""
        return self.verdicts[-1].finding if self.verdicts else None

    def _series(self, values: Mapping[str, np.ndarray]) -> Series:
        return Series(values, self.checks.group_count, self.checks.kind)

    @property
    def last_step(self) -> int:
        """The step of the last check, 0 before the first."""
        return self.series.step if len(self.series) else 0

    @property
    def checks_since_best(self) -> int:
        """How many checks have brought no better one."""
        return 0 if self.best is None else int((self.series["step"] > self.best.step).sum())

    def facts(self) -> dict[str, Any]:
        """For run.json: how it is checked, the best and the last check, and the verdicts."""
        metric, best = self._trainer.plan.best_metric, self.best
        checked: dict[str, Any] = {"every": self.every, "checks": len(self.series)}
        if best:
            checked["best"] = {"step": best.step, metric: round(best.value, 4)}
            last = {name: float(self.series[name][-1]) for name in STATISTICS}
            checked["last"] = {name: round(value, 4) for name, value in last.items() if math.isfinite(value)}
        checks = self.checks
        checked |= {"images": checks.count, "features": checks.space, "groups": f"{checks.group_count} {checks.kind}",
                    "floor": {"frechet": round(checks.floor.frechet, 6), "coverage": round(checks.floor.coverage, 4)}}
        said = {} if self.finding is None else {"verdict": self.finding.short,
                                                "verdicts": [each.record() for each in self.verdicts]}
        return {"evaluation": checked, **said}

    def state(self) -> dict[str, np.ndarray]:
        """All of it as arrays, for a checkpoint; verdicts follow from the series."""
        arrays = {f"series/{name}": self.series[name] for name in NAMES}
        if self._before:
            arrays |= {f"before/{name}": value for name, value in self._before._asdict().items()}
        if self.best:
            arrays |= {"best/step": np.array(self.best.step), "best/value": np.array(self.best.value)}
            arrays |= {f"best/weights/{index}": value for index, value in enumerate(self.best.weights)}
        return arrays

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Goes on from what `state` gave; from {} as from the beginning."""
        values = {name: state.get(f"series/{name}", np.zeros(0)) for name in NAMES}
        if len(values["total"]) < len(values["step"]):  # of a version that did not keep it
            values["total"] = np.full(len(values["step"]), float(self._trainer.plan.steps))
        self.series = self._series(values)
        if "before/mean" in state:
            self._before = Looked(**{name: state[f"before/{name}"] for name in Looked._fields})
        self.best, self.verdicts = best_in(state), []
        for checks in range(1, len(self.series) + 1):
            self._judge(self.series.up_to(checks))


def best_in(state: Mapping[str, np.ndarray]) -> Best | None:
    """The best check that a checkpoint holds, or None."""
    if "best/step" not in state:
        return None
    count = sum(name.startswith("best/weights/") for name in state)
    return Best(int(state["best/step"]), float(state["best/value"]),
                [state[f"best/weights/{index}"] for index in range(count)])


def use(best: Best, trainer: Trainer) -> None:
    """Gives the networks that are exported the weights of the best check. ValueError if they don't fit."""
    for variable, value in zip(_exported(trainer), best.weights, strict=True):
        variable.assign(value)


def _exported(trainer: Trainer) -> list[keras.Variable]:
    """The variables of the networks that are exported, shared ones once."""
    networks = [trainer.sampler, *trainer.gan.judges]
    return list({id(variable): variable for network in networks for variable in network.variables}.values())
