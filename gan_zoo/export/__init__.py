"""From trained networks to a SavedModel, and what it says of itself."""

from gan_zoo.export.saved_model import FORMAT, METADATA, export, load, read_metadata

__all__ = ["FORMAT", "METADATA", "export", "load", "read_metadata"]
