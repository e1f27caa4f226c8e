"""How near an exported check is to the best one: what is counted."""

import pytest

from gan_zoo.experiments import best_checkpoint


def test_the_best_check_is_chosen_by_one_half_and_measured_by_the_other():
    course = {"check": [5, 2, 3], "one": [9, 4, 3], "other": [8, 5, 4]}
    assert best_checkpoint._over_best(course) == 5 / 4  # the second check is exported, the third is the best
    assert best_checkpoint._over_best(course, last=True) == 1


def test_shares_of_runs_within_some_bounds():
    found = best_checkpoint._shares([1.0, 1.02, 1.04, 1.2])
    assert found == {"within 2%": 0.5, "within 5%": 0.75, "within 10%": 0.75, "median": pytest.approx(1.03),
                     "largest": 1.2}
