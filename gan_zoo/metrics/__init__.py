"""What is measured of a trained generator: one file a metric, each a registered builder."""

from gan_zoo.metrics.base import Counts, Metric, Sample, Subject, Tiles, build, fitting, metrics
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Counts", "Metric", "Sample", "Subject", "Tiles", "build", "fitting", "metrics", "register"]

register = metrics.register  # for a decorator outside of this package
