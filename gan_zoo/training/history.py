"""The series of a run, one value a round, and their means over epochs."""

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

_ROUNDING = 1e-6  # rounds: an epoch may end on a whole round, and a product of floats just above it
SERIES = ("discriminator_loss", "generator_loss", "accuracy_real", "accuracy_generated")
OBJECTIVE = "objective/"  # what the names of an objective's diagnostics begin with
BROKEN = "broken/"  # and of what is recorded nowhere: where a player's gradients are not finite


def mean(values: np.ndarray) -> float:
    """The mean of those of [rounds] values that are recorded, which others are not (NaN); NaN if none is."""
    recorded = values[~np.isnan(values)]
    return float(recorded.mean()) if len(recorded) else math.nan


class History:
    """Losses, accuracies and the objective's diagnostics of every round, with the seconds of training at its end."""

    def __init__(self, values: dict[str, np.ndarray] | None = None):
        values = values or {name: np.zeros(0) for name in (*SERIES, "seconds")}
        self._chunks = {name: [np.asarray(series, np.float32)] for name, series in values.items()}

    def append(self, metrics: dict[str, np.ndarray], seconds: float) -> None:
        """Adds the rounds of a call, [rounds] each, that took `seconds` together."""
        count = len(metrics[SERIES[0]])
        for name in metrics:
            if name in SERIES or name.startswith(OBJECTIVE):
                if name not in self._chunks:  # a run that began before this was recorded
                    self._chunks[name] = [np.full(self.rounds, np.nan, np.float32)]
                self._chunks[name].append(np.asarray(metrics[name], np.float32))
        start = self._chunks["seconds"][-1][-1] if self.rounds else 0.0
        elapsed = start + seconds * np.arange(1, count + 1) / count
        self._chunks["seconds"].append(elapsed.astype(np.float32))

    @property
    def rounds(self) -> int:
        return sum(map(len, self._chunks["seconds"]))

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return float(self._chunks["seconds"][-1][-1]) if self.rounds else 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        """The series by name, float32 [rounds] each."""
        self._chunks = {name: [np.concatenate(chunks)] for name, chunks in self._chunks.items()}
        return {name: chunks[0] for name, chunks in self._chunks.items()}

    def means(self, start: int, names: Sequence[str]) -> dict[str, float]:
        """The means of these series over the rounds after the first `start`."""
        arrays = self.arrays()
        return {name: mean(arrays[name][start:]) for name in names}

    def epochs(self, rounds_per_epoch: float) -> list[dict[str, float]]:
        """The means of each finished epoch, with the seconds of training at its end."""
        arrays, start = self.arrays(), 0
        rows: list[dict[str, float]] = []
        for epoch in itertools.count(1):
            end = math.ceil(epoch * rounds_per_epoch - _ROUNDING)
            if end > self.rounds:
                break
            start = min(start, end - 1)  # a round that ends several epochs belongs to each
            means = {name: mean(series[start:end]) for name, series in arrays.items() if name != "seconds"}
            rows.append({"epoch": epoch, "step": end, **means, "seconds": float(arrays["seconds"][end - 1])})
            start = end
        return rows

    def write_epochs(self, path: Path, rounds_per_epoch: float) -> None:
        """Writes the table of epochs as CSV, if an epoch is finished."""
        rows = self.epochs(rounds_per_epoch)
        if not rows:
            return
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            for row in rows:
                writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
