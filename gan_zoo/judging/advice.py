"""For each fault one flag to try, one that the run which has it doesn't use yet."""

import dataclasses
import shlex
from collections.abc import Collection
from typing import Any

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.judging.words import (
    COLLAPSED,
    COLLAPSING,
    CYCLING,
    DISCRIMINATOR_WON,
    DIVERGED,
    GENERATOR_WON,
    NOT_STARTED,
    PAST_BEST,
    SAME,
    Finding,
)

_SLOWER_DISCRIMINATOR = ("discriminator_optimizer", "adam(learning_rate=1e-4, beta_1=0.5)")
_FADING_NOISE = ("instance_noise", "linear(0.5, 0)")
_VARIETY = (("instance_noise", "0.1"), ("packing", 2), _SLOWER_DISCRIMINATOR)

# verdict → (flag, value) each, the first one first: a remedy that is in use already is no advice.
REMEDIES: dict[str, tuple[tuple[str, str | int], ...]] = {
    NOT_STARTED: (_FADING_NOISE, ("generator_optimizer", "adam(learning_rate=1e-3, beta_1=0.5)")),
    SAME: (_SLOWER_DISCRIMINATOR, _FADING_NOISE),
    COLLAPSED: _VARIETY,
    COLLAPSING: _VARIETY,
    CYCLING: (("generator_average", "0.999"), _SLOWER_DISCRIMINATOR),
    DISCRIMINATOR_WON: (_FADING_NOISE, _SLOWER_DISCRIMINATOR),
    GENERATOR_WON: (("generator_optimizer", "adam(learning_rate=5e-5, beta_1=0.5)"),),
    DIVERGED: (("discriminator_clip_global_norm", 1), _SLOWER_DISCRIMINATOR),
    PAST_BEST: (("patience", 10),),
}
_REPLACED = ("discriminator_optimizer", "generator_optimizer")  # every run has one; another may still help


def advised(finding: Finding, experiment: Experiment, impossible: Collection[str] = ()) -> Finding:
    """The finding with a flag to try; without, if the run uses all that there are.

    impossible: flags that this run can't have, beside those that its other flags exclude.
    """
    for flag, value in REMEDIES.get(finding.verdict, ()):
        if flag not in impossible and _is_new(experiment, flag, value):
            return finding._replace(advice=f"--{flag}={shlex.quote(str(value))}")
    return finding


def _is_new(experiment: Experiment, flag: str, value: str | int) -> bool:
    now = getattr(experiment, flag)
    if now == value if flag in _REPLACED else now != getattr(Experiment, flag):
        return False
    changed: dict[str, Any] = {flag: value}
    try:
        dataclasses.replace(experiment, **changed)
    except UserError:  # another way of clipping, say
        return False
    return True
