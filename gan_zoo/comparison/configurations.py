"""What the flags of runs differ in, and the runs that are seeds of one configuration."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_zoo.comparison.reading import RunRecord
from gan_zoo.errors import UserError
from gan_zoo.experiment import without_effect
from gan_zoo.training.sameness import canonical


@dataclass(frozen=True)
class Row:
    """A run, or the seeds of one configuration. name: for people."""

    name: str
    runs: Sequence[RunRecord]

    @property
    def seeds(self) -> str:
        """As "0, 1, 2"."""
        return ", ".join(str(run.flags["seed"]) for run in self.runs)


def each(runs: Sequence[RunRecord]) -> list[Row]:
    """A row for every run."""
    return [Row(run.name, [run]) for run in runs]


def grouped(runs: Sequence[RunRecord]) -> list[Row]:
    """A row for every configuration: all flags the same but the seed and those without effect.

    UserError if two runs of a configuration have one seed, which would count twice.
    """
    groups: list[list[RunRecord]] = []
    for run in runs:
        same = next((group for group in groups if not _differ(group[0].flags, run.flags)), None)
        groups.append([run]) if same is None else same.append(run)
    for group in groups:
        _check_seeds(group)
    names = [_common_name([run.name for run in group]) for group in groups]
    return [Row(name if name and names.count(name) == 1 else group[0].name, group)
            for name, group in zip(names, groups, strict=True)]


def differing(flags: Sequence[Mapping[str, Any]]) -> list[str]:
    """The flags that are not the same everywhere, in their usual order; run_dir, which never is, left out."""
    names = dict.fromkeys(name for each in flags for name in each)
    return [name for name in names if name != "run_dir"
            and any(not _same(name, flags[0].get(name), other.get(name)) for other in flags[1:])]


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(name != "seed" and name not in without_effect() for name in differing([one, other]))


def _same(name: str, value: Any, other: Any) -> bool:
    if value == other:
        return True
    try:
        return bool(canonical(name, value) == canonical(name, other))
    except (UserError, TypeError, AttributeError):  # of a version that wrote it otherwise
        return False


def _check_seeds(group: Sequence[RunRecord]) -> None:
    seen: dict[Any, RunRecord] = {}
    for run in group:
        other = seen.setdefault(run.flags["seed"], run)
        if other is not run:
            raise UserError(f"{other.path} and {run.path} are one configuration with one --seed={run.flags['seed']}, "
                            "which would count twice: leave one out, or compare without --group")


def _common_name(names: Sequence[str]) -> str:
    """What the names of a configuration's runs have in common but for the seed at their ends."""
    if len(names) == 1:
        return names[0]
    common = {re.sub(r"[-_./=]?(seed)?[-_=]?\d+$", "", name) for name in names}
    return common.pop() if len(common) == 1 else f"{names[0]} and {len(names) - 1} more"
