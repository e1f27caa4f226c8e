"""Which picture is made of which data: grids against images.grid, plots against plots.points."""

import numpy as np

from gan_zoo import images, plots
from gan_zoo.data import DataRequest, ImageDataset, load
from gan_zoo.training.pictures import pictures


def test_images_become_grids():
    held = np.random.default_rng(0).integers(0, 256, [10, 3, 3, 1], np.uint8)
    made = pictures(ImageDataset("some", held), (-1.0, 1.0), 4)
    assert made.count == 4
    np.testing.assert_array_equal(made.real(), images.grid(held[[0, 3, 6, 9]]))
    values = images.from_uint8(held[:4], (-1.0, 1.0)).numpy()
    np.testing.assert_array_equal(made.generated(values), images.grid(held[:4]))
    assert pictures(ImageDataset("some", held), (-1.0, 1.0), 40).real().shape == images.grid(held).shape


def test_points_become_plots():
    data = load(DataRequest("mixture_1d"))
    made = pictures(data, None, 64)
    assert made.count == 2048
    assert pictures(data, None, 5000).count == 5000
    values = np.random.default_rng(0).normal(size=[100, 1, 1, 1]).astype(np.float32)
    np.testing.assert_array_equal(made.real(), plots.points(real=data.images))
    np.testing.assert_array_equal(made.generated(values), plots.points(real=data.images, generated=values))
