"""Checkpoints to look at and to damage; runs that end quickly."""

from pathlib import Path

import numpy as np
import pytest

from gan_zoo.drawing import curves
from gan_zoo.export.checksums import write_checksums
from gan_zoo.training import records
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


@pytest.fixture(scope="module")
def quick_ends():
    """Without what takes most of the time and has tests of its own: the curves, and a SavedModel's graphs."""
    def export(gan, latent, objective, path, generator, **_):
        folder = Path(path)
        (folder / "assets.extra").mkdir(parents=True, exist_ok=True)
        (folder / "saved_model.pb").write_bytes(b"".join(np.array(v).tobytes() for v in generator.variables))
        write_checksums(str(folder))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "curves", lambda *_, **__: None)
        patch.setattr(records, "export", export)
        yield
