"""Classes as people write them: by name or number, in a list, as a range."""

import re
from collections.abc import Collection, Sequence

EACH = "each"  # in place of a class: every one


def split_classes(text: str | None) -> tuple[str, ...]:
    """The entries of --classes: "0, 3," → ("0", "3"); () for all classes."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def class_number(text: str, names: Sequence[str], allowed: Collection[int] | None = None) -> int | None:
    """The number of the class that `text` names or numbers, or None if that is no class; a name goes before a number.

    names: of all classes, by number; may be empty if the allowed numbers are given. allowed: default: all with a name.
    """
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
    if text in names:
        number = list(names).index(text)
    return number if number in (range(len(names)) if allowed is None else allowed) else None


def listed(numbers: Sequence[int]) -> str:
    """Ascending numbers in words that end an error message: "0 to 9", or "one of 1, 3" if some between are missing."""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return f"one of {', '.join(map(str, numbers))}"
