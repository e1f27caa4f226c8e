"""Numbers that change over a run: learning rates, weights of penalties, levels of noise.

A schedule is a function of the step alone, or of the step and the run's length, so that a resumed run goes on where
it was. It is written as a call: cosine(2e-4, 5e-5), linear(0.5, 0, steps=1000).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gan_zoo.errors import UserError, check_number
from gan_zoo.registry import Call, Registry, one_call

if TYPE_CHECKING:
    import tensorflow as tf  # what a flag says is checked without it

schedules = Registry("schedule")


@dataclass(frozen=True)
class Schedule:
    """A number for each step.

    text: the call that gives it again. lowest, highest: the bounds of its values. needs_total: whether it depends on
    the run's length. function: (step, total) → float32 scalar.
    """

    text: str
    lowest: float
    highest: float
    needs_total: bool
    function: Callable = field(compare=False)

    def __call__(self, step, total: int | None = None) -> "tf.Tensor":
        """The value, a float32 scalar, at `step`: the rounds done so far (0, 1, …), a number or an integer tensor.

        total: the rounds of the whole run; may be None unless `needs_total`, with which ValueError.
        """
        if self.needs_total and total is None:
            raise ValueError(f"{self} needs the run's length")
        return self.function(step, total)

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__


@schedules.register("constant")
def constant(value) -> Schedule:
    """The same value throughout."""
    check_number("value", value)

    def function(step, total):
        import tensorflow as tf

        return tf.constant(value, tf.float32)

    return Schedule(str(Call("constant", (value,))), value, value, False, function)


def number_or_schedule(value, name: str, **bounds) -> Schedule:
    """A schedule from what a flag says: 0.5, "0.5" or "linear(0.5, 0)"; a number is constant.

    name: of the flag. bounds: those of check_number. UserError, naming the flag, for anything else.
    """
    if isinstance(value, str):
        value = _read(value, name)
    value = check_number_or_schedule(name, value, **bounds)
    return value if isinstance(value, Schedule) else constant(value)


def _read(text: str, name: str):
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return schedules.build(one_call(text))
    except UserError as error:
        raise UserError(f"{name} must be a number or a schedule, as in linear(0.5, 0): {error}") from None


def check_number_or_schedule(name: str, value, above=None, least=None, below=None, most=None):
    """Returns `value` if it is a number within the bounds, or a schedule that stays within them; UserError otherwise.

    A schedule may come as near as it likes to an open bound: linear(2e-4, 0) is a learning rate above 0.
    """
    if not isinstance(value, Schedule):
        return check_number(name, value, above, least, below, most)
    closed = {"least": above if least is None else least, "most": below if most is None else most}
    try:
        check_number(name, value.lowest, below=below, **closed)
        check_number(name, value.highest, above=above, **closed)
    except UserError as error:
        raise UserError(f"{error} in {value}") from None
    return value


def at(value, step, total: int | None = None):
    """What a number or a schedule is at `step` of `total`: the number itself, or a float32 scalar."""
    return value(step, total) if isinstance(value, Schedule) else value


def held_by(values: dict) -> list[Schedule]:
    """The schedules among some values, such as vars(objective), and in the lists among them."""
    flat = [each for value in values.values() for each in (value if isinstance(value, (list, tuple)) else [value])]
    return [value for value in flat if isinstance(value, Schedule)]
