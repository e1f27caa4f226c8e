"""Results of metrics as lines of text."""

import math
from collections.abc import Collection, Mapping

from gan_zoo.evaluation.records import Quantity, quantities

_MOST_DECIMALS = 4


def table(name: str, results: Mapping, remark: str | None = None, differences: Collection[str] = ()) -> list[str]:
    """The lines for a metric's results: its call, then each quantity and its value, ± its error, floor and ratio.

    remark: what a reader has to know of the data, on a line of its own. differences: quantities without a ratio.
    """
    own = quantities(results, differences)
    width = max((len(each.name) for each in own), default=0)
    lines = [name, *(f"  {each.name:<{width}}  {_line(each)}" for each in own)]
    return [*lines, f"  {'remark':<{width}}  {remark}"] if remark else lines


def _line(quantity: Quantity) -> str:
    value, floor = shown(quantity.value, quantity.error), quantity.floor
    if floor is None:
        return value
    line = f"{value:<20}  floor {shown(floor):<10}"
    return line.rstrip() if quantity.ratio is None else f"{line}  ratio {quantity.ratio:.3g}"


def shown(value, error: float | None = None) -> str:
    """A value as text; with an error, whose first two digits are shown, it gets as many decimals as that.

    With one of nothing, or of less than decimals show, it is as without one.
    """
    if error is not None and math.isfinite(error) and (error == 0 or error < 10.0**-_MOST_DECIMALS):
        return f"{shown(value)} ± {error:.2g}"
    if error is not None and math.isfinite(error):
        decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(error))))
        return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
