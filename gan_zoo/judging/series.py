"""What the checks of a run have seen, as the rules of gan_zoo.judging.rules read it."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from gan_zoo.judging.checks import STATISTICS

GAME = ("discriminator_loss", "accuracy_real", "accuracy_generated")  # means of the rounds since the last check
NAMES = ("step", "total", *STATISTICS, *GAME)
_SMOOTHED = 3  # checks whose median counts
ARMED, _BEGUN = 0.5, 0.25  # of the coverage of real images, in two checks one after the other


@dataclass(frozen=True)
class Series:
    """All checks so far, at least one.

    values: "step", "total", the rounds of the whole run as was planned then, the statistics of judging.checks and
    GAME, float64 [checks] each. groups: how many there are of the real images; kind: what they are, "classes", "modes"
    or "clusters".
    """

    values: Mapping[str, np.ndarray]
    groups: int
    kind: str
    _smooth: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def __len__(self) -> int:
        return len(self.values["step"])

    @property
    def step(self) -> int:
        """Of the last check."""
        return int(self["step"][-1])

    @property
    def total(self) -> int:
        """Rounds of the whole run."""
        return int(self["total"][-1])

    def up_to(self, checks: int) -> "Series":
        """As it was after so many checks."""
        before = replace(self, values={name: self[name][:checks] for name in NAMES})
        before._smooth.update({name: self.smooth(name)[:checks] for name in NAMES})
        return before

    def and_then(self, found: Mapping[str, float]) -> "Series":
        """With one more check. What was smoothed stays so, since a run may have many thousands of checks."""
        after = replace(self, values={name: np.append(self[name], found[name]) for name in NAMES})
        after._smooth.update({name: np.append(values, smoothed(after[name][-_SMOOTHED:])[-1])
                              for name, values in self._smooth.items()})
        return after

    def smooth(self, name: str) -> np.ndarray:
        """Each value as the median of the last three, those that are unknown (NaN) left out: [checks]."""
        if name not in self._smooth:
            self._smooth[name] = smoothed(self[name])
        return self._smooth[name]

    def last(self, name: str, checks: int) -> np.ndarray:
        """The values of the last checks; fewer if there are fewer."""
        return self[name][-checks:]

    @cached_property
    def armed(self) -> int | None:
        """The first check at which the run had started well, from which on a fall is a fall; None before that."""
        return self._reached(ARMED)

    @cached_property
    def begun(self) -> int:
        """The first check at which images were like real ones at all, the best since which a fall is measured from."""
        found = self._reached(_BEGUN)
        return 0 if found is None else found

    @cached_property
    def distinct(self) -> np.ndarray:
        """How many different images there seem to be: medians of three checks, inf where too many to tell: [checks]."""
        return smoothed(np.nan_to_num(self["distinct"], nan=np.inf))

    def _reached(self, coverage: float) -> int | None:
        enough = self["coverage"] >= coverage
        found = np.flatnonzero(enough[1:] & enough[:-1])
        return int(found[0]) + 1 if len(found) else None


def smoothed(values: np.ndarray) -> np.ndarray:
    """Each value as the median of it and the two before, without those that are NaN; NaN if all are."""
    padded = np.concatenate([np.full(_SMOOTHED - 1, np.nan), np.asarray(values, np.float64)])
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # where all are NaN
        return np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHED), axis=1)
