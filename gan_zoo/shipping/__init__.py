"""Forms in which a trained GAN leaves Python: one file a form, each a registered class with `needs` and `ship`."""

from gan_zoo.registry import import_all
from gan_zoo.shipping.base import Format, Shipped, Source, check_installed, formats

import_all(__name__)

__all__ = ["Format", "Shipped", "Source", "check_installed", "formats"]
