"""How many rounds to play in one call of the graph, and how fast they go."""

import time
from collections import deque
from collections.abc import Sequence

_RECENT = 20  # calls whose mean is the speed now
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
    """Images a second by the clock, with all that is done between calls; the first call also builds the graph."""

    def __init__(self):
        self._ends: deque[tuple[float, int]] = deque(maxlen=_RECENT + 1)  # of calls: the time, and images so far
        self._first: tuple[float, int] | None = None
        self._warm_step = 0

    def took(self, images: int, step: int) -> None:
        """A call of so many real images has just ended, at `step`."""
        before = self._ends[-1][1] if self._ends else 0
        self._ends.append((time.monotonic(), before + images))
        if self._first is None:
            self._first, self._warm_step = self._ends[-1], step

    @property
    def now(self) -> float | None:
        """Images a second over the last calls, or None before there were two."""
        return _rate(self._ends[0], self._ends[-1]) if self._ends else None

    @property
    def mean(self) -> float | None:
        """Images a second since the first call ended, or None before there were two."""
        return _rate(self._first, self._ends[-1]) if self._first else None

    def seconds_left(self, step: int, total: int) -> float:
        """By the clock since the first call ended, so that sampling and saving count too."""
        if self._first is None or step == self._warm_step:
            return 0.0
        return (time.monotonic() - self._first[0]) / (step - self._warm_step) * (total - step)


def _rate(start: tuple[float, int], end: tuple[float, int]) -> float | None:
    return (end[1] - start[1]) / max(end[0] - start[0], 1e-9) if end[1] > start[1] else None


def next_stop(step: int, total: int, intervals: list[int], others: Sequence[int] = ()) -> int:
    """The first step after `step` at which something of the given intervals is due, one of the others, or the end."""
    return min(total, *((step // interval + 1) * interval for interval in intervals),
               *(other for other in others if other > step))
