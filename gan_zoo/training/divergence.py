"""Numbers that are not finite: where they were first seen, and what is kept to look at it again."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gan_zoo.files import write_text
from gan_zoo.judging.words import DIVERGED, Finding
from gan_zoo.training.history import BROKEN, OBJECTIVE, SERIES
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.trainer import Trainer

MOST_ROLLBACKS, SLOWER = 3, 0.5  # of --on_nan=rollback: how many, and the factor of each on the learning rates
_SHOWN = 20  # rounds


class Broken(NamedTuple):
    """The first number that is not finite: the round, counted from 1, whose it is, and what it is."""

    step: int
    about: str
    value: str

    @property
    def finding(self) -> Finding:
        return Finding(DIVERGED, self.about, f"it is {self.value}")

    def __str__(self) -> str:
        return f"{self.about} is {self.value} at step {self.step}"


def in_rounds(trainer: Trainer, first_step: int, metrics: Mapping[str, np.ndarray]) -> Broken | None:
    """What the rounds after `first_step` say: metrics by name, [rounds] each."""
    # Gradients in half precision overflow now and then; the loss scale answers that.
    half = trainer.plan.experiment.precision == "mixed_float16"
    checked = [name for name in metrics if name in SERIES or not half]
    bad = {name: np.flatnonzero(~np.isfinite(metrics[name])) for name in checked}
    found = [(int(rounds[0]), not name.startswith(OBJECTIVE), name) for name, rounds in bad.items() if rounds.size]
    if not found:
        return None
    first, _, name = min(found, key=lambda each: each[:2])  # in a round, what says most
    about = next((f"gradient of the {player.name}'s {player.variables[last].path}"
                  for player in trainer.players if name.startswith(f"gradients/{player.name}_norm")
                  and (last := int(metrics[BROKEN + player.name][first])) >= 0), _in_words(trainer, name))
    return Broken(first_step + first + 1, about, str(metrics[name][first]))


def in_state(trainer: Trainer, step: int) -> Broken | None:
    """What networks and optimizers hold after `step` rounds, which losses tell one round later at the earliest."""
    found = trainer.first_not_finite()
    return None if found is None else Broken(step, *found)


def _in_words(trainer: Trainer, name: str) -> str:
    """A metric's name for a person: "divergence estimate (F) of f_divergence("kl")", "generator loss"."""
    own = name.removeprefix(OBJECTIVE)
    label = trainer.plan.objective.headline.get(own)
    whose = f" of {trainer.plan.experiment.objective}" if own != name else ""
    return own.replace("_", " ") + (f" ({label})" if label else "") + whose


def write_post_mortem(run: RunDirectory, broken: Broken, checkpoint: str | None,
                      history: Mapping[str, np.ndarray]) -> str:
    """Keeps what was seen in post_mortem.json; returns the command that plays the round again.

    checkpoint: the name of the last one before it. history: series by name [rounds].
    """
    command = f"gan-zoo replay {shlex.quote(str(run.path))}"
    last = {name: [float(value) if np.isfinite(value) else str(value) for value in series[:broken.step][-_SHOWN:]]
            for name, series in history.items() if name != "seconds"}
    kept: dict[str, Any] = {"step": broken.step, "first": broken.about, "value": broken.value,
                            "checkpoint": checkpoint, "rollbacks": _rollbacks(run.record), "replay": command,
                            "last_rounds": last}
    write_text(run.post_mortem, json.dumps(kept, indent=1) + "\n")
    return command


def may_roll_back(record: Mapping[str, Any]) -> bool:
    """Whether run.json tells of fewer rollbacks than there may be."""
    return len(_rollbacks(record)) < MOST_ROLLBACKS


def roll_back(run: RunDirectory, broken: Broken, to: int) -> dict[str, Any]:
    """Writes into run.json that the run goes on from step `to` at lower learning rates, and returns that entry."""
    before = _rollbacks(run.record)
    entry = {"at": broken.step, "because": str(broken), "to": to, "factor": SLOWER ** (len(before) + 1)}
    run.update(rollbacks=[*before, entry])
    return entry


def factor(record: Mapping[str, Any], step: int) -> float:
    """What the learning rates are multiplied by from `step` on, by the rollbacks in run.json.

    Those to a later step don't count, so that a run that has to go on from an older checkpoint goes the same way again.
    """
    return SLOWER ** sum(entry["to"] <= step for entry in _rollbacks(record))


def turns(record: Mapping[str, Any]) -> list[int]:
    """The steps at which that factor changes."""
    return [entry["to"] for entry in _rollbacks(record)]


def _rollbacks(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = record.get("rollbacks") or []
    return [entry for entry in found if isinstance(entry, dict) and isinstance(entry.get("to"), int)]
