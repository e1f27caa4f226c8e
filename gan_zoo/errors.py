"""The one exception that means "the user can mend this", and the checks that raise it."""

import difflib
import os
import re
from collections.abc import Iterable
from numbers import Real

MOST = 2**31 - 1  # of what is counted; more has no meaning, and TensorFlow's shapes and counters end there
LARGEST, SMALLEST = 3.4028234663852886e38, 1.1754943508222875e-38  # in magnitude: float32's, the latter not subnormal
_LONGEST_WORD, _LONGEST_LINE = 300, 2_000  # characters of a message
_LONGEST_NAME, _LONGEST_PATH = 255, 4096  # bytes, the latter with the NUL at its end


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


class WorkerLost(RunStopped):
    """Another worker of a run has gone, or never came: exit code 75, which tells a scheduler to start all again."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


def one_line(error: BaseException, most: int | None = None) -> str:
    """What an error says, on one line of at most `most` characters; the name of its kind if it says nothing.

    Words and lines that nobody can read lose their middles, and characters that are not to be printed are escaped.
    """
    words = [_cut(word, _LONGEST_WORD) for word in str(error).split()]
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in " ".join(words))
    return _cut(text, _LONGEST_LINE)[:most] or type(error).__name__


def written(value, most: int = 100) -> str:
    """A value as its Python text, cut to about `most` characters."""
    try:
        return _cut(repr(value), most)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "a number of thousands of digits"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most * 2 // 3]}…{text[-most // 3:]}"


def check_text(text: str, flag: str) -> str:
    """Returns `text`, which a flag was given; UserError for one that can't be a file's name, nor kept in a file."""
    if "\0" in text:
        raise UserError(f"{flag} has a NUL character in it: leave that out")
    if re.search("[\ud800-\udfff]", text):
        raise UserError(f"{flag} has bytes that are not UTF-8: rename what it names, or leave them out")
    return text


def nearest(name: str, choices: Iterable[str]) -> str:
    """A hint that ends an error message: the nearest choice if one is near, and all of them."""
    choices, text = sorted(choices), name if isinstance(name, str) else written(name)
    close = difflib.get_close_matches(text[:_LONGEST_WORD], choices, n=1, cutoff=0.5)
    guess = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(choices[:24]) + (", …" if len(choices) > 24 else "")
    return f"{guess}choices: {shown or 'none'}"


def check_flag_name(text: str) -> str:
    """Returns `text`, an argument; UserError if the name of its flag is so long that looking for it never ends."""
    if text.startswith("-") and len(name := text.lstrip("-").partition("=")[0]) > _LONGEST_NAME:
        raise UserError(f"unknown flag --{_cut(name, 60)} (--help shows all)")
    return text


def check_path(path: str, flag: str) -> str:
    """Returns `path`, which a flag was given; UserError if no file system knows such names."""
    check_text(path, flag)
    longest = max(path.split("/"), key=len)
    if len(os.fsencode(longest)) > _LONGEST_NAME or len(os.fsencode(path)) >= _LONGEST_PATH:
        raise UserError(f"{flag}={_cut(path, 60)} is too long: a name has at most {_LONGEST_NAME} bytes, a path "
                        f"{_LONGEST_PATH - 1}")
    if path.startswith("~") and os.path.expanduser(path) == path:
        raise UserError(f"{flag}={path}: there is no user {path.split('/')[0][1:]!r}: write the folder's path, or "
                        f"./{path} for one of that name")
    return path


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value and abs(value) != float("inf")


def check_range(name: str, value) -> None:
    """Raises UserError for a number that float32 can't hold, being too large or too near to 0."""
    if isinstance(value, (int, float)) and abs(value) > LARGEST:
        raise UserError(f"{name} must be at most 3.4e38 in magnitude, as float32 ends there, got {written(value)}")
    if _is_number(value) and 0 < abs(value) < SMALLEST:
        raise UserError(f"{name} must be 0 or at least 1.2e-38 in magnitude, as float32 knows nothing between, "
                        f"got {value!r}")


def check_count(name: str, value, least: int = 1, most: int = MOST) -> int:
    """Returns `value` if it is an integer from `least` to `most`; raises UserError naming it otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UserError(f"{name} must be a whole number of at least {least}, got {written(value)}")
    if value > most:
        raise UserError(f"{name} must be a whole number of at most {most}, got {written(value)}")
    return value


def check_number(name: str, value, above: float | None = None, least: float | None = None,
                 below: float | None = None, most: float | None = None) -> float:
    """Returns `value` if it is a finite number that float32 can hold, within the given open or closed bounds."""
    bounds = [(above, "above", lambda b: value > b), (least, "at least", lambda b: value >= b),
              (below, "below", lambda b: value < b), (most, "at most", lambda b: value <= b)]
    wanted = " and ".join(f"{word} {bound}" for bound, word, _ in bounds if bound is not None)
    if not _is_number(value) or not all(holds(bound) for bound, _, holds in bounds if bound is not None):
        raise UserError(f"{name} must be a number{' ' + wanted if wanted else ''}, got {written(value)}")
    check_range(name, value)
    return value


def check_choice(name: str, value, choices: Iterable):
    """Returns `value` if it is one of `choices`."""
    choices = list(choices)
    if value not in choices:
        raise UserError(f"unknown {name} {written(value)}: {nearest(value, map(str, choices))}")
    return value
