"""Kills training at random and looks whether a bit is lost: `python -m benchmarks.kill_test --kills=100`.

Each case is a game that trains for some seconds. It is trained undisturbed; then again and again, killed in every phase
at random moments, and gone on with by the same command until it is complete. Compared with the undisturbed run are the
bits of weights, optimizers, history, checks, the best generator, pictures, the export, TensorBoard's points, what
run.json says and which files there are. Most kills are SIGKILL, some SIGTERM, SIGINT, SIGHUP and a closed pipe.

Most runs are forked from a process that has TensorFlow imported and not yet started, which saves each the import (a
kill costs about ten seconds on two busy cores); --spawn=SHARE is that of runs which are processes of their own. Exit
code 1 and a folder to look at if anything differs, hangs, ends strangely or can't go on.

    --kills=N --seed=N --cases=NAME,…  how many in all, by default 100; of the random moments; default: all cases
    --spawn=SHARE                      0 to 1, default 0.05: the only ones that can be killed while they start
    --out=DIR                          where the runs lie; by default a temporary folder, kept if something differs
"""

import argparse
import itertools
import json
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import forked, same_run
from benchmarks.forked import Process

STEPS, CHECKPOINTS = 120, 12
_GAME = ("--model=mlp(generator=[None, 16, 32, None], discriminator=[None, 32, 16, 1], dropout=0.3)",
         "--dataset=digits", "--image_size=8", "--latent=normal(8)", "--batch_size=16", f"--steps={STEPS}",
         "--rounds_per_call=5", "--checkpoint_every_steps=10", "--sample_every_steps=60", "--sample_count=4",
         "--log_every_steps=10", "--histogram_every_steps=60")
_UNCHECKED, _CHECKED = "--evaluate_every_steps=0", "--evaluate_every_steps=30"
CASES = {
    "plain": (_UNCHECKED,),
    "replicas": (_CHECKED, "--logical_cpus=2", "--strategy=mirrored"),
    "codes": (_CHECKED, "--latent=noise(6) + categorical(3) + uniform(1)",
              "--objective=non_saturating + mutual_information"),
    "classes": (_CHECKED, "--conditional", "--objective=non_saturating + auxiliary_classifier"),
    "packing": (_UNCHECKED, "--packing=2", "--update=alternating"),
    "average": (_CHECKED, "--generator_average=0.9", "--discriminator_updates=2",
                "--generator_optimizer=adam(learning_rate=cosine(1e-3, 1e-5), beta_1=0.5)"),
    "checks": ("--evaluate_every_steps=10", "--best_metric=coverage"),
    "keep one": (_CHECKED, "--keep_checkpoints=1"),
    "streamed": (_UNCHECKED, "--resident_mib=0"),
}
PHASES = ("start", "building", "tracing", "training", "checkpoint", "finish", "ended")
_WANTED = {"building": 0.22, "tracing": 0.23, "training": 0.25, "checkpoint": 0.25, "finish": 0.05}  # shares of kills
_PIPE = "closed pipe"
_ENDINGS = {signal.SIGTERM: {143, -15}, signal.SIGINT: {130, -2}, signal.SIGHUP: {129, -1}, _PIPE: {141},
            signal.SIGKILL: {-9}}
_KINDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, _PIPE)
_KILLS_A_CHAIN, _FINISHES = (6, 16), 2  # from, to below; of these while it finishes, at most
_HANGS, _GENTLE = 120.0, 0.32  # seconds; the share of kills that are not SIGKILL


class Kill(NamedTuple):
    """One kill. phase: that it met. code: how the process then ended. took: seconds from its start."""

    case: str
    phase: str
    kind: str
    code: int | None
    took: float


class Case:
    """A game, its undisturbed run, and how long the phases of that took."""

    def __init__(self, name: str, out: Path):
        self.name, self.out = name, out / name.replace(" ", "_")
        self.out.mkdir(parents=True)
        self.whole = self.out / "whole"
        process, met = Process(self.flags(self.whole), self.out), []
        while process.poll(0.001):
            met.append((time.monotonic(), self.phase(process, self.whole)))
        if process.wait(_HANGS) != 0:
            raise SystemExit(f"{name}: the undisturbed run failed: {process.errors}")
        self.seconds = dict.fromkeys(PHASES, 0.0)
        for (since, phase), (until, _) in itertools.pairwise(met):
            self.seconds[phase] += until - since

    def flags(self, run: Path) -> list[str]:
        return [*_GAME, *CASES[self.name], f"--cache_dir={run}_cache", f"--run_dir={run}"]

    def phase(self, process: Process, run: Path) -> str:
        """What a process is about, by its output and the run's folder."""
        if process.code is not None:
            return "ended"
        if "→ " not in process.out:
            return "building" if not process.spawned or process.has_tensorflow() else "start"
        try:
            names = [path.name for path in (run / "checkpoints").iterdir()]
        except OSError:
            return "building"
        if any(not name.removeprefix("step_").isdigit() for name in names):
            return "checkpoint"
        if f"step_{STEPS:08d}" in names:
            return "finish"
        return "training" if "\nstep " in process.out else "tracing"


class Chain:
    """A run that is killed some times, and then left to come to its end."""

    def __init__(self, case: Case, number: int, random: np.random.Generator, spawn: float):
        self.case, self.random, self.spawn = case, random, spawn
        self.run = case.out / f"chain_{number}"
        self.kills: list[Kill] = []
        self.faults: list[str] = []
        self.unlike: dict[str, int] = {}

    def go(self, kills: int) -> None:
        """Kills it so many times at most, goes on to the end, and compares."""
        for _ in range(kills):
            if not self._kill() or self.faults or [kill.phase for kill in self.kills].count("finish") == _FINISHES:
                break
        if self.faults:
            return
        last = Process(self.case.flags(self.run), self.case.out)
        code = last.wait(_HANGS)
        if code != 0 or "Traceback" in last.errors:
            self.faults.append(f"doesn't go on: exit code {code}: {_tail(last.errors)}")
            return
        found = forked.in_a_child(_compared, str(self.case.whole), str(self.run))
        if isinstance(found, dict):
            self.faults.append(f"can't be compared: {_tail(found['error'])}")
        else:
            self.faults += [f"differs: {line}" for line in found]
            self.unlike = same_run.kinds(found)

    def _kill(self) -> bool:
        """Starts it, waits for a moment and kills it; False if it has come to its end by itself."""
        random, case, out = self.random, self.case, self.case.out
        spawn = random.random() < self.spawn
        wanted = str(random.choice(list(_WANTED), p=list(_WANTED.values())))
        wanted = "start" if spawn and random.random() < 0.5 else wanted
        kind = _KINDS[random.integers(len(_KINDS))] if random.random() < _GENTLE else signal.SIGKILL
        process = Process(case.flags(self.run), out, spawn)
        self._wait_for(process, wanted)
        phase = case.phase(process, self.run)
        if phase == "ended":
            code = process.wait(_HANGS)
            if code != 0:
                self.faults.append(f"doesn't go on: exit code {code}: {_tail(process.errors)}")
            return False
        took = time.monotonic() - process.began
        if kind == _PIPE:
            process.close_pipe()
        else:
            process.send(kind)
        code = process.wait(_HANGS)
        self.kills.append(Kill(case.name, phase, getattr(kind, "name", kind), code, took))
        self._look_at_end(process, phase, kind, code)
        return True

    def _wait_for(self, process: Process, wanted: str) -> None:
        """Until some moment within a phase, or until that is over."""
        seconds, run = self.case.seconds, self.run
        if wanted == "start":
            self._let(process, self.random.uniform(0, 5))
            return
        met = PHASES.index("training" if wanted == "checkpoint" else wanted)
        while PHASES.index(self.case.phase(process, run)) < met and process.poll(0.002):
            pass
        if wanted in ("training", "checkpoint"):
            self._let_play(process)
            while wanted == "checkpoint" and self.case.phase(process, run) == "training" and process.poll():
                pass
            self._let(process, self.random.uniform(0, seconds[wanted] / CHECKPOINTS))
        else:
            self._let(process, self.random.uniform(0, seconds[wanted]))

    def _let_play(self, process: Process) -> None:
        """Until it has saved the next step, or one of those after it."""
        def saved() -> int:
            newest = same_run.newest_checkpoint(self.run)
            return int(newest.name.removeprefix("step_")) if newest else 0

        wanted = min(saved() + int(self.random.integers(1, 4)) * STEPS // CHECKPOINTS, STEPS)
        while saved() < wanted and self.case.phase(process, self.run) != "finish" and process.poll(0.001):
            pass

    @staticmethod
    def _let(process: Process, seconds: float) -> None:
        """Lets it run for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and process.poll(min(left, 0.02)):
            pass

    def _has_played(self) -> bool:
        """Whether all rounds are played, so that a wish to stop may come too late."""
        newest = same_run.newest_checkpoint(self.run)
        return newest is not None and newest.name == f"step_{STEPS:08d}"

    def _look_at_end(self, process: Process, phase: str, kind: Any, code: int | None) -> None:
        what = f"{getattr(kind, 'name', kind)} while {phase}"
        if code is None:
            self.faults.append(f"{what}: hangs, {_HANGS:.0f} s after it: {_tail(process.errors)}")
        elif "Traceback" in process.errors:
            self.faults.append(f"{what}: exit code {code} and {_tail(process.errors)}")
        elif code not in _ENDINGS[kind] and not (code == 0 and (self._has_played() or kind == _PIPE)):
            self.faults.append(f"{what}: exit code {code}, expected {_ENDINGS[kind]}: {_tail(process.errors)}")


def _compared(whole: str, other: str) -> list[str]:
    return same_run.differences(same_run.contents(Path(whole)), same_run.contents(Path(other)))


def _tail(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-4:])[-600:] or "no word"


def report(kills: list[Kill], chains: int, seconds: float) -> None:
    """Which kills there were."""
    kinds = [getattr(kind, "name", kind) for kind in (signal.SIGKILL, *_KINDS)]
    met = Counter((kill.phase, kill.kind) for kill in kills)
    print(f"\n{'phase':<12}" + "".join(f"{kind:>13}" for kind in kinds) + f"{'all':>8}")
    for phase in (phase for phase in PHASES if any(kill.phase == phase for kill in kills)):
        row = [met[phase, kind] for kind in kinds]
        print(f"{phase:<12}" + "".join(f"{count:>13}" for count in row) + f"{sum(row):>8}")
    print("ended with  " + ", ".join(f"{code}: {count}" for code, count in
                                      sorted(Counter(kill.code for kill in kills).items(), key=str)))
    print("by case     " + ", ".join(f"{case}: {count}" for case, count in Counter(k.case for k in kills).items()))
    print(f"{len(kills)} kills in {chains} chains, {seconds:.0f} s", flush=True)


def main(arguments: list[str]) -> int:
    """Returns the exit code: 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--spawn", type=float, default=0.05)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    names = asked.cases.split(",")
    for name in names:
        if name not in CASES:
            parser.error(f"--cases: {name!r} is none of {', '.join(CASES)}")
    out = forked.folder_for(parser, asked.out, "kill_test_")
    began, random = time.monotonic(), np.random.default_rng(asked.seed)
    forked.warm_up()
    cases: dict[str, Case] = {}
    kills: list[Kill] = []
    chains = bad = 0
    while len(kills) < asked.kills:
        name = names[chains % len(names)]
        case = cases.get(name) or cases.setdefault(name, Case(name, out))
        chain = Chain(case, chains, random, asked.spawn)
        chain.go(int(random.integers(*_KILLS_A_CHAIN)))
        kills += chain.kills
        chains += 1
        print(f"{name:<9} chain {chains}: " + ", ".join(f"{k.kind} {k.phase}" for k in chain.kills)
              + (": the same bits" if not chain.faults else f": {len(chain.faults)} FAULTS in {chain.run}"), flush=True)
        if chain.unlike:
            print("    differences: " + ", ".join(f"{count} of {kind}" for kind, count in chain.unlike.items()))
        for fault in chain.faults[:8]:
            print(f"    {fault}", flush=True)
        bad += bool(chain.faults)
        if not chain.faults:
            shutil.rmtree(chain.run, ignore_errors=True)
    report(kills, chains, time.monotonic() - began)
    (out / "kills.json").write_text(json.dumps([kill._asdict() for kill in kills], indent=1) + "\n")
    print(f"{bad} of {chains} chains with faults" + (f", in {out}" if bad else ""))
    if not bad and not asked.out:
        shutil.rmtree(out)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
