"""Every operation of the file system as a point of death: `python -m benchmarks.crash_states`.

A tiny run is interrupted and saves, goes on to its end, and is then trained further. Every state in which its folder
lay on the disk meanwhile is kept (benchmarks/disk_states.py), with those that a half written file or a loss of power
would have left. From each the same command goes on; it has to come to the end without an error and to the bits of the
undisturbed run, as benchmarks/same_run.py compares them.

Prints N of N and exits with 0, or the states that failed, and keeps them.

    --every=N          only each N-th state
    --out=DIR          where it all lies; by default a temporary folder, kept if something fails
"""

import argparse
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import forked, same_run
from benchmarks.disk_states import Recorder, State
from benchmarks.small_run import SmallRun, reused

# The sessions of the run: rounds in all, and after how many a SIGTERM comes; of the lengths none is a step at which it
# would be saved or shown anyway.
SESSIONS = ((5, 3), (5, None), (8, None))


class Point(NamedTuple):
    """A state, and the rounds in all with which to go on from it."""

    state: State
    steps: int


class Tried(NamedTuple):
    """What came of a state. faults: a line each, none if all is well. warned: what was said about the state."""

    point: Point
    faults: list[str]
    warned: str = ""


def recorded(run: SmallRun, copies: Path, sessions: Sequence[tuple[int, int | None]]) -> tuple[list[Point], dict]:
    """(the states that the run goes through in these sessions, the contents of the undisturbed run by its length).

    The undisturbed one is the recorded one where there is one session.
    """
    whole: dict[int, dict] = {}
    if len(sessions) > 1:
        for steps in sorted({steps for steps, _ in sessions}):
            run.go(f"--steps={steps}")
            whole[steps] = same_run.contents(run.path)
        run.remove()
    points = []
    for index, (steps, stop_at) in enumerate(sessions):
        with Recorder(run.path, copies / str(index)) as recorder:
            run.go(f"--steps={steps}", stop_at=stop_at)
        points += [Point(state, steps) for state in recorder.states]
    last = same_run.contents(run.path)
    assert last["run.json step"] == sessions[-1][0]
    return points, whole or {steps: last}


def tried(run: SmallRun, points: Sequence[Point], whole: dict[int, dict]) -> Iterator[Tried]:
    """Goes on from each of the states."""
    for point in points:
        point.state.put(run.path)
        try:
            run.go(f"--steps={point.steps}")
            faults = same_run.differences(whole[point.steps], same_run.contents(run.path))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            faults = [f"{type(error).__name__}: {str(error)[:300]} ({Path(place.filename).name}:{place.lineno})"]
        yield Tried(point, faults, run.warned)


def main(arguments: list[str]) -> int:
    """Returns the exit code: 1 if a state failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    forked.warm_up()
    out = forked.folder_for(parser, asked.out, "crash_states_")
    run, began = SmallRun(out / "run"), time.monotonic()
    counts: Counter[tuple[str, str]] = Counter()
    with reused():
        points, whole = recorded(run, out / "states", SESSIONS)
        points = points[::asked.every]
        print(f"{len(points)} states, recorded in {time.monotonic() - began:.0f} s", flush=True)
        for point, faults, warned in tried(run, points, whole):
            kinds = same_run.kinds(faults)
            result = ", ".join(kinds) or ("the same bits, after a warning" if warned else "the same bits")
            counts[point.state.cause, result] += 1
            if faults:
                print(f"{point.state}:", *[f"    {line}" for line in faults[:4]], sep="\n", flush=True)
    for (cause, result), count in sorted(counts.items()):
        print(f"{count:>5} after {cause}: {result}")
    good = sum(count for (_, result), count in counts.items() if result.startswith("the same bits"))
    print(f"{good} of {len(points)} states go on to the same bits; {time.monotonic() - began:.0f} s")
    bad = good < len(points)
    if not bad and not asked.out:
        shutil.rmtree(out)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
