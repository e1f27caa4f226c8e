"""The class and the codes that are asked of an export: checked against what it says of itself."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import UserError, nearest
from gan_zoo.export.description import Classes, Description
from gan_zoo.labels import EACH, class_number, listed
from gan_zoo.latents import Block

_LARGEST = float(np.finfo(np.float32).max)


class Chosen(NamedTuple):
    """codes: with their values. label: a class for all images, or None: not chosen, or every one."""

    codes: tuple[tuple[Block, float], ...] = ()
    label: int | None = None

    def set_in(self, noise: np.ndarray) -> np.ndarray:
        """Noise [..., Z] with the codes at their values."""
        for block, value in self.codes:
            noise = block.write(noise, value)
        return noise

    def classes(self, drawn: np.ndarray | None, count: int) -> np.ndarray:
        """The classes of `count` images, int32: the chosen one, or those drawn; zeros, which mean nothing, of none."""
        if self.label is None and drawn is not None:
            return drawn
        return np.full(count, self.label or 0, np.int32)


def chosen(description: Description, label: str | None, codes: Mapping[str, str]) -> Chosen:
    """What --label and --codes choose, checked; UserError for what the export doesn't have."""
    if label is not None and not description.classes:
        raise UserError(f"--label={label} cannot be chosen: this export has no labels; leave --label out")
    known = {code.name: code for code in description.codes}
    if codes and not known:
        hint = "its classes are chosen with --label" if description.classes else "leave --codes out"
        raise UserError(f"--codes cannot be set: this export's latent has none; {hint}")
    for name in codes:
        if name not in known:
            raise UserError(f"--codes: unknown code {name!r}: {nearest(name, known)}")
    number = None
    if description.classes and label not in (None, EACH):
        number = _class_number(description.classes, str(label))
    return Chosen(tuple((known[name], _value(known[name], text)) for name, text in codes.items()), number)


def _value(code: Block, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if code.values is None:
        if abs(value) <= _LARGEST:
            return value
        wanted = "a finite number"
    else:
        if value in range(code.values):
            return value
        wanted = f"a whole number from 0 to {code.values - 1}"
    raise UserError(f"--codes: {code.name} must be {wanted}, got {text!r}")


def _class_number(classes: Classes, text: str) -> int:
    number = class_number(text, classes.names, classes.trained)
    if number is not None:
        return number
    named = classes.names and list(classes.names) != [str(number) for number in range(classes.count)]
    numbers = listed(classes.trained)
    ways = f"the name of a class that was trained on, or its number, {numbers}" if named else numbers
    hint = f"; {nearest(text, [classes.names[number] for number in classes.trained])}" if named else ""
    raise UserError(f"--label must be {ways}, or {EACH}, got {text!r}{hint}")


def held(description: Description, of: Chosen) -> np.ndarray:
    """Which numbers of the noise an interpolation leaves alone, bool [Z]: discrete codes and chosen ones."""
    still = np.zeros(description.latent_size, bool)
    for block in [*(block for block, _ in of.codes), *(code for code in description.codes if code.discrete)]:
        still[block.columns] = True
    return still
