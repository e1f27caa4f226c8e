"""How many rounds to play in one call of the graph."""

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


def next_stop(step: int, total: int, intervals: list[int]) -> int:
    """The first step after `step` at which something of the given intervals is due, or the end."""
    return min(total, *((step // interval + 1) * interval for interval in intervals))
