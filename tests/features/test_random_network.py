"""The untrained network: the same everywhere, and sensitive to what a GAN gets wrong."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import correlate2d

from gan_zoo import data, features
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.features import Features
from gan_zoo.features.random_network import weights
from gan_zoo.metrics.frechet import frechet_distance
from tests.data_request import request

ROOT = Path(__file__).parents[2]
_SOME = np.random.default_rng(0).integers(0, 256, [7, 8, 8, 1], np.uint8)


def _space(images: np.ndarray, spec: str = "random") -> Features:
    return features.build(spec).fit(lambda part: ImageDataset("some", images))


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return data.load(request("digits", image_size=16)).images


def test_the_weights_are_orthogonal():
    for kernel in weights(3):
        rows = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
        np.testing.assert_allclose(rows.T @ rows, 2 * np.eye(rows.shape[1]), atol=2e-3)


def test_the_weights_are_for_ever():
    """A record, as no theory gives it: other machines and releases must come to the same."""
    assert str(_space(_SOME)) == "random 845214af8242"


def _by_hand(image: np.ndarray) -> np.ndarray:
    values, found = image / 127.5 - 1, []
    for layer, kernel in enumerate(weights(image.shape[-1])):
        if layer:
            height, width, depth = values.shape
            values = values.reshape(height // 2, 2, width // 2, 2, depth).mean(axis=(1, 3))
        values = np.stack([np.maximum(0, sum(correlate2d(values[:, :, i], kernel[:, :, i, o], "same")
                                             for i in range(kernel.shape[2]))) for o in range(kernel.shape[3])], -1)
        half, across = values.shape[0] // 2, values.shape[1] // 2
        found += [part.mean(axis=(0, 1)) for rows in (values[:half], values[half:])
                  for part in (rows[:, :across], rows[:, across:])]
    return np.concatenate(found)


@pytest.mark.parametrize("shape", [(8, 8, 1), (16, 8, 3)])
def test_as_by_hand(shape):
    images = np.random.default_rng(1).integers(0, 256, [2, *shape], np.uint8)
    found = _space(images)(images)
    assert (found.dtype, found.shape) == (np.float32, (2, 256))
    np.testing.assert_allclose(found, [_by_hand(image) for image in images], atol=1e-5)


@pytest.mark.parametrize("shape", [(12, 12, 1), (28, 28, 1), (9, 13, 3), (64, 64, 3), (130, 70, 3), (1, 2, 1)])
def test_images_of_any_shape(shape):
    images = np.random.default_rng(2).integers(0, 256, [3, *shape], np.uint8)
    rows = _space(images)(images)
    assert rows.shape == (3, 256)
    assert np.isfinite(rows).all()


def test_another_process_comes_to_the_same_bits():
    program = ("import numpy as np; from gan_zoo import features; from gan_zoo.data import ImageDataset; "
               "images = np.random.default_rng(0).integers(0, 256, [7, 8, 8, 1], np.uint8); "
               "space = features.build('random').fit(lambda part: ImageDataset('some', images)); "
               "print(space.identity, space(images).tobytes().hex())")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          check=True)
    space = _space(_SOME)
    assert done.stdout.split() == [space.identity, space(_SOME).tobytes().hex()]


def test_seeds_and_channels_have_their_own_weights():
    colour = np.repeat(_SOME, 3, axis=-1)
    spaces = [_space(_SOME), _space(_SOME, "random(seed=1)"), _space(colour)]
    assert len({space.identity for space in spaces}) == 3
    assert spaces[1].name == "random(seed=1)"


def _blurred(images, sigma):
    return np.stack([gaussian_filter(image, (sigma, sigma, 0)) for image in images])


def _noisy(images, deviation):
    noise = np.random.default_rng(0).normal(size=images.shape) * deviation
    return np.clip(images + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("worse", "amounts"), [(_blurred, (0.4, 0.6, 0.9, 1.3)), (_noisy, (5, 10, 20, 40))])
def test_the_worse_the_images_the_larger_the_distance(digits, worse, amounts):
    space, (real, other) = _space(digits), (digits[:900], digits[900:1797])
    distances = [frechet_distance(space(images), space(real))
                 for images in (other, *(worse(other, amount) for amount in amounts))]
    assert (np.diff(distances) > 0).all()
    assert distances[-1] > 2 * distances[0]


def test_many_images_are_as_few(digits):
    space = _space(digits)
    np.testing.assert_allclose(space(digits)[-3:], space(digits[-3:]), atol=1e-5)


def test_mistakes():
    points = data.load(request("mixture_1d"))
    with pytest.raises(UserError, match=r"random: mixture_1d has points, not images: take features='raw'"):
        features.build("random").fit(lambda part: points)
    with pytest.raises(UserError, match="random: seed must be a whole number of at least 0"):
        features.build("random(seed=-1)")
