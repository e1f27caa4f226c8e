"""The data: any image set of TensorFlow Datasets, scikit-learn's digits, a folder of pictures, or synthetic points."""

from gan_zoo.data.dataset import Dataset
from gan_zoo.data.image_dataset import ImageDataset
from gan_zoo.data.loading import load, locate, request
from gan_zoo.data.point_dataset import PointDataset
from gan_zoo.data.source import DataRequest, Source, datasets
from gan_zoo.registry import import_all

import_all(__name__)

__all__ = ["DataRequest", "Dataset", "ImageDataset", "PointDataset", "Source", "datasets", "load", "locate", "request"]
