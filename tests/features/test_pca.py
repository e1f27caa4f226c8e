"""Principal components against scikit-learn's, and on data of known rank."""

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances

from gan_zoo import data, features
from gan_zoo.data import ImageDataset
from gan_zoo.data.shrinking import shrunk
from gan_zoo.errors import UserError
from gan_zoo.features.pca import fitted
from tests.data_request import request


def _points(rows: np.ndarray) -> ImageDataset:
    return ImageDataset("points", rows.astype(np.float32).reshape(len(rows), 1, 1, -1))


@pytest.fixture(scope="module")
def digits() -> ImageDataset:
    return data.load(request("digits", image_size=8))


def test_as_scikit_learn_up_to_the_sign(digits):
    rows = digits.images.reshape(-1, 64) / 255
    expected = PCA(20, svd_solver="full").fit_transform(rows)
    found = fitted(digits, 20)(digits.images)
    assert found.dtype == np.float32
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=1e-4)


def test_what_was_looked_at_has_mean_0_and_uncorrelated_features_of_falling_variance(digits):
    rows = fitted(digits, 64)(digits.images).astype(np.float64)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-5)
    covariance = np.cov(rows, rowvar=False)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-5)
    assert (np.diff(np.diag(covariance)) <= 1e-7).all()


def test_data_of_rank_3_keep_their_distances_in_3_components():
    random = np.random.default_rng(0)
    rows = random.normal(size=[200, 3]) @ random.normal(size=[3, 12]) + random.normal(size=12)
    found = fitted(_points(rows), 3)(rows.astype(np.float32).reshape(-1, 1, 1, 12))
    np.testing.assert_allclose(pairwise_distances(found), pairwise_distances(rows), atol=1e-4)


def test_a_line_is_its_own_component_with_the_sign_of_its_largest_coordinate():
    direction = np.array([0.6, 0, -0.8])
    along = np.array([-3.0, 1, 2, 0])
    points = _points(along[:, None] * direction)
    np.testing.assert_allclose(fitted(points, 1)(points.images)[:, 0], -along, atol=1e-6)


def test_no_more_components_than_pixels(digits):
    space = fitted(digits, 100)
    assert space(digits.images).shape == (1797, 64)
    assert space.name == "pca(components=64)"
    assert fitted(_points(np.arange(5.0)), 3)(np.zeros([2, 1, 1, 1], np.float32)).shape == (2, 1)


def test_large_images_are_averaged_down():
    images = np.random.default_rng(0).integers(0, 256, [3, 28, 70, 3], np.uint8)
    expected = [np.asarray(Image.fromarray(image[:, :, channel].astype(np.float32)).reduce((5, 2)))
                for image in images for channel in range(3)]
    found = shrunk(images)
    assert found.shape == (3, 14, 14, 3)
    np.testing.assert_allclose(found.transpose(0, 3, 1, 2).reshape(9, 14, 14) * 255, expected, atol=1e-3)


def test_of_many_images_some_are_looked_at_the_same_every_time(digits):
    one, same, all_ = fitted(digits, 8, 500), fitted(digits, 8, 500), fitted(digits, 8)
    assert one.identity == same.identity != all_.identity
    np.testing.assert_array_equal(one(digits.images), same(digits.images))


def test_the_identity_is_that_of_the_data(digits):
    other = ImageDataset("digits", np.flip(digits.images, axis=1))
    assert len({fitted(digits, 8).identity, fitted(other, 8).identity, fitted(digits, 9).identity}) == 3


def test_what_was_trained_on_is_looked_at(digits):
    asked = []
    space = features.build("pca(components=5)").fit(lambda part: asked.append(part) or digits)
    assert asked == ["train"]
    assert str(space) == f"pca(components=5) {fitted(digits, 5).identity}"


@pytest.mark.parametrize("spec", ["pca(components=0)", "pca(images=1)", "pca(components=2.5)"])
def test_mistakes(spec):
    with pytest.raises(UserError, match=r"pca: (components|images) must be a whole number"):
        features.build(spec)


def test_its_identity_is_that_of_the_data_and_not_of_their_rounding(digits, monkeypatch):
    known = fitted(digits).identity
    cov = np.cov
    monkeypatch.setattr(np, "cov", lambda rows, **kwargs: cov(rows, **kwargs) * (1 + 1e-9 * np.sin(np.arange(64))))
    assert fitted(digits).identity == known
    assert fitted(digits, 20).identity != known
    others = ImageDataset("others", digits.images[:-20])
    assert fitted(others).identity != known
