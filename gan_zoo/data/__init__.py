"""The data: image sets of TensorFlow Datasets, digits that need no download, a folder, arrays, or synthetic points."""

from gan_zoo.data.arrays import from_arrays
from gan_zoo.data.dataset import Dataset
from gan_zoo.data.image_dataset import ImageDataset
from gan_zoo.data.loading import load, locate, request
from gan_zoo.data.point_dataset import PointDataset
from gan_zoo.data.source import DataRequest, Source, datasets
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["DataRequest", "Dataset", "ImageDataset", "PointDataset", "Source", "datasets", "from_arrays", "load",
           "locate", "register", "request"]

register = datasets.register  # for a decorator outside of this package
