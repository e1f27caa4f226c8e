"""Damages the folder of a run at random, and looks what comes of it: `python -m benchmarks.damage --damages=1000`.

Of a tiny run that was interrupted and of one that is complete, something is damaged: bits flipped, a file truncated,
emptied, overwritten, removed, replaced by a folder, by the same file of another step or of a run with another seed; a
folder removed or replaced by a file. Then the same command goes on. Well is: the bits of the undisturbed run, with a
warning if rounds have to be played again, or one line that says what is wrong (UserError). Faults are other bits, a
traceback, a run that is stopped (RunStopped), and one that goes on from less than there was without a word. Damaged
pictures, tables and events may stay damaged.

Prints what came of each kind and file; exit code 1, and the first of each kind of fault, if there is one.

    --damages=N --seed=N    how many, by default 1000; of the places
    --out=DIR               where it lies; by default a temporary folder, removed in the end
"""

import argparse
import re
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import forked, same_run
from benchmarks.small_run import GAME, SmallRun, reused

STEPS = 5
_STOPPED = 4  # after the checkpoints 2 and 4
UNFINISHED, COMPLETE = "unfinished", "complete"
SAME, WARNED, REFUSED = "same bits", "same, warned", "one line"
SILENT, OTHER, STOPPED, TRACEBACK = "ANEW, SILENT", "OTHER BITS", "STOPPED", "TRACEBACK"
GOOD, BAD = (SAME, WARNED, REFUSED), (SILENT, OTHER, STOPPED, TRACEBACK)
_FOR_PEOPLE = ("run.flags", "samples", "events", "real.png", "curves.png", "progress.gif", "epochs.csv")


class Damage(NamedTuple):
    """kind: what is done. file: to which, relative to the run. base: to a run in which state."""

    kind: str
    file: str
    base: str


class Outcome(NamedTuple):
    """What came of a damage: one of the names above, and what was said or differs."""

    what: str
    said: str


class Damager:
    """A run to be damaged, and how it would have ended."""

    def __init__(self, run: SmallRun, bases: dict[str, Path], whole: dict[str, Any],
                 others: dict[str, Path] | None = None):
        """bases: its folder, unfinished after _STOPPED rounds and complete. whole: the contents of the complete one.

        others: the same of another seed, if there is one. All is to be used within small_run.reused.
        """
        self.run, self.bases, self.whole, self._others = run, bases, whole, others or {}

    @classmethod
    def trained(cls, folder: Path) -> "Damager":
        """With runs of two seeds."""
        run, other = SmallRun(folder / "run"), SmallRun(folder / "other", (*GAME, "--seed=1"))
        bases, others = (_bases(each, folder / f"{each.path.name}_copies") for each in (run, other))
        return cls(run, bases, same_run.contents(bases[COMPLETE]), others)

    def entries(self, base: str) -> list[str]:
        """Every file and folder of a base."""
        folder = self.bases[base]
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != ".lock")

    def choose(self, random: np.random.Generator) -> Damage:
        """A damage at random: first the sort of file, so that each has its share."""
        base = (UNFINISHED, COMPLETE)[random.integers(2)]
        sorts: dict[str, list[str]] = {}
        for entry in self.entries(base):
            sorts.setdefault(sort_of(entry), []).append(entry)
        names = sorted(sorts)
        weights = np.array([3.0 if name.startswith("checkpoint") or name == "run.json" else 1.0 for name in names])
        entry = str(random.choice(sorts[names[random.choice(len(names), p=weights / weights.sum())]]))
        kinds = list(FILE_DAMAGES if (self.bases[base] / entry).is_file() else FOLDER_DAMAGES)
        return Damage(str(random.choice(kinds)), entry, base)

    def apply(self, damage: Damage, random: np.random.Generator) -> bool:
        """Brings the base back and damages it; False if that changes nothing."""
        self.run.remove()
        shutil.copytree(self.bases[damage.base], self.run.path)
        path = self.run.path / damage.file
        before = path.read_bytes() if path.is_file() else None
        other = self._others.get(damage.base, self.bases[damage.base]) / damage.file
        {**FILE_DAMAGES, **FOLDER_DAMAGES}[damage.kind](path, other, random)
        return not (path.is_file() and before == path.read_bytes())

    def outcome(self, damage: Damage) -> Outcome:
        """Goes on from what there is."""
        from gan_zoo.errors import RunStopped, UserError

        try:
            ended = self.run.go(f"--steps={STEPS}")
        except UserError as error:
            return Outcome(REFUSED, str(error))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = STOPPED if isinstance(error, RunStopped) else TRACEBACK
            return Outcome(what, f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}:"
                                      f"{place.lineno} {place.name})")
        try:
            lines = [line for line in same_run.differences(self.whole, same_run.contents(self.run.path))
                     if not _is_its_own(line, damage)]
        except Exception as error:
            lines = [f"can't be read: {error}"]
        if lines or ended.step != STEPS:
            return Outcome(OTHER, "; ".join(lines[:3]))
        if self.run.warned:
            return Outcome(WARNED, self.run.warned)
        resumed = re.search(r"resumed at step (\d+)", self.run.said)
        complete = "is complete" in self.run.said or (resumed and damage.base == COMPLETE)
        return Outcome(SAME if complete or (resumed and int(resumed[1]) == _STOPPED) else SILENT, self.run.said)


def _bases(run: SmallRun, folder: Path) -> dict[str, Path]:
    """Trains it; copies of it in both states."""
    run.go(f"--steps={STEPS}", stop_at=_STOPPED)
    shutil.copytree(run.path, folder / UNFINISHED)
    run.go(f"--steps={STEPS}")
    shutil.copytree(run.path, folder / COMPLETE)
    return {UNFINISHED: folder / UNFINISHED, COMPLETE: folder / COMPLETE}


def _is_its_own(line: str, damage: Damage) -> bool:
    """Whether a difference is the damage itself: of what only people look at, or of an older checkpoint."""
    if damage.file.startswith("checkpoints"):
        return line.startswith("checkpoints kept")
    return sort_of(damage.file) in _FOR_PEOPLE and line.startswith(("picture", "TensorBoard", "epochs.csv", "files"))


def sort_of(entry: str) -> str:
    """What a file or folder is, without its step."""
    parts = Path(entry).parts
    if parts[0] == "checkpoints":
        return " ".join(["checkpoint", *parts[2:]]).partition("-")[0] if len(parts) > 1 else "checkpoints"
    return "events" if "tfevents" in entry else "export" if parts[0] == "export" else parts[0]


def _flip(path: Path, _other: Path, random: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(int(random.integers(1, 9)) if content else 0):
        content[random.integers(len(content))] ^= 1 << int(random.integers(8))
    path.write_bytes(content)


def _overwrite(path: Path, _other: Path, random: np.random.Generator) -> None:
    path.write_bytes(random.bytes(int(random.integers(1, 2000))))


def _truncate(path: Path, _other: Path, random: np.random.Generator) -> None:
    path.write_bytes(path.read_bytes()[:int(random.integers(path.stat().st_size or 1))])


def _empty(path: Path, _other: Path, _random: np.random.Generator) -> None:
    path.write_bytes(b"")


def _remove(path: Path, _other: Path, _random: np.random.Generator) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _to_folder(path: Path, _other: Path, _random: np.random.Generator) -> None:
    path.unlink()
    path.mkdir()


def _to_file(path: Path, _other: Path, _random: np.random.Generator) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"text\n")


def _of_another_seed(path: Path, other: Path, _random: np.random.Generator) -> None:
    if "tfevents" in path.name:
        other = next(iter(other.parent.glob("*tfevents*")))
    _remove(path, other, _random)
    if other.is_dir():
        shutil.copytree(other, path)
    elif other.exists():
        shutil.copyfile(other, path)


def _of_another_step(path: Path, _other: Path, random: np.random.Generator) -> None:
    """The same file, or folder, of the other checkpoint; elsewhere another file of the folder."""
    folders = [each for each in path.parent.parent.glob("step_*") if each != path.parent]
    steps = [each / path.name for each in folders] if path.parent.name.startswith("step_") else [
        each for each in path.parent.iterdir() if each != path and each.is_dir() == path.is_dir()]
    if not steps:
        return
    chosen = sorted(steps)[random.integers(len(steps))]
    _remove(path, path, random)
    (shutil.copytree if chosen.is_dir() else shutil.copyfile)(chosen, path)


_Damaging = Callable[[Path, Path, np.random.Generator], None]
FILE_DAMAGES: dict[str, _Damaging] = {
    "bits flipped": _flip, "truncated": _truncate, "emptied": _empty, "overwritten": _overwrite, "removed": _remove,
    "a folder": _to_folder, "of another seed": _of_another_seed, "of another step": _of_another_step}
FOLDER_DAMAGES: dict[str, _Damaging] = {
    "removed": _remove, "a file": _to_file, "of another seed": _of_another_seed, "of another step": _of_another_step}


def table(title: str, counts: Counter[tuple[str, str]]) -> None:
    """Outcomes by the first of each pair."""
    print(f"\n{title:<22}" + "".join(f"{what:>14}" for what in (*GOOD, *BAD)))
    for name in sorted({name for name, _ in counts}):
        print(f"{name:<22}" + "".join(f"{counts[name, what] or '':>14}" for what in (*GOOD, *BAD)))


def main(arguments: list[str]) -> int:
    """Returns the exit code: 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    forked.warm_up()
    out = forked.folder_for(parser, asked.out, "damage_")
    random, began, shown = np.random.default_rng(asked.seed), time.monotonic(), Counter[Any]()
    by_kind: Counter[tuple[str, str]] = Counter()
    by_sort: Counter[tuple[str, str]] = Counter()
    with reused():
        damager = Damager.trained(out)
        while by_kind.total() < asked.damages:
            damage = damager.choose(random)
            if not damager.apply(damage, random):
                continue
            what, said = damager.outcome(damage)
            by_kind[damage.kind, what] += 1
            by_sort[f"{sort_of(damage.file)}", what] += 1
            fault = damage.kind, sort_of(damage.file), damage.base, what
            shown[fault] += 1
            if what in BAD and shown[fault] == 1:
                print(f"{what}: {damage.base}, {damage.file} {damage.kind}: {said[:400]}", flush=True)
    table("by kind", by_kind)
    table("by file", by_sort)
    bad = sum(count for (_, what), count in by_kind.items() if what in BAD)
    print(f"\n{asked.damages} damages, {bad} faults; {time.monotonic() - began:.0f} s")
    if not asked.out:
        shutil.rmtree(out)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
