"""The series of a run and their epoch means against NumPy."""

import csv
import math
from fractions import Fraction

import numpy as np
import pytest

from gan_zoo.training.history import SERIES, History


def _history(rounds: int, calls: int = 3, seconds: float = 2.0) -> tuple[History, dict[str, np.ndarray]]:
    """A history that was filled in some calls, and its series."""
    random = np.random.default_rng(rounds)
    series = {name: random.normal(size=rounds).astype(np.float32) for name in SERIES}
    history = History()
    for part in np.array_split(np.arange(rounds), calls):
        if len(part):
            history.append({**{name: values[part] for name, values in series.items()}, "other": part}, seconds)
    return history, series


def test_calls_are_joined():
    history, series = _history(10)
    assert history.rounds == 10
    arrays = history.arrays()
    assert set(arrays) == {*SERIES, "seconds"}
    for name in SERIES:
        np.testing.assert_array_equal(arrays[name], series[name])
        assert arrays[name].dtype == np.float32


def test_the_time_of_a_call_is_spread_over_its_rounds():
    history = History()
    for count, seconds in ((4, 2.0), (1, 3.0), (2, 1.0)):
        history.append({name: np.zeros(count) for name in SERIES}, seconds)
    np.testing.assert_allclose(history.arrays()["seconds"], [0.5, 1, 1.5, 2, 5, 5.5, 6])
    assert history.seconds == 6


def test_the_objectives_diagnostics_are_kept():
    """From the first call on, or with NaN before they were recorded, and after."""
    history = History()
    for count, names in ((2, SERIES), (3, (*SERIES, "objective/estimate", "gradient_norm"))):
        history.append({name: np.arange(count) for name in names}, 1.0)
    assert set(history.arrays()) == {*SERIES, "seconds", "objective/estimate"}
    np.testing.assert_array_equal(history.arrays()["objective/estimate"], [np.nan, np.nan, 0, 1, 2])
    restored = History(history.arrays())
    restored.append({name: np.full(1, 7) for name in (*SERIES, "objective/estimate")}, 1.0)
    assert restored.arrays()["objective/estimate"][-2:].tolist() == [2, 7]
    assert restored.epochs(3)[1]["objective/estimate"] == pytest.approx(10 / 3)
    restored.append({name: np.zeros(2) for name in SERIES}, 1.0)
    np.testing.assert_array_equal(restored.arrays()["objective/estimate"][-3:], [7, np.nan, np.nan])


def test_an_empty_history():
    assert (History().rounds, History().seconds, History().epochs(3.0)) == (0, 0, [])
    assert all(len(values) == 0 for values in History().arrays().values())


def test_a_restored_history_goes_on():
    history, series = _history(10)
    restored = History(history.arrays())
    assert (restored.rounds, restored.seconds) == (10, 6)
    restored.append({name: np.ones(2) for name in SERIES}, 1.0)
    assert restored.rounds == 12
    np.testing.assert_allclose(restored.arrays()["seconds"][-2:], [6.5, 7])
    np.testing.assert_array_equal(restored.arrays()["generator_loss"][:10], series["generator_loss"])


@pytest.mark.parametrize(("images", "images_per_round"), [
    (12, 4), (10, 4), (7, 2), (5, 5), (9, 1), (4, 8), (3, 7), (1797, 64), (1797, 39)])
def test_epochs(images, images_per_round):
    """Epoch e ends with round ⌈e · images / images_per_round⌉; only finished ones are shown."""
    rounds_per_epoch = Fraction(images, images_per_round)
    rounds = math.ceil(40 * rounds_per_epoch)
    history, series = _history(rounds, calls=7)
    rows = history.epochs(images / images_per_round)
    assert [row["epoch"] for row in rows] == list(range(1, int(rounds / rounds_per_epoch) + 1))
    seconds, before = history.arrays()["seconds"], 0
    for row in rows:
        end = math.ceil(row["epoch"] * rounds_per_epoch)
        assert row["step"] == end
        assert row["seconds"] == seconds[end - 1]
        for name in SERIES:
            mean = series[name][min(before, end - 1):end].astype(np.float64).mean()
            np.testing.assert_allclose(row[name], mean, rtol=1e-4, atol=1e-6)
        before = end


def test_an_unfinished_epoch_is_not_shown():
    history, _ = _history(11)
    assert [row["step"] for row in history.epochs(4.0)] == [4, 8]
    assert [row["step"] for row in history.epochs(2.5)] == [3, 5, 8, 10]
    assert history.epochs(12.0) == []


@pytest.mark.parametrize("images_per_round", range(1, 200))
def test_the_last_epoch_is_not_lost_to_rounding(images_per_round):
    """After as many rounds as --epochs asks for, there are as many rows, though k · (n / k) may be above n."""
    for images in (1797, 5923):
        history = History()
        history.append({name: np.zeros(images) for name in SERIES}, 1.0)
        rows = history.epochs(images / images_per_round)
        assert (rows[-1]["epoch"], rows[-1]["step"]) == (images_per_round, images)


def test_the_table_of_epochs(tmp_path):
    history, _ = _history(10)
    path = tmp_path / "epochs.csv"
    history.write_epochs(path, 20.0)
    assert not path.exists()
    history.write_epochs(path, 4.0)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    expected = history.epochs(4.0)
    assert list(rows[0]) == ["epoch", "step", *SERIES, "seconds"]
    assert len(rows) == len(expected) == 2
    for row, values in zip(rows, expected, strict=True):
        np.testing.assert_allclose([float(row[name]) for name in values], list(values.values()), rtol=1e-5)
        assert row["step"] == str(values["step"])
