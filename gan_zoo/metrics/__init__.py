"""What is measured of a trained generator: one file a metric, each a registered builder."""

from gan_zoo.metrics.base import Counts, Subject, build, metrics, pixels
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["Counts", "Subject", "build", "metrics", "pixels"]
