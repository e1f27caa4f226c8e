"""Python's keywords as the shell's flags would have them."""

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_zoo.errors import UserError, check_count, check_number
from gan_zoo.experiment import Experiment, as_text, is_unset_by_text

if TYPE_CHECKING:
    import numpy as np

MOST_SEEDS = 100
_MOST_IMAGES = 1_000_000  # drawn at once
_SEEDS = {"least": -2**31, "most": 2**31 - 1}  # an export takes an int32


def argument(name: str, value: Any) -> str:
    """A flag of `gan-zoo train`, as text; None is "not set" where a flag can be that."""
    if name not in Experiment.__dataclass_fields__:
        return f"--{name}={value}"  # the parser says what it thinks of it
    if value is None and not is_unset_by_text(name):
        raise UserError(f"{name}=None can't be: leave {name} out")
    return f"--{name}={as_text(name, ','.join(map(str, value)) if isinstance(value, (list, tuple)) else value)}"


def count(value: Any) -> int:
    """How many images, at least 1."""
    number = check_count("count", _whole("count", value))
    check_number("count", number, most=_MOST_IMAGES)
    return number


def seed(value: Any) -> int:
    """Which images, of 32 bits."""
    number = _whole("seed", value)
    check_number("seed", number, **_SEEDS)
    return number


def seeds(first: Any, number: Any) -> tuple[int, ...]:
    """So many seeds from the first on."""
    count_ = check_count("seeds", _whole("seeds", number))
    check_number("seeds", count_, most=MOST_SEEDS)
    return tuple(seed(_whole("seed", first) + index) for index in range(count_))


def label(value: Any) -> str | None:
    """The number or name of a class, or "each", as text; that there is such a class is checked later."""
    if value is None or isinstance(value, str):
        return value
    try:
        return str(operator.index(value))
    except TypeError:
        raise UserError(f"label must be the number or name of a class, or 'each', got {value!r}") from None


def codes(values: Any) -> dict[str, str]:
    """Values of codes by name, as text; that there are such codes is checked later."""
    if values is not None and not isinstance(values, Mapping):
        raise UserError(f"codes must be values by name, as in codes={{'c1': 3}}, got {values!r}")
    return {str(name): str(value) for name, value in (values or {}).items()}


def latents(values: Any) -> "np.ndarray | None":
    """An array; what is in it is checked later."""
    import numpy as np

    return None if values is None else np.asarray(values)


def _whole(name: str, value: Any) -> int:
    """The integer, of whatever library's type, that a keyword is."""
    try:
        return operator.index(value)
    except TypeError:
        raise UserError(f"{name} must be a whole number, got {value!r}") from None
