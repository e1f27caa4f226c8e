"""Image data: any set of TensorFlow Datasets, scikit-learn's digits, or a folder of pictures."""

from gan_zoo.data.images import ImageDataset
from gan_zoo.data.loading import load, locate, request
from gan_zoo.data.source import DataRequest, Source, datasets
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["DataRequest", "ImageDataset", "Source", "datasets", "load", "locate", "request"]
