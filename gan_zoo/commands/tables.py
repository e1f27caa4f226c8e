"""Results of metrics as lines of text."""

import math
from collections.abc import Mapping

_MOST_DECIMALS = 4
_ERROR_OF, _STD, _FLOOR = "_standard_error", "_std", "_floor"  # a quantity of this ending belongs to the one before it


def table(name: str, results: Mapping, remark: str | None = None) -> list[str]:
    """The lines for a metric's results: its call, then each quantity and its value, ± its error, floor and ratio.

    remark: what a reader has to know of the data, on a line of its own.
    """
    own = [key for key in results if not any(key.endswith(end) and key.removesuffix(end) in results
                                             for end in (_ERROR_OF, _STD, _FLOOR))
           and not key.endswith(_FLOOR + _STD)]
    width = max(map(len, own), default=0)
    lines = [name, *(f"  {key:<{width}}  {_line(key, results)}" for key in own)]
    return [*lines, f"  {'remark':<{width}}  {remark}"] if remark else lines


def _line(key: str, results: Mapping) -> str:
    value = shown(results[key], results.get(key + _STD, results.get(key + _ERROR_OF)))
    floor = results.get(key + _FLOOR)
    if floor is None:
        return value
    line = f"{value:<20}  floor {shown(floor):<10}"
    return f"{line}  ratio {results[key] / floor:.3g}" if floor > 0 and results[key] >= 0 else line.rstrip()


def shown(value, error: float | None = None) -> str:
    """A value as text; with an error, whose first two digits are shown, it gets as many decimals as that."""
    if error is not None and math.isfinite(error):
        decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(error)))) if error > 0 else 1
        return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
