"""Numbers that change over a run: learning rates, weights of penalties, levels of noise; one function each."""

from gan_zoo.registry import import_all
from gan_zoo.schedules.base import (
    Schedule,
    at,
    check_number_or_schedule,
    constant,
    held_by,
    number_or_schedule,
    schedules,
)

import_all(__name__)

__all__ = ["Schedule", "at", "check_number_or_schedule", "constant", "held_by", "number_or_schedule", "register",
           "schedules"]

register = schedules.register  # for a decorator outside of this package
