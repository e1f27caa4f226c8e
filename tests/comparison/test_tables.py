"""The tables of runs and of configurations, and their curves."""

import numpy as np
import pytest

from gan_zoo.comparison.configurations import each, grouped
from gan_zoo.comparison.courses import courses
from gan_zoo.comparison.tables import Cell, tables
from gan_zoo.errors import UserError
from tests.comparison.crafted import PROVENANCE, crafted

RESULTS = {"prdc": 0.5, "prdc_floor": 0.9, "neighbours": 5, "captured": 7, "grid": "metrics_grid.png", "samples": 898,
           "features_accuracy": 0.99}


def _runs(folder, count: int, **settings):
    return [crafted(folder / f"run_{seed}", seed=seed, frechet=(8.0, 4.0 + seed, 6.0 + seed),
                    measured={"prdc": RESULTS | {"prdc": 0.5 + seed / 10, "captured": 7 + seed}}, **settings)
            for seed in range(count)]


def test_of_runs(tmp_path):
    runs = _runs(tmp_path, 2)
    flags, course, checks, prdc = tables(each(runs), lambda call: True)
    assert flags.columns == {"--seed": [Cell(["0"], 1), Cell(["1"], 1)]}
    assert [cells[0].values for cells in course.columns.values()] == [["120"], [1.5], ["finished"], ["healthy"]]
    assert [cells[1].values for cells in checks.columns.values()] == [[80], [5.0], [1 / 5], [7.0], [1 / 7]]
    assert prdc.title == "prdc: digits train; 898 generated and 899 real images; features classifier b33d"
    assert prdc.columns == {"at step": [Cell(["120"], 1)] * 2, "captured": [Cell([7], 1), Cell([8], 1)],
                            "prdc": [Cell([0.5], 1, None, 0.9), Cell([0.6], 1, None, 0.9)]}
    assert prdc.notes == ["neighbours 5; features_accuracy 0.99"]


def test_of_configurations(tmp_path):
    runs = _runs(tmp_path / "a", 3)
    fallen = {"step": 40, "verdict": "collapsing", "evidence": "coverage is 0.2", "try": "--packing=2"}
    runs += [crafted(tmp_path / "b", packing=2, record={"status": "running", "step": 50, "verdict": "collapsing",
                                                        "verdicts": [{"step": 9, "verdict": "healthy"}, fallen]})]
    runs += [crafted(tmp_path / "c", packing=4, record={"reason": "enough", "step": 90})]
    flags, course, checks, prdc = tables(grouped(runs), lambda call: True)
    assert list(flags.columns) == ["seeds", "--packing"]
    assert flags.columns["seeds"] == [Cell(["0, 1, 2"], 1), Cell(["0"], 1), Cell(["0"], 1)]
    assert course.columns["steps"] == [Cell(["120"] * 3, 3), Cell(["50 of 120"], 1), Cell(["90 of 120"], 1)]
    assert [cell.values[-1] for cell in course.columns["status"]] == ["finished", "unfinished", "finished early"]
    assert course.notes == ["c: enough", "b: collapsing: coverage is 0.2. Try --packing=2"]
    frechet, missing = checks.columns["Fréchet"][0], prdc.columns["prdc"][1]
    assert (frechet.mean, frechet.error) == (5.0, np.std([4, 5, 6], ddof=1))
    assert (missing.values, missing.of) == ([], 1)
    assert prdc.columns["prdc"][0].error == pytest.approx(np.std([0.5, 0.6, 0.7], ddof=1))


def test_checks_on_other_images_are_no_neighbours(tmp_path):
    runs = [crafted(tmp_path / "one"), crafted(tmp_path / "labelled", record={"data_fingerprint": "ab12-77"}),
            crafted(tmp_path / "other", record={"data_fingerprint": "cd34"})]
    stacked = [crafted(tmp_path / name, record={"data_fingerprint": f"stacked-{name}"}) for name in ("ab12", "cd34")]
    assert tables(each(runs[:2]), lambda call: True)
    with pytest.raises(UserError, match=r"^checks of "):
        tables(each(stacked), lambda call: True)
    with pytest.raises(UserError, match=r"^checks of .*one and .*other can't .*leave that out with --without=checks$"):
        tables(each(runs), lambda call: True)
    assert [table.title for table in tables(each(runs), lambda call: call != "checks")] == ["Runs"]


def test_values_of_unlike_provenance_are_refused(tmp_path):
    runs = [crafted(tmp_path / "one", measured={"kid": {"kid": 1.0}}),
            crafted(tmp_path / "other", measured={"kid": ({"kid": 2.0}, {"samples": 5})})]
    with pytest.raises(UserError, match=r"kid of .*generated images: 898 and 5"):
        tables(each(runs), lambda call: True)


def test_what_may_differ_is_shown(tmp_path):
    other = {"step": 50, "generator": "moving average", "seeds": [0, 1]}
    runs = [crafted(tmp_path / "one", measured={"kid": {"kid": 1.0, "kid_std": 0.1}}),
            crafted(tmp_path / "other", measured={"kid": ({"kid": 2.0}, other)})]
    *_, kid = tables(each(runs), lambda call: True)
    assert [cell.values[0] for cells in kid.columns.values() for cell in cells] == [
        "120", "50", "as trained", "moving average", "0", "0, 1", 1.0, 2.0]
    assert kid.columns["kid"][0].error == 0.1
    assert PROVENANCE["generator"] == "as trained"


def test_a_run_without_checks_or_checkpoints(tmp_path):
    never = crafted(tmp_path / "never", record={"evaluation": {}})
    (never.path / "checkpoints" / "step_00000120" / "judged.npz").write_bytes(b"damaged")
    unread = crafted(tmp_path / "unread")
    never, unread = (type(run)(**vars(run) | {"series": {}}) for run in (never, unread))
    *_, checks = tables(each([never, unread]), lambda call: True)
    assert checks.columns == {"best at step": [Cell([], 1), Cell([80], 1)], "Fréchet": [Cell([], 1), Cell([4.0], 1)]}
    assert checks.notes == ["never: not checked (--evaluate_every_steps)"]
    assert courses(each([never])) == []


def test_a_curve_is_the_mean_over_those_that_came_so_far(tmp_path):
    series = [(8.0, 4.0, 2.0, 1.0), (6.0, 2.0, 4.0, np.nan), (4.0, 3.0, 9.0, 5.0)]
    runs = [crafted(tmp_path / f"run_{seed}", seed=seed, frechet=values) for seed, values in enumerate(series)]
    short = {name: values[:2] for name, values in runs[2].series.items()}
    course, = courses(grouped([*runs[:2], type(runs[2])(**vars(runs[2]) | {"series": short})]))
    assert course.name == "run"
    np.testing.assert_array_equal(course.images, [300, 600, 900, 1200])
    np.testing.assert_allclose(course.frechet, [6, 3, 3, 1])
    np.testing.assert_allclose(course.frechet_deviation, [2, 1, np.std([2, 4], ddof=1), np.nan])
    assert courses(each(runs))[0].frechet_deviation is None
