"""Random changes of all images that the discriminator sees, real and generated: one registered builder each."""

from gan_zoo.augmentation.base import Augmentation, augmentations, build, within
from gan_zoo.augmentation.view import Sight, packed
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Augmentation", "Sight", "augmentations", "build", "packed", "register", "within"]

register = augmentations.register  # for a decorator outside of this package
