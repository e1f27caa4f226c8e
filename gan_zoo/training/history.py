"""The series of a run, one value a round, and their means over epochs."""

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gan_zoo.files import replacing

_ROUNDING = 1e-6  # rounds: an epoch may end on a whole round, and a product of floats just above it
SERIES = ("discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated")
OBJECTIVE = "objective/"  # what the names of an objective's diagnostics begin with
BROKEN = "broken/"  # and of what is recorded nowhere: where a player's gradients are not finite


def mean(values: np.ndarray) -> float:
    """The mean of those of [rounds] values that are recorded, which others are not (NaN); NaN if none is."""
    recorded = values[~np.isnan(values)]
    return float(recorded.mean()) if len(recorded) else math.nan


def means(values: np.ndarray, starts: Sequence[int], ends: Sequence[int]) -> np.ndarray:
    """The `mean` of each stretch [start, end) of [rounds] values, all at once."""
    stretch = np.append(np.asarray(values[starts[0]:ends[-1]], np.float64), 0.0)  # an end may be its length
    borders = np.ravel(np.column_stack([starts, ends])) - starts[0]
    recorded = ~np.isnan(stretch)
    sums = np.add.reduceat(np.where(recorded, stretch, 0), borders)[::2]
    counts = np.add.reduceat(recorded.astype(np.float64), borders)[::2]
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


class _Series:
    """Float32 values that grow in place, so that adding some costs no more in a long run than in a short one."""

    def __init__(self, values: np.ndarray):
        self._room, self._count = np.array(values, np.float32), len(values)

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> np.ndarray:
        return self._room[:self._count]

    def add(self, values: np.ndarray) -> None:
        end = self._count + len(values)
        if end > len(self._room):
            room = np.empty(2 * end, np.float32)
            room[:self._count] = self.values
            self._room = room
        self._room[self._count:end] = values
        self._count = end


class History:
    """Losses, accuracies and the objective's diagnostics of every round, with the seconds of training at its end."""

    def __init__(self, values: dict[str, np.ndarray] | None = None):
        values = values or {name: np.zeros(0) for name in (*SERIES, "seconds")}
        self._series = {name: _Series(series) for name, series in values.items()}
        self._epochs: dict[float, list[dict[str, float]]] = {}  # by the rounds of one, as far as they were asked for

    def append(self, metrics: dict[str, np.ndarray], seconds: float) -> None:
        """Adds the rounds of a call, [rounds] each, that took `seconds` together."""
        count, start = len(metrics[SERIES[0]]), self.seconds
        for name in metrics:
            if name in SERIES or name.startswith(OBJECTIVE):
                if name not in self._series:  # a run that began before this was recorded
                    self._series[name] = _Series(np.full(self.rounds, np.nan))
                self._series[name].add(metrics[name])
        for name in self._series.keys() - metrics.keys() - {"seconds"}:  # or before it was recorded no more
            self._series[name].add(np.full(count, np.nan))
        self._series["seconds"].add(start + seconds * np.arange(1, count + 1) / count)

    @property
    def rounds(self) -> int:
        return len(self._series["seconds"])

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return float(self._series["seconds"].values[-1]) if self.rounds else 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        """The series by name, float32 [rounds] each; not to be written to."""
        return {name: series.values for name, series in self._series.items()}

    def means(self, start: int, names: Sequence[str]) -> dict[str, float]:
        """The means of these series over the rounds after the first `start`."""
        return {name: mean(self._series[name].values[start:]) for name in names}

    def epochs(self, rounds_per_epoch: float) -> list[dict[str, float]]:
        """The means of each finished epoch, with the seconds of training at its end; new ones are added at the end."""
        rows = self._epochs.setdefault(rounds_per_epoch, [])
        done, start = len(rows), int(rows[-1]["step"]) if rows else 0
        ends = list(itertools.takewhile(lambda end: end <= self.rounds, (
            last_round(epoch, rounds_per_epoch) for epoch in itertools.count(done + 1))))
        if ends:
            starts = [min(before, end - 1) for before, end in itertools.pairwise([start, *ends])]  # one may end several
            epochs = {name: means(series.values, starts, ends) for name, series in self._series.items()
                     if name != "seconds"}
            seconds = self._series["seconds"].values
            rows += [{"epoch": done + 1 + index, "step": end, **{name: float(of[index]) for name, of in epochs.items()},
                      "seconds": float(seconds[end - 1])} for index, end in enumerate(ends)]
        return rows

    def write_epochs(self, path: Path, rounds_per_epoch: float) -> None:
        """Writes the table of epochs as CSV, if an epoch is finished."""
        rows = self.epochs(rounds_per_epoch)
        if not rows:
            return
        with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            for row in rows:
                writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def last_round(epoch: int, rounds_per_epoch: float) -> int:
    """The round with which an epoch, counted from 1, is finished."""
    return math.ceil(epoch * rounds_per_epoch - _ROUNDING)
