"""From trained networks to a SavedModel, and what it says of itself."""

from gan_zoo.export.description import FORMAT, Description, describe
from gan_zoo.export.saved_model import METADATA, export, functions, load, read_metadata

__all__ = ["FORMAT", "METADATA", "Description", "describe", "export", "functions", "load", "read_metadata"]
