"""The rounds that led to a number that is not finite, one by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from gan_zoo.training import divergence
from gan_zoo.training.history import BROKEN
from gan_zoo.training.trainer import Trainer

_TOGETHER = 20  # rounds of a call, of those that are not shown


def rounds(trainer: Trainer, step: int, last: int, shown: int, record: Mapping[str, Any]) -> Iterator[str]:
    """Lines about the `shown` rounds up to round `last`, and about the first number that is not finite.

    trainer: as it was after `step` rounds. record: of the run, with the rollbacks that had lowered its learning rates.
    """
    yield f"from step {step:,} to step {last:,}"
    while step < last:
        count = min(_TOGETHER, max(1, last - shown - step))
        trainer.slow_down(divergence.factor(record, step))
        played = trainer.play(step, count)
        if step + count > last - shown:
            yield f"step {step + count:,}  " + "  ".join(
                f"{name} {values[-1]:.6g}" for name, values in played.metrics.items() if not name.startswith(BROKEN))
        broken = divergence.in_rounds(trainer, step, played.metrics) or divergence.in_state(trainer, step + count)
        if broken:
            yield f"the first that is not finite: {broken}"
            return
        step += count
    yield f"all numbers up to step {last:,} are finite: on another machine or version a run may go another way"
