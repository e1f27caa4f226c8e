"""Spaces in which images are vectors whose distances mean something: one file a space, each a registered builder."""

from gan_zoo.features.base import Features, Parts, Space, build, features
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Features", "Parts", "Space", "build", "features", "register"]

register = features.register  # for a decorator outside of this package
