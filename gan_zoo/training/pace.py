"""How many rounds to play in one call of the graph, and how fast they go."""

import time

import numpy as np

_RECENT = 20  # calls whose median is the speed now
_SECONDS_A_CALL = 1.0
_LARGEST_GROWTH = 8


class Pace:
    """Finds the number of rounds that take about a second; a fixed number if one is given.

    Few rounds a call waste time between calls, many delay the progress line and Ctrl-C. The number has
    no influence on what is trained.
    """

    def __init__(self, fixed: int | None = None):
        self._fixed = fixed
        self._rounds = fixed or 1
        self._calls = 0

    @property
    def rounds(self) -> int:
        return self._rounds

    def took(self, rounds: int, seconds: float) -> None:
        """Learns from a call; the first one, which builds the graph, tells nothing."""
        self._calls += 1
        if self._fixed or self._calls == 1 or rounds < self._rounds:
            return
        wanted = int(rounds / max(seconds, 1e-6) * _SECONDS_A_CALL)
        self._rounds = max(1, min(wanted, self._rounds * _LARGEST_GROWTH))


class Speed:
    """Images a second, from call to call; the first call of several also builds the graph, and tells nothing."""

    def __init__(self):
        self._speeds: list[float] = []
        self._warm_step: int | None = None
        self._warm_at = 0.0

    def took(self, images: int, seconds: float, step: int, total: int) -> None:
        """A call of so many real images has ended at `step` of `total`."""
        if self._warm_step is not None or step >= total:
            self._speeds.append(images / seconds)
        if self._warm_step is None:
            self._warm_step, self._warm_at = step, time.monotonic()

    @property
    def now(self) -> float | None:
        """Images a second in the last calls, or None before any tells."""
        return float(np.median(self._speeds[-_RECENT:])) if self._speeds else None

    @property
    def median(self) -> float | None:
        return float(np.median(self._speeds)) if self._speeds else None

    def seconds_left(self, step: int, total: int) -> float:
        """By the clock since the first call ended, so that sampling and saving count too."""
        if self._warm_step is None or step == self._warm_step:
            return 0.0
        return (time.monotonic() - self._warm_at) / (step - self._warm_step) * (total - step)


def next_stop(step: int, total: int, intervals: list[int]) -> int:
    """The first step after `step` at which something of the given intervals is due, or the end."""
    return min(total, *((step // interval + 1) * interval for interval in intervals))
