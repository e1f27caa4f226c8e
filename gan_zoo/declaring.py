"""What a flag's field is made of: its default, its help, and the values that it may have."""

import re
from dataclasses import field

from gan_zoo.errors import MOST, UserError, check_choice, check_count, check_number, check_path


def flag(default, group: str, text: str, check=None, resumable: bool = False, choices=(), of_data: bool = False,
         of_machine: bool = False):
    """A field that becomes a flag.

    check: called with (flag, value). resumable: whether a run may go on with another value. of_data: whether None
    means what the data are. of_machine: whether each of several machines may have its own value.
    """
    if choices:
        text = f"{text}: {' | '.join(choices)}"
        check = _choice(choices)
    return field(default=default, metadata={"group": group, "help": text, "check": check, "resumable": resumable,
                                    "of_data": of_data, "of_machine": of_machine})


def _choice(choices):
    return lambda name, value: value is None or check_choice(name, value, choices)


def least(least: int, most: int = MOST):
    return lambda name, value: value is None or check_count(name, value, least, most)


def path(name, value):
    if value:
        check_path(value, name)


def bound(**bounds):
    return lambda name, value: value is None or check_number(name, value, **bounds)


def number_or_call(**bounds):
    """A number within the bounds, or a call, which is checked where it is built."""
    def check(name, value):
        number = as_number(value)
        if number is not None:
            check_number(name, number, **bounds)

    return check


def as_rounds(text: str) -> tuple[int, int]:
    """The A and B of --profile_steps=A,B, 0 ≤ A < B; UserError for another text."""
    flag, found = f"--profile_steps={text}", re.fullmatch(r"\s*([0-9]{1,18})\s*,\s*([0-9]{1,18})\s*", text)
    if not found:
        raise UserError(f"{flag} must be two steps, as in 20,40 for the twenty rounds between them")
    first, last = map(int, found.groups())
    if first >= last:
        raise UserError(f"{flag} holds no round: the second step must be larger than the first")
    return first, last


def as_number(value) -> float | None:
    """The number that a text (or a number) is, or None."""
    try:
        return float(value)
    except ValueError:
        return None
