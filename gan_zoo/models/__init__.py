"""The networks: one file a family, each a registered builder."""

from gan_zoo.models.base import Networks, models
from gan_zoo.models.building import Shape, build, check
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Networks", "Shape", "build", "check", "models", "register"]

register = models.register  # for a decorator outside of this package
