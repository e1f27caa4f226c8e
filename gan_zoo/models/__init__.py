"""The networks: one file a family, each a registered builder of a GAN."""

from gan_zoo.models.base import models
from gan_zoo.models.building import build, check
from gan_zoo.models.conditioning import Labels
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Labels", "build", "check", "models"]
