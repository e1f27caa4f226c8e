"""Moons and spiral: against scikit-learn's, a curve cut into short pieces, and an integral along it."""

import numpy as np
import pytest
import scipy.stats
from sklearn.datasets import make_moons

from gan_zoo.data import load
from gan_zoo.data.modes import modes
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key
from tests.data_request import request


def _load(spec: str):
    return load(request(spec))


def _spiral(turns: float, pieces: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Points of an arm [pieces, 2] and the lengths of the pieces there."""
    angles = np.linspace(0, 2 * np.pi * turns, pieces + 1)
    arm = (angles / angles[-1])[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (arm[1:] + arm[:-1]) / 2, np.linalg.norm(np.diff(arm, axis=0), axis=1)


def test_moons_are_those_of_scikit_learn():
    found = _load("moons(std=0.1)").images.reshape(-1, 2)
    known, _ = make_moons(20_000, noise=0.1, random_state=0)
    for direction in ([1, 0], [0, 1], [1, 1], [1, -2]):
        assert scipy.stats.ks_2samp(found @ direction, known @ direction).pvalue > 1e-3


@pytest.mark.parametrize("turns", [0.5, 1.5])
def test_a_spiral_is_as_dense_everywhere_on_its_two_arms(turns):
    found = _load(f"spiral(turns={turns}, std=0.05)").images.reshape(-1, 2)
    random, (arm, lengths) = np.random.default_rng(0), _spiral(turns)
    known = arm[random.choice(len(arm), 20_000, p=lengths / lengths.sum())] * random.choice([-1, 1], [20_000, 1])
    known += random.normal(scale=0.05, size=known.shape)
    for direction in ([1, 0], [0, 1], [1, 1], [1, -2]):
        assert scipy.stats.ks_2samp(found @ direction, known @ direction).pvalue > 1e-3
    assert scipy.stats.ks_2samp(*(np.linalg.norm(points, axis=1) for points in (found, known))).pvalue > 1e-3


def test_log_prob():
    """The integral of the Gaussian along the curve; beyond its ends, the last point, it is coarser."""
    arm, lengths = _spiral(1.0)
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.02, -0.61], [-0.4, 0.05], [1.05, 0.03]])
    squares = ((points[:, np.newaxis, np.newaxis] - np.stack([arm, -arm])) ** 2).sum(axis=-1)
    densities = np.exp(-squares / 2 / 0.05**2) / (2 * np.pi * 0.05**2) @ lengths / lengths.sum()
    found = _load("spiral(std=0.05)").log_prob(points).numpy()
    expected = np.log(densities.mean(axis=1))
    np.testing.assert_allclose(found[:-1], expected[:-1], atol=1e-4)
    np.testing.assert_allclose(found[-1], expected[-1], atol=0.06)


def test_pieces_of_a_curve_are_no_modes():
    for spec in ("moons", "spiral"):
        data = _load(spec)
        assert modes(data) is None
        assert (data.image_shape, data.has_pixels, data.labels) == ((1, 1, 2), False, None)
        fetch = data.reader(Key(3)("data"), 16)
        np.testing.assert_array_equal(fetch(2), fetch(2))
        assert data.description.startswith(f"{spec}(")


def test_other_arguments_are_other_data():
    specs = ["moons(std=0.2)", "moons(std=0.1)", "spiral(turns=0.5, std=0.1)", "spiral(std=0.1)", "spiral(std=0.2)"]
    assert len({_load(spec).fingerprint for spec in specs}) == len(specs)
    assert _load("moons(0.2, count=5)").fingerprint == _load("moons(std=0.2)").fingerprint


@pytest.mark.parametrize(("spec", "message"), [
    ("moons(std=0)", "std must be"), ("moons(std=1e-3)", "std must be at least 0.0063 for a curve as long"),
    ("moons(count=0)", "count must be"), ("spiral(turns=0)", "turns must be"), ("spiral(turns=101)", "turns must be"),
    ("spiral(std=-1)", "std must be"), ("spiral(arms=2)", "spiral has no argument 'arms'")])
def test_mistakes_in_the_spec(spec, message):
    with pytest.raises(UserError, match=f"^--dataset={spec[:4]}.*{message}") as caught:
        _load(spec)
    assert "\n" not in str(caught.value)
