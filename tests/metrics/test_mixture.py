"""Captured modes, high quality and reverse KL: by hand, at their limits, and for what has no modes."""

import numpy as np
import pytest
import scipy.stats

from gan_zoo import metrics
from gan_zoo.data import PointDataset, load
from gan_zoo.data.modes import modes
from gan_zoo.errors import UserError
from gan_zoo.metrics.mixture import nearest_modes
from tests.data_request import request
from tests.metrics.sorted_images import measured
from tests.metrics.sorted_images import subject as beasts

RING, GRID, LINE = (load(request(spec)) for spec in ("ring", "grid", "mixture_1d"))


def _subject(made: np.ndarray, data: PointDataset = RING) -> metrics.Subject:
    made = np.asarray(made, np.float32).reshape(-1, *data.image_shape)
    return metrics.Subject(lambda count: made[:count], lambda part: data, held_out=False)


def _measured(made: np.ndarray, data: PointDataset = RING, arguments: str = "") -> dict:
    return measured(f"mixture({arguments})", _subject(made, data))


def _drawn(data: PointDataset, count: int, seed: int = 0) -> np.ndarray:
    known, rng = modes(data), np.random.default_rng(seed)
    which = rng.choice(len(known.weights), count, p=known.weights / known.weights.sum())
    return known.centres[which] + known.stddevs[which] * rng.normal(size=[count, known.centres.shape[1]])


def test_nearest_by_hand():
    """In standard deviations: 0 is 4 of 0.25 from −1 and √2 of √2 from 2."""
    which, distances = nearest_modes(np.array([[0.0], [-1.5], [2.0]]), modes(LINE))
    np.testing.assert_array_equal(which, [1, 0, 1])
    np.testing.assert_allclose(distances, [np.sqrt(2), 2, 0], rtol=1e-6, atol=1e-6)


def test_by_hand():
    """Of ten points six are at the first mode, two at the second, one 2.9 and one 3.1 deviations from the third."""
    centres = modes(RING).centres
    out = centres[2] / np.linalg.norm(centres[2])
    made = [centres[0]] * 6 + [centres[1]] * 2 + [centres[2] + 0.029 * out, centres[2] + 0.031 * out]
    found = _measured(made, arguments="samples=10")
    assert (found["modes_captured"], found["modes"], found["samples"]) == (3, 8, 10)
    assert found["high_quality"] == pytest.approx(0.9)
    assert found["high_quality_standard_error"] == pytest.approx(np.sqrt(0.09 / 10))
    entropy = -(0.6 * np.log(0.6) + 2 * 0.2 * np.log(0.2))
    assert found["reverse_kl"] == pytest.approx(np.log(8) - entropy)
    assert _measured(made, arguments="samples=10, within=3.2")["high_quality"] == 1


def test_a_mode_is_captured_by_good_points_alone():
    """A point between all of them has a nearest mode, which it does not capture."""
    found = _measured(np.full([50, 2], 0.1), arguments="samples=50")
    assert (found["modes_captured"], found["high_quality"]) == (0, 0)
    assert found["reverse_kl"] == pytest.approx(np.log(8))


@pytest.mark.parametrize(("data", "count", "floor"), [(RING, 8, 0.0014), (GRID, 25, 0.0049)], ids=["ring", "grid"])
def test_a_perfect_generator_gets_the_published_limits(data, count, floor):
    found = [_measured(_drawn(data, 2500, seed), data) for seed in range(40)]
    assert {each["modes_captured"] for each in found} == {count}
    assert np.mean([each["high_quality"] for each in found]) == pytest.approx(0.98889, abs=1e-3)
    assert np.mean([each["reverse_kl"] for each in found]) == pytest.approx(floor, abs=4e-4)
    assert (found[0]["samples"], found[0]["modes"]) == (2500, count)


def test_so_does_the_data_itself():
    found = _measured(_drawn(GRID, 2500), GRID)
    assert found["modes_captured_floor"] == 25
    assert found["high_quality_floor"] == pytest.approx(1 - np.exp(-4.5), abs=0.01)
    assert found["reverse_kl_floor"] < 0.01


def test_on_a_line():
    """Within 3 deviations of the nearest of two modes, by their density, and weights that are not equal."""
    found = _measured(_drawn(LINE, 5000), LINE, "samples=5000")
    assert found["modes_captured"] == 2
    assert found["high_quality"] == pytest.approx(2 * scipy.stats.norm.cdf(3) - 1, abs=0.003)
    assert found["reverse_kl"] < 0.01


def test_the_errors_are_the_spread_of_other_draws():
    lost = _drawn(GRID, 30_000)
    lost = lost[np.abs(lost[:, 0]) + lost[:, 1] < 4.5]  # modes are missing, so that the divergence is not small
    found = [_measured(np.random.default_rng(seed).permutation(lost)[:2500], GRID) for seed in range(80)]
    for name in ("reverse_kl", "high_quality"):
        spread = np.std([each[name] for each in found])
        assert np.mean([each[f"{name}_standard_error"] for each in found]) == pytest.approx(spread, rel=0.3)


def test_points_that_are_all_the_same():
    found = _measured(np.tile(modes(RING).centres[3], (99, 1)), arguments="samples=99")
    assert (found["modes_captured"], found["high_quality"]) == (1, 1)
    assert found["reverse_kl"] == pytest.approx(np.log(8))


def test_data_without_modes():
    with pytest.raises(UserError, match="mixture: the modes of beasts are not known: leave it out") as caught:
        measured("mixture", beasts([0] * 9))
    assert "\n" not in str(caught.value)


def test_too_few_points():
    with pytest.raises(UserError, match="mixture needs at least 2 images on either side, here are 1"):
        _measured([[1.0, 0.0]])


def test_mixtures_alone_suit():
    suits = metrics.metrics["mixture"].suits
    assert suits(_subject([[1.0, 0.0]]))
    assert suits(_subject([[1.0]], LINE))
    assert not suits(beasts([0]))
    one = PointDataset("one", LINE.distribution.components_distribution[0], ("one",), 9)
    assert not suits(_subject([[1.0]], one))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "mixture: samples must be"), ("samples=2000000", "mixture: samples"),
    ("within=0", "mixture: within must be"), ("within='3'", "mixture: within must be")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"mixture({arguments})")
