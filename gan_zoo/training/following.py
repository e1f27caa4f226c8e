"""A worker that is not the chief: it plays the rounds that it is told to, and writes nothing."""

from collections.abc import Callable
from signal import Signals
from typing import NamedTuple

from gan_zoo.errors import RunStopped
from gan_zoo.training.interruption import Interruption
from gan_zoo.training.trainer import Trainer
from gan_zoo.training.workers import Action, Workers

_OF_SIGNALS = 128  # what an exit code is a signal above


class Followed(NamedTuple):
    """How far a worker has come. exported: the step of its weights at the end. signal: what interrupted the run."""

    trainer: Trainer
    step: int
    exported: int
    signal: Signals | None = None


def follow(workers: Workers, build: Callable[[], Trainer]) -> Followed:
    """Plays what the chief says until that ends the run; RunStopped, with the chief's exit code, if it has failed.

    build: makes the trainer, also again where the run goes back to a checkpoint.
    """
    with Interruption() as interruption:
        trainer, step = _begin(workers, build)
        while True:
            order, wish = workers.hear(interruption.signal)
            if order.action is Action.END:
                return _end(workers, trainer, step, order.code)
            if order.action is Action.REBUILD:
                trainer, step = _begin(workers, build)
            elif not wish:  # else the chief saves, and then ends the run
                trainer.slow_down(order.factor)
                with workers.watched():
                    trainer.play(step, order.rounds)
                step += order.rounds


def _begin(workers: Workers, build: Callable[[], Trainer]) -> tuple[Trainer, int]:
    """(trainer, step), as the chief has them."""
    trainer = build()
    with workers.together():
        pass  # the chief looks into the run's folder
    return trainer, workers.share(trainer)


def _end(workers: Workers, trainer: Trainer, step: int, code: int) -> Followed:
    if code and code < _OF_SIGNALS:
        stopped = RunStopped(f"{workers.name}, step {step:,}: the chief has ended the run, and says why in its output")
        stopped.exit_code = code
        raise stopped
    return Followed(trainer, step, workers.share(trainer), Signals(code - _OF_SIGNALS) if code else None)
