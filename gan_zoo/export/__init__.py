"""From trained networks to a SavedModel, and what it says of itself."""

from gan_zoo.export.description import FORMAT, Description
from gan_zoo.export.saved_model import METADATA, export, functions, load, read_metadata

__all__ = ["FORMAT", "METADATA", "Description", "export", "functions", "load", "read_metadata"]
