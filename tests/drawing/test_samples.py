"""Which picture is made of which data: grids against images.grid, plots against plots.points."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents, pixels
from gan_zoo.data import ImageDataset, load
from gan_zoo.drawing import images, plots
from gan_zoo.drawing.class_grids import class_grid
from gan_zoo.drawing.lettering import titled
from gan_zoo.drawing.samples import pictures
from gan_zoo.latents import Label, label_of, present
from gan_zoo.randomness import Key
from tests.data_request import request


def test_images_become_grids():
    held = np.random.default_rng(0).integers(0, 256, [10, 3, 3, 1], np.uint8)
    made = pictures(ImageDataset("some", held), (-1.0, 1.0), 4)
    assert made.count == 4
    np.testing.assert_array_equal(made.real(), images.grid(held[[0, 3, 6, 9]]))
    values = pixels.from_uint8(held[:4], (-1.0, 1.0)).numpy()
    np.testing.assert_array_equal(made.generated(values), images.grid(held[:4]))
    assert pictures(ImageDataset("some", held), (-1.0, 1.0), 40).real().shape == images.grid(held).shape


def test_points_become_plots():
    data = load(request("mixture_1d"))
    made = pictures(data, None, 64)
    assert made.count == 2048
    assert pictures(data, None, 5000).count == 5000
    values = np.random.default_rng(0).normal(size=[100, 1, 1, 1]).astype(np.float32)
    np.testing.assert_array_equal(made.real(), plots.points(real=data.images))
    np.testing.assert_array_equal(made.generated(values), plots.points(real=data.images, generated=values))


def _labelled() -> ImageDataset:
    """Twelve images, of class 1 nine and of class 3 three."""
    labels = np.array([1, 3, 1, 1, 1, 3, 1, 1, 1, 1, 3, 1], np.int32)
    held = np.random.default_rng(0).integers(1, 256, [12, 3, 3, 1], np.uint8)
    return ImageDataset("some", held, labels, tuple("abcd"))


def _label(data: ImageDataset) -> Label:
    return label_of(present(data.labels, data.class_names))


@pytest.mark.parametrize(("count", "columns"), [(8, 4), (9, 4), (11, 6), (1, 1)])
def test_a_class_is_a_row(count, columns):
    """Real ones evenly spread over the class, black where there are too few."""
    data = _labelled()
    made = pictures(data, (-1.0, 1.0), count, _label(data))
    rows = [np.flatnonzero(data.labels == number) for number in (1, 3)]
    shown = np.zeros([2, columns, 3, 3, 1], np.uint8)
    for row, of_class in zip(shown, rows, strict=True):
        chosen = of_class[np.linspace(0, len(of_class) - 1, min(columns, len(of_class))).astype(int)]
        row[:len(chosen)] = data.images[chosen]
    assert columns < 4 or not shown[1, 3:].any()
    expected = class_grid(shown.reshape(-1, 3, 3, 1), ["b", "d"])
    np.testing.assert_array_equal(made.real(), expected)
    values = pixels.from_uint8(tf.constant(shown.reshape(-1, 3, 3, 1)), (-1.0, 1.0)).numpy()
    np.testing.assert_array_equal(made.generated(values), expected)


def test_of_very_many_classes_a_hundred_are_shown_and_that_is_said():
    labels = np.arange(250, dtype=np.int32)
    data = ImageDataset("some", np.zeros([250, 3, 3, 1], np.uint8), labels, tuple(map(str, labels)))
    made = pictures(data, (-1.0, 1.0), 64, _label(data))
    shown = made.latents(latents.build("noise(3)"), Key(0)).labels.numpy()
    assert (len(set(shown)), shown[0], shown[-1]) == (100, 0, 249)
    plain = class_grid(np.zeros([100, 3, 3, 1], np.uint8), list(map(str, shown)))
    np.testing.assert_array_equal(made.real(), titled(plain, "100 of 250 classes, evenly chosen"))
    assert len(pictures(data, (-1.0, 1.0), 200, _label(data)).latents(latents.build("noise(3)"), Key(0)).labels) == 200


def test_generated_rows_share_their_noise():
    data, latent = _labelled(), latents.build("noise(3) + categorical(2)")
    shown = pictures(data, (-1.0, 1.0), 8, _label(data)).latents(latent, Key(0))
    noise = shown.noise.numpy().reshape(2, 4, 5)
    np.testing.assert_array_equal(noise[0], noise[1])
    assert len(np.unique(noise[0, :, 0])) == 4
    np.testing.assert_array_equal(shown.labels, np.repeat([1, 3], 4))


def test_without_classes_all_noise_differs():
    shown = pictures(_labelled(), (-1.0, 1.0), 8).latents(latents.build("noise(3)"), Key(0))
    assert len(np.unique(shown.noise.numpy()[:, 0])) == 8
    assert shown.labels is None
