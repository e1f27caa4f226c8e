"""Which operations a run's time goes to: `python -m benchmarks.trace RUN_DIR [--by=place]`.

Of the newest profile in the run's folder, which `train.py --profile_steps=A,B` writes: a row a type of operation, or
with --by=place a row a part of the game, forward and backward. Time is that of all threads that run operations, each
operation's own; where one waits for a core that another has, that counts, too.

    python train.py --model=dcgan --steps=40 --profile_steps=20,40 --run_dir=runs/trace
    python -m benchmarks.trace runs/trace
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tensorflow.tsl.profiler.protobuf import xplane_pb2

from gan_zoo.declaring import as_rounds
from gan_zoo.training.profiling import FILES

_OPERATION = re.compile(r"(?P<name>[^:\s]+):_?(?:Mkl)?(?:Native)?(?P<type>[A-Za-z]\w*)")
_PICOSECONDS = 1e-12
_LEAST = 0.01  # share of a row of its own


class Operation(NamedTuple):
    """One run of one operation. seconds: without those of operations within it."""

    name: str
    type: str
    seconds: float


def operations(profile: Path) -> list[Operation]:
    """What a profile of a CPU's threads holds."""
    space = xplane_pb2.XSpace()
    space.ParseFromString(profile.read_bytes())
    return [each for plane in space.planes for line in plane.lines for each in _of_thread(plane, line)]


def _of_thread(plane, line) -> list[Operation]:
    found: list[list] = []  # [name, type, picoseconds]
    open_: list[tuple[int, int]] = []  # (end, index into found) of those that the next may be within
    for event in sorted(line.events, key=lambda event: (event.offset_ps, -event.duration_ps)):
        said = _OPERATION.fullmatch(plane.event_metadata[event.metadata_id].name)
        if not said:
            continue
        while open_ and open_[-1][0] <= event.offset_ps:
            open_.pop()
        if open_:
            found[open_[-1][1]][2] -= event.duration_ps
        open_.append((event.offset_ps + event.duration_ps, len(found)))
        found.append([said["name"], said["type"], event.duration_ps])
    return [Operation(name, type_, picoseconds * _PICOSECONDS) for name, type_, picoseconds in found]


def place(operation: Operation) -> str:
    """As "generator, backward": the part of the game that an operation belongs to."""
    parts = [re.sub(r"(_\d+)+$", "", part) for part in operation.name.split("/")]
    backward = "gradient_tape" in parts
    parts = [part for part in parts if part not in ("while", "body", "gradient_tape", "")] or ["other"]
    # The discriminator's first part is a network called body, as the loop's own scope is.
    network = "body" if re.search(r"while/body_?\d*/", operation.name.partition("_1/")[2]) else parts[0]
    return f"{network}, {'backward' if backward else 'forward'}"


def table(found: list[Operation], rounds: int, by: str) -> list[str]:
    """Lines of Markdown: a row a type or place, the longest first, small ones together."""
    seconds: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for each in found:
        key = place(each) if by == "place" else each.type
        seconds[key] += each.seconds
        counts[key] += 1
    whole = sum(seconds.values())
    shown = [key for key in sorted(seconds, key=seconds.__getitem__, reverse=True) if seconds[key] >= _LEAST * whole]
    rows = [(f"`{key}`" if by == "type" else key, seconds[key], counts[key]) for key in shown]
    if few := [key for key in seconds if key not in shown]:
        rows.append((f"{len(few)} others", sum(map(seconds.__getitem__, few)), sum(map(counts.__getitem__, few))))
    lines = [f"| {'operation' if by == 'type' else 'part'} | share | ms a round | a round |", "|---|---|---|---|"]
    return lines + [f"| {name} | {taken / whole:.1%} | {1e3 * taken / rounds:.2f} | {count / rounds:.0f} |"
                    for name, taken, count in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--by", choices=("type", "place"), default="type")
    arguments = parser.parse_args()
    profiles = sorted(arguments.run_dir.glob(FILES))
    if not profiles:
        parser.error(f"{arguments.run_dir} holds no profile: train with --profile_steps=20,40, say")
    first, last = as_rounds(json.loads((arguments.run_dir / "run.json").read_text())["flags"]["profile_steps"])
    print("\n".join(table(operations(profiles[-1]), last - first, arguments.by)))


if __name__ == "__main__":
    main()
