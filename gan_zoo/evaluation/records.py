"""metrics.json in the folder of a run: what was measured, by the text of each metric's call."""

import json
import os
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from gan_zoo.errors import UserError
from gan_zoo.files import alone, write_text

RESULTS = "metrics.json"
DIFFERENCES = "differences"  # of a record: quantities in decibels, or about 0 at best, whose ratio tells nothing
STD = "_std"  # behind the name of a quantity: of its values over the seeds
_ERROR_OF, _FLOOR = "_standard_error", "_floor"  # likewise: its standard error; what real images get


class Quantity(NamedTuple):
    """One of a metric's results. error: its deviation over seeds, or else its standard error. floor: of real images.

    is_difference: whether its zero is not that of nothing, so that only its difference to the floor tells something.
    """

    name: str
    value: Any
    error: float | None
    floor: float | None
    is_difference: bool = False

    @property
    def ratio(self) -> float | None:
        """Value over floor, None if that tells nothing."""
        if self.floor is None or self.is_difference or not self.floor > 0 <= self.value:
            return None
        return self.value / self.floor


def quantities(results: Mapping[str, Any], differences: Collection[str] = ()) -> list[Quantity]:
    """The results of a metric, each with what belongs to it. differences: names, as a record has them (DIFFERENCES)."""
    own = [key for key in results if not any(key.endswith(end) and key.removesuffix(end) in results
                                             for end in (_ERROR_OF, STD, _FLOOR))
           and not key.endswith(_FLOOR + STD)]
    return [Quantity(key, results[key], results.get(key + STD, results.get(key + _ERROR_OF)),
                     results.get(key + _FLOOR), key in differences) for key in own]


def keep(folder: str, call: str, record: Mapping[str, Any]) -> None:
    """Adds a record to metrics.json in a folder, beside what another process may have added meanwhile."""
    with alone(folder):
        write_records(folder, read_records(folder) | {call: record})


def read_records(folder: str) -> dict:
    """What metrics.json in the folder of a run holds so far, by metric."""
    path = os.path.join(folder, RESULTS)
    if not os.path.lexists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            earlier = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} can't be read ({error}): move it away") from None
    if not isinstance(earlier, dict) or not all(isinstance(each, dict) for each in earlier.values()):
        raise UserError(f"{path} holds no records by metric: move it away")
    return earlier


def write_records(folder: str, records: dict) -> None:
    """Keeps the records in metrics.json, which is replaced whole."""
    path = os.path.join(folder, RESULTS)
    try:
        write_text(path, json.dumps(records, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}") from None
