"""How many rounds a call plays."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_zoo.training.pace import Pace, next_stop


def _play(pace: Pace, seconds_a_round: float, calls: int) -> list[int]:
    """The rounds of each call, if all are played at that speed."""
    played = []
    for _ in range(calls):
        played.append(pace.rounds)
        pace.took(pace.rounds, pace.rounds * seconds_a_round)
    return played


@pytest.mark.parametrize("seconds_a_round", [1e-4, 3e-3, 0.05, 0.3, 0.9])
def test_a_call_comes_to_take_about_a_second(seconds_a_round):
    played = _play(Pace(), seconds_a_round, 10)
    assert played[0] == 1
    assert 0.5 <= played[-1] * seconds_a_round <= 1.001
    assert all(after <= 8 * before for before, after in itertools.pairwise(played))


def test_slow_rounds_are_played_one_by_one():
    assert _play(Pace(), 30.0, 5) == [1] * 5


def test_the_first_call_builds_the_graph_and_tells_nothing():
    pace = Pace()
    pace.took(1, 1e-3)
    assert pace.rounds == 1
    pace.took(1, 1e-3)
    assert pace.rounds == 8


def test_it_follows_a_slower_machine():
    pace = Pace()
    _play(pace, 0.01, 8)
    assert pace.rounds == pytest.approx(100, abs=2)
    pace.took(pace.rounds, pace.rounds * 0.5)
    assert pace.rounds == 2


def test_a_call_cut_short_tells_nothing():
    pace = Pace()
    _play(pace, 0.01, 8)
    before = pace.rounds
    pace.took(1, 30.0)
    assert pace.rounds == before


@pytest.mark.parametrize("fixed", [1, 7, 1000])
def test_a_fixed_number(fixed):
    assert _play(Pace(fixed), 0.5, 4) == [fixed] * 4


@given(st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1e6)), max_size=20))
def test_there_is_always_a_round(calls):
    pace = Pace()
    for rounds, seconds in calls:
        pace.took(rounds, seconds)
        assert pace.rounds >= 1


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.lists(st.integers(1, 5000), min_size=1, max_size=4))
def test_next_stop(step, more, intervals):
    """The smallest step above this one that is a multiple of an interval or the end."""
    total = step + more
    due = [k for k in range(step + 1, step + 5001) if any(k % interval == 0 for interval in intervals)]
    assert next_stop(step, total, intervals) == min([total, *due[:1]])
