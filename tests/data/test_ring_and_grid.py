"""The ring and the grid: where their modes are, what is drawn, and what other data say of modes."""

import numpy as np
import pytest
import scipy.stats

from gan_zoo.data import load
from gan_zoo.data.modes import modes
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request


def _load(spec: str):
    return load(request(spec))


def test_the_published_ring():
    found = modes(_load("ring"))
    angles = 2 * np.pi * np.arange(8) / 8
    np.testing.assert_allclose(found.centres, np.stack([np.cos(angles), np.sin(angles)], axis=1), atol=1e-7)
    np.testing.assert_allclose(found.stddevs, 0.01)
    np.testing.assert_allclose(found.weights, 1 / 8)
    assert len(np.unique(found.centres.round(3), axis=0)) == 8  # none of them doubled, as with both ends of a circle


def test_the_published_grid():
    found = modes(_load("grid"))
    np.testing.assert_array_equal(np.unique(found.centres), [-4, -2, 0, 2, 4])
    assert len(np.unique(found.centres, axis=0)) == 25
    np.testing.assert_allclose(found.stddevs, 0.05)
    np.testing.assert_allclose(found.weights, 1 / 25)


@pytest.mark.parametrize(("spec", "count"), [("ring(modes=3, radius=10, std=0.5)", 3),
                                             ("grid(side=2, spacing=20.0, std=0.5)", 4)])
def test_points_are_gaussian_about_their_modes(spec, count):
    data = _load(spec)
    points, known = data.images.reshape(-1, 2), modes(data)
    assert data.image_shape == (1, 1, 2)
    distances = np.linalg.norm(points[:, np.newaxis] - known.centres, axis=-1)
    nearest = distances.argmin(axis=1)
    assert scipy.stats.chisquare(np.bincount(nearest, minlength=count)).pvalue > 1e-3
    standard = (points - known.centres[nearest]) / 0.5
    assert scipy.stats.kstest(standard.ravel(), scipy.stats.norm.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(standard.T)[0, 1]) < 0.04


def test_log_prob():
    found = _load("ring(modes=2, radius=1.0, std=0.5)").log_prob(np.array([[0.0, 0.0], [1.0, 0.0]])).numpy()
    one = np.exp(scipy.stats.norm.logpdf([0, 1, 2], scale=0.5) + scipy.stats.norm.logpdf(0, scale=0.5))
    np.testing.assert_allclose(found, np.log([one[1], (one[0] + one[2]) / 2]), rtol=1e-5)


def test_batches_are_of_the_key():
    data = _load("grid(count=7)")
    fetch = data.reader(Key(3)("data"), 16)
    np.testing.assert_array_equal(fetch(2), fetch(2))
    assert not np.isin(fetch(2), fetch(3)).any()
    assert data.count == 7


def test_the_description_tells_the_arguments():
    assert _load("ring(modes=5)").description.startswith("ring(modes=5, radius=1.0, std=0.01): points of 2 dimensions")
    assert _load("grid").description.startswith("grid(side=5, spacing=2.0, std=0.05): points of 2 dimensions")


def test_other_arguments_are_other_data():
    specs = ["ring", "ring(modes=9)", "ring(radius=2.0)", "ring(std=0.02)", "grid", "grid(side=4)",
             "grid(spacing=1.0)", "grid(std=0.01)"]
    assert len({_load(spec).fingerprint for spec in specs}) == len(specs)
    assert _load("ring(8, 1, 0.01, count=5)").fingerprint == _load("ring").fingerprint


def test_the_modes_of_other_data():
    found = modes(_load("mixture_1d"))
    np.testing.assert_allclose(found.centres, [[-1], [2]])
    np.testing.assert_allclose(found.stddevs, [[0.25], [np.sqrt(2)]], rtol=1e-6)
    np.testing.assert_allclose(found.weights, [0.33, 0.67], rtol=1e-6)
    assert modes(load(request("digits", image_size=8))) is None


@pytest.mark.parametrize(("spec", "message"), [
    ("ring(modes=0)", "modes must be"), ("ring(modes=2.5)", "modes must be"), ("ring(modes=1001)", "modes must be"),
    ("ring(radius=-1)", "radius must be"), ("ring(std=0)", "std must be"), ("ring(count=0)", "count must be"),
    ("grid(side=0)", "side must be"), ("grid(side=32)", "side must be"), ("grid(spacing=-1)", "spacing must be"),
    ("grid(std=-1)", "std must be"), ("grid(size=3)", "grid has no argument 'size'")])
def test_mistakes_in_the_spec(spec, message):
    with pytest.raises(UserError, match=f"^--dataset={spec[:4]}.*{message}") as caught:
        _load(spec)
    assert "\n" not in str(caught.value)
