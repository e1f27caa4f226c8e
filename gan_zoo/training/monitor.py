"""Checks of a run as it goes: when they are due, their series, and the best generator so far."""

import math
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.game import LatentSample, call
from gan_zoo.judging.checks import COUNT, Checks, Looked
from gan_zoo.judging.series import NAMES, Series
from gan_zoo.pixels import from_network
from gan_zoo.training.trainer import Trainer

_TOGETHER = 128  # images that a call of the generator makes
_SHARE = 0.01  # of the time that checks are to take; half of what is promised, since it is an estimate
# In multiply-adds, so that the interval is the same on every machine and in every session: what a check costs beside
# its images, and what a round costs beside its networks. Measured by benchmarks/monitoring.py.
_CHECK_OVERHEAD, _ROUND_OVERHEAD = 1.0e9, 1.0e8
_NICE = tuple(digit * 10**power for power in range(1, 10) for digit in (1, 2, 5))  # numbers of rounds
_BETTER: dict[str, Callable[[float, float], bool]] = {"frechet": np.less, "coverage": np.greater}


class Best(NamedTuple):
    """The generator of the best check: after `step` rounds, its value, and its weights in their order."""

    step: int
    value: float
    weights: list[np.ndarray]


class Monitor:
    """The checks of a run.

    checks: what they are made with. every: rounds between them. best: the best generator, None before the first check.
    seconds: that they took in this process.
    """

    def __init__(self, trainer: Trainer):
        plan = trainer.plan
        self._trainer, self._better = trainer, _BETTER[plan.experiment.best_metric]
        self.checks = Checks(plan.data)
        self._latent = self._fixed_latent()
        self._generate = _generating(trainer)
        self._before: Looked | None = None
        self.every = interval(trainer)
        self._values: dict[str, list[float]] = {name: [] for name in NAMES}
        self.best: Best | None = None
        self.seconds = 0.0

    def _fixed_latent(self) -> LatentSample:
        """Noise, and classes as the data have them, that are decoded at every check."""
        plan, key = self._trainer.plan, self._trainer.key("judging")
        latent = plan.latent.sample(self.checks.count, key("noise").pair(0))
        if plan.label is None:
            return latent
        order = np.random.default_rng(0).permutation(plan.data.count)[:self.checks.count]
        return latent._replace(labels=tf.constant(np.asarray(plan.data.labels)[order], tf.int32))

    def check(self, step: int, game: Mapping[str, float]) -> dict[str, float]:
        """Looks at what is generated after `step` rounds; the statistics, which the series then hold too.

        game: series.GAME, of the rounds since the last check. {} if images are not finite, which are no images.
        """
        start = time.perf_counter()
        images = self._images()
        if not np.all(np.isfinite(images)):
            return {}
        found, self._before = self.checks.look(images, self._before)
        for name, value in {"step": step, **found, **game}.items():
            self._values[name].append(float(value))
        self._keep_best(step, found[self._trainer.plan.experiment.best_metric])
        self.seconds += time.perf_counter() - start
        return found

    @property
    def series(self) -> Series:
        """All checks so far."""
        return Series({name: np.array(values) for name, values in self._values.items()}, self.checks.group_count,
                      self.checks.are_classes, self._trainer.plan.steps)

    def _images(self) -> np.ndarray:
        """uint8 [n, H, W, C], or float32 points; float32 too if they are not finite."""
        values = np.concatenate([self._generate(part) for part in self._latent.parts(_TOGETHER)])
        if not np.all(np.isfinite(values)):
            return values
        return from_network(tf.constant(values), self._trainer.gan.value_range).numpy()

    def _keep_best(self, step: int, value: float) -> None:
        if math.isfinite(value) and (self.best is None or self._better(value, self.best.value)):
            self.best = Best(step, float(value), [np.array(v) for v in self._trainer.sampler.variables])

    @property
    def checks_since_best(self) -> int:
        """How many checks have brought no better one."""
        return 0 if self.best is None else sum(step > self.best.step for step in self._values["step"])

    def state(self) -> dict[str, np.ndarray]:
        """All of it as arrays, for a checkpoint."""
        arrays = {f"series/{name}": np.array(values, np.float64) for name, values in self._values.items()}
        if self._before:
            arrays |= {f"before/{name}": value for name, value in self._before._asdict().items()}
        if self.best:
            arrays |= {"best/step": np.array(self.best.step), "best/value": np.array(self.best.value)}
            arrays |= {f"best/weights/{index}": value for index, value in enumerate(self.best.weights)}
        return arrays

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Goes on from what `state` gave; from {} as from the beginning."""
        for name in self._values:
            self._values[name] = state.get(f"series/{name}", np.zeros(0)).tolist()
        if "before/mean" in state:
            self._before = Looked(**{name: state[f"before/{name}"] for name in Looked._fields})
        self.best = best_in(state)


def best_in(state: dict[str, np.ndarray]) -> Best | None:
    """The best generator that a checkpoint holds, or None."""
    if "best/step" not in state:
        return None
    count = sum(name.startswith("best/weights/") for name in state)
    return Best(int(state["best/step"]), float(state["best/value"]),
                [state[f"best/weights/{index}"] for index in range(count)])


def use(best: Best, sampler: keras.Model) -> None:
    """Gives a generator the weights of the best one. ValueError if they don't fit."""
    for variable, value in zip(sampler.variables, best.weights, strict=True):
        variable.assign(value)


def _generating(trainer: Trainer) -> Callable[[LatentSample], np.ndarray]:
    """latent → float32 images in the value range; a graph, since a check comes often."""
    graph = tf.function(lambda noise, labels: tf.cast(
        call(trainer.sampler, noise, labels, training=False), tf.float32), reduce_retracing=True)
    return lambda part: graph(part.noise, part.labels).numpy()


def interval(trainer: Trainer) -> int:
    """Rounds between checks: as --evaluate_every_steps says, or so many that checks take a hundredth of the time.

    By a count of multiply-adds, not by a clock, so that a resumed run checks where an uninterrupted one does.
    """
    plan, gan = trainer.plan, trainer.gan
    asked = plan.experiment.evaluate_every_steps
    if asked is not None:
        return asked
    experiment = plan.experiment
    generator, discriminator = multiply_adds(gan.generator), sum(map(multiply_adds, gan.judges))
    # A backward pass costs two forward ones; the discriminator sees real and generated images.
    a_round = (3 * experiment.batch_size * (generator + 2 * discriminator) * experiment.discriminator_updates
               + _ROUND_OVERHEAD)
    a_check = min(COUNT, plan.data.count) * generator + _CHECK_OVERHEAD
    needed = math.ceil(a_check / (_SHARE * a_round))
    return next(nice for nice in _NICE if nice >= needed)


def multiply_adds(network: keras.Model) -> int:
    """Of a forward pass of one example: each entry of a kernel is used once a place of the output."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            total += multiply_adds(layer)
        elif layer.weights:
            places = math.prod(side or 1 for side in getattr(layer.output, "shape", (1,))[1:-1])
            total += places * sum(math.prod(v.shape) for v in layer.trainable_weights if len(v.shape) > 1)
    return total
