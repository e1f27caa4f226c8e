"""Checkpoints to look at and to damage."""

import pytest

from tests.training.saved_states import State, checkpoints_in, history


@pytest.fixture
def saved(tmp_path):
    """(checkpoints of the steps 10, 20 and 30; the values at each)."""
    state, values = State(), {}
    checkpoints = checkpoints_in(tmp_path)
    for step in (10, 20, 30):
        state.move()
        values[step] = state.values()
        checkpoints.save(state.checkpoint, step, history(step))
    return checkpoints, values
