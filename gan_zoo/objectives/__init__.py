"""Objectives: what each player minimises, built from specs such as "minimax" or "hinge + penalty(10)"."""

from gan_zoo.objectives.base import Sum, Term, build, objectives
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Sum", "Term", "build", "objectives", "register"]

register = objectives.register  # for a decorator outside of this package
