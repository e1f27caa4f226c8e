"""What the disk holds after a death or a damage: the run goes on to the same bits, or says in one line what is wrong.

A spread over what benchmarks/crash_states.py and benchmarks/damage.py try in full.
"""

import os

import numpy as np
import pytest

from benchmarks import same_run
from benchmarks.crash_states import recorded, tried
from benchmarks.damage import COMPLETE, REFUSED, SAME, UNFINISHED, WARNED, Damage, Damager
from benchmarks.disk_states import Recorder
from benchmarks.small_run import SmallRun, reused

SESSIONS = ((5, 4), (5, None))  # interrupted after 4 rounds of 5, then gone on with
STATES = 6


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """(the run, the states that it goes through, its contents by its length), its networks built once."""
    folder = tmp_path_factory.mktemp("states")
    with reused():
        run = SmallRun(folder / "run")
        yield run, *recorded(run, folder / "states", SESSIONS)


def test_a_run_goes_on_from_any_state_in_which_a_death_leaves_it(run):
    small, points, whole = run
    assert len(points) > 80
    assert any(point.state.how == "half" for point in points)
    assert any("step_00000004.partial" in point.state.after for point in points)
    assert any(name.startswith("weights") for name in whole[5])
    spread = [points[index] for index in np.linspace(0, len(points) - 1, STATES).astype(int)]
    assert {str(each.point.state): each.faults for each in tried(small, spread, whole) if each.faults} == {}


def test_a_single_bit_is_a_difference(run):
    _, _, whole = run
    name = next(name for name in whole[5] if name.startswith("weights") and whole[5][name].dtype == np.float32)
    other = whole[5] | {name: np.array(whole[5][name])}
    assert same_run.differences(whole[5], other) == []
    other[name].reshape(-1).view(np.uint32)[0] ^= 1
    assert same_run.differences(whole[5], other) == [f"{name}: 1 of {other[name].size} values differ"]
    del other[name]
    assert same_run.differences(whole[5], other) == [f"{name}: missing"]


@pytest.fixture(scope="module")
def damager(run) -> Damager:
    small, points, whole = run
    last = {point.state.copy.parent: point.state.copy for point in points}
    return Damager(small, dict(zip((UNFINISHED, COMPLETE), last.values(), strict=True)), whole[5])


NEWEST = "checkpoints/step_00000004"


@pytest.mark.parametrize(("base", "file", "kind", "wanted"), [
    (UNFINISHED, f"{NEWEST}/state.data-00000-of-00001", "bits flipped", WARNED),
    (UNFINISHED, f"{NEWEST}/judged.npz", "of another step", WARNED),
    (UNFINISHED, NEWEST, "of another step", WARNED),
    (UNFINISHED, NEWEST, "a file", WARNED),
    (UNFINISHED, NEWEST, "removed", WARNED),
    (UNFINISHED, "checkpoints", "removed", REFUSED),
    (UNFINISHED, "run.json", "truncated", REFUSED),
    (COMPLETE, "export/variables", "removed", SAME),
    (COMPLETE, "samples/step_00000003.png", "emptied", SAME)])
def test_what_is_damaged_is_told_or_does_no_harm(damager, base, file, kind, wanted):
    damage, random = Damage(kind, file, base), np.random.default_rng(0)
    assert damager.apply(damage, random)
    outcome = damager.outcome(damage)
    assert outcome.what == wanted, outcome.said


def _write(path, text: str, synced: bool) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        if synced:
            os.fsync(file.fileno())


@pytest.mark.parametrize("synced", [False, True])
def test_a_loss_of_power_spares_what_was_forced_to_the_disk(tmp_path, synced):
    folder = tmp_path / "folder"
    folder.mkdir()
    with Recorder(folder, tmp_path / "copies") as recorder:
        _write(folder / "new", "text", synced)
        (folder / "new").rename(folder / "name")
        if synced:
            descriptor = os.open(folder, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        _write(folder / "later", "x", synced=True)
    left = []
    for state in (state for state in recorder.states if state.cause == "power loss"):
        state.put(tmp_path / "left")
        left.append({path.name: path.read_text() for path in (tmp_path / "left").iterdir()})
    assert (left == []) == synced
    if not synced:
        assert all(found in left for found in ({"name": ""}, {"name": "te"}, {"new": "text", "later": "x"}))
