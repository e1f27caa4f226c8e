"""The networks: one file a family, each a registered builder of a GAN."""

from gan_zoo.models.base import build, models
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["build", "models"]
