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
from gan_zoo.registry import one_call

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
_FASTER = (NOT_STARTED,)  # whose optimizer is to take longer steps; all the others' are to take shorter ones


def advised(finding: Finding, experiment: Experiment, impossible: Collection[str] = ()) -> Finding:
    """The finding with a flag to try; without, if the run uses all that there are.

    impossible: flags that this run can't have, beside those that its other flags exclude.
    """
    for flag, value in REMEDIES.get(finding.verdict, ()):
        if flag not in impossible and _is_new(experiment, flag, value, finding.verdict in _FASTER):
            return finding._replace(advice=f"--{flag}={shlex.quote(str(value))}")
    return finding


def _is_new(experiment: Experiment, flag: str, value: str | int, faster: bool) -> bool:
    now = getattr(experiment, flag)
    if flag.endswith("_optimizer"):  # every run has one; another may still help
        if not _is_a_turn(now, str(value), faster):
            return False
    elif now != getattr(Experiment, flag):
        return False
    changed: dict[str, Any] = {flag: value}
    try:
        dataclasses.replace(experiment, **changed)
    except UserError:  # another way of clipping, say
        return False
    return True


def _is_a_turn(now: str, other: str, faster: bool) -> bool:
    """Whether another optimizer takes longer steps, or shorter ones, as far as constant rates of one kind tell."""
    calls = one_call(now), one_call(other)
    rate, wanted = (call.kwargs.get("learning_rate", call.args[0] if call.args else None) for call in calls)
    if calls[0].name == calls[1].name and isinstance(rate, (int, float)) and isinstance(wanted, (int, float)):
        return wanted > rate if faster else wanted < rate
    return now != other
