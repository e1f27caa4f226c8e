"""The one exception that means "the user can mend this", and the checks that raise it."""

import difflib
from collections.abc import Iterable
from numbers import Real


class UserError(Exception):
    """A mistake in a flag, a file or the data: shown as one line, exit code 2, without a traceback."""

    _keras_call_info_injected = True  # keeps Keras from adding a layer's arguments to one that is raised in its call

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it."""
        return [f"UserError: {self}"]


class RunStopped(Exception):  # noqa: N818 (nobody's error)
    """A run that can't go on, for a reason that lies in its course: shown as one line, exit code 1."""

    exit_code = 1


class Diverged(RunStopped):
    """A run in which a number is not finite: exit code 3."""

    exit_code = 3


def one_line(error: BaseException, most: int | None = None) -> str:
    """What an error says, on one line of at most `most` characters; the name of its kind if it says nothing."""
    return " ".join(str(error).split())[:most] or type(error).__name__


def nearest(name: str, choices: Iterable[str]) -> str:
    """A hint that ends an error message: the nearest choice if one is near, and all of them."""
    choices = sorted(choices)
    close = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.5)
    guess = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(choices[:24]) + (", …" if len(choices) > 24 else "")
    return f"{guess}choices: {shown or 'none'}"


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value and abs(value) != float("inf")


def check_count(name: str, value, least: int = 1) -> int:
    """Returns `value` if it is an integer of at least `least`; raises UserError naming it otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UserError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return value


def check_number(name: str, value, above: float | None = None, least: float | None = None,
                 below: float | None = None, most: float | None = None) -> float:
    """Returns `value` if it is a finite number within the given open or closed bounds."""
    bounds = [(above, "above", lambda b: value > b), (least, "at least", lambda b: value >= b),
              (below, "below", lambda b: value < b), (most, "at most", lambda b: value <= b)]
    wanted = " and ".join(f"{word} {bound}" for bound, word, _ in bounds if bound is not None)
    if not _is_number(value) or not all(holds(bound) for bound, _, holds in bounds if bound is not None):
        raise UserError(f"{name} must be a number{' ' + wanted if wanted else ''}, got {value!r}")
    return value


def check_choice(name: str, value, choices: Iterable):
    """Returns `value` if it is one of `choices`."""
    choices = list(choices)
    if value not in choices:
        raise UserError(f"unknown {name} {value!r}: {nearest(value, map(str, choices))}")
    return value
