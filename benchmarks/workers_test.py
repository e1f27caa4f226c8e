"""Ends workers of a run at random and looks whether a bit is lost: `python -m benchmarks.workers_test --kills=20`.

Some processes on this machine train one run, in double precision. They train it undisturbed, and one process alone does
the same: how far its weights are off is shown. Then they train it again, and again and again one of them is ended at a
random moment: by SIGKILL, after which the others have to end by themselves, with exit code 75 and one line; or by
SIGTERM or SIGINT, for which all have to save at the same step. The same commands go on, until the run is complete. Its
bits are compared with the undisturbed run's, as in benchmarks/kill_test.py. Exit code 1 if anything differs, hangs or
ends strangely.

    --workers=N --kills=N --seed=N  by default 2, 20 and 0
    --out=DIR                       where the runs lie; by default a temporary folder, kept if something differs
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks import same_run

ROOT = Path(__file__).resolve().parents[1]
STEPS, SAVED = 120, 10
_FLAGS = ("--model=mlp(generator=[None, 16, 32, None], discriminator=[None, 32, 16, 1], dropout=0.3)",
          "--dataset=digits", "--image_size=8", "--latent=normal(8)", "--batch_size=24", f"--steps={STEPS}",
          "--rounds_per_call=5", f"--checkpoint_every_steps={SAVED}", "--sample_every_steps=60", "--sample_count=4",
          "--log_every_steps=10", "--histogram_every_steps=60", "--evaluate_every_steps=40", "--precision=float64",
          "--generator_average=0.9", "--objective=non_saturating + r1(every=4)", "--worker_timeout_s=60")
_KINDS, _SHARES = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT), (0.6, 0.2, 0.2)
_LOST, _HANGS, _KILLS_A_RUN = 75, 900.0, 6  # an exit code, seconds, kills of a run


class Group:
    """The workers of a run in `folder`, each a process of its own."""

    def __init__(self, folder: Path, workers: int):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        addresses = _addresses(workers)
        self.processes = [self._start(rank, addresses) for rank in range(workers)]

    def _start(self, rank: int, addresses: list[str]) -> subprocess.Popen:
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": rank}}
        several = ["--strategy=multi_worker"] if len(addresses) > 1 else []
        out, err = (self.folder / f"worker_{rank}.{stream}" for stream in ("out", "err"))
        command = [sys.executable, str(ROOT / "train.py"), *_FLAGS, *several,
                   f"--run_dir={self.run if rank == 0 else 'none'}"]
        with out.open("w") as stdout, err.open("w") as stderr:
            return subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=self.folder,
                                    env=os.environ | {"TF_CONFIG": json.dumps(config)})

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def lives(self) -> bool:
        return all(process.poll() is None for process in self.processes)

    def said(self, rank: int) -> str:
        return (self.folder / f"worker_{rank}.err").read_text()

    def completes(self) -> bool:
        """Whether all end as they should, left to themselves."""
        return self.wait(_HANGS) == [0] * len(self.processes)

    def wait(self, seconds: float) -> list[int | None]:
        """The exit codes; None of one that hangs, which is killed."""
        deadline, codes = time.monotonic() + seconds, []
        for process in self.processes:
            try:
                codes.append(process.wait(max(0.1, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(None)
        return codes


def _addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def _let(group: Group, random: np.random.Generator) -> None:
    """Until a random moment: some seconds after its start, or after some more checkpoints."""
    if random.random() < 0.2:
        time.sleep(random.uniform(0, 12))
        return
    newest = same_run.newest_checkpoint(group.run)
    saved = int(newest.name.removeprefix("step_")) if newest else 0
    wanted = group.run / "checkpoints" / f"step_{min(saved + int(random.integers(1, 4)) * SAVED, STEPS):08d}"
    while group.lives() and not wanted.exists():
        time.sleep(0.005)
    time.sleep(random.uniform(0, 0.5))


def _disturb(group: Group, random: np.random.Generator) -> tuple[str, float, list[str]]:
    """Ends a worker: (what was done, "" if the run was complete before, seconds until all had ended, faults)."""
    _let(group, random)
    if not group.lives():
        codes = group.wait(60)
        fine = codes == [0] * len(codes)
        return "", 0.0, [] if fine else [f"exit codes {codes} without a kill: {group.said(0)[-300:]}"]
    victim, kind = int(random.integers(len(group.processes))), _KINDS[random.choice(len(_KINDS), p=_SHARES)]
    step = _recorded(group).get("step")
    group.processes[victim].send_signal(kind)
    began = time.monotonic()
    codes = group.wait(_HANGS)
    seconds = time.monotonic() - began
    what = f"{kind.name} worker {victim}"
    others = [code for rank, code in enumerate(codes) if rank != victim]
    faults = []
    # Who is ended while it starts leaves the others with one who is gone, or can't begin; or the run is just complete.
    fine = {_LOST, 0} if kind == signal.SIGKILL else {128 + kind, _LOST, 0, 1}
    have_begun = "→" in (group.folder / "worker_0.out").read_text()
    if not set(others) <= fine:
        faults.append(f"{what}, after step {step}: exit codes {codes}")
    if have_begun and seconds > 30:
        faults.append(f"{what}, after step {step}: all had ended after {seconds:.0f} s")
    faults += [f"{what}: worker {rank} says {said}" for rank in range(len(codes))
               if "Traceback" in (said := group.said(rank)) and "KeyboardInterrupt" not in said]
    return what, seconds, faults


def _recorded(group: Group) -> dict:
    try:
        return json.loads((group.run / "run.json").read_text())
    except (OSError, ValueError):
        return {}


def _off(one: Path, other: Path) -> float:
    """How far the newest checkpoints' numbers are apart, by the largest of each tensor."""
    a, b = (same_run.tensors(same_run.newest_checkpoint(run) / "state") for run in (one, other))
    return max(float(np.abs(a[name] - b[name]).max(initial=0) / max(np.abs(a[name]).max(initial=0), 1e-12))
               for name in a if a[name].dtype.kind == "f")


def _chain(folder: Path, workers: int, kills: int,
           random: np.random.Generator) -> tuple[list[str], list[float], list[str]]:
    """A run that is disturbed some times, and then comes to its end: what was done, its seconds, faults."""
    done: list[str] = []
    took: list[float] = []
    faults: list[str] = []
    while len(done) < kills and not faults:
        what, seconds, faults = _disturb(Group(folder, workers), random)
        if not what:
            break
        done.append(what)
        took.append(seconds)
    if not faults and not (last := Group(folder, workers)).completes():
        faults.append(f"doesn't go on: {last.said(0)[-300:]}")
    return done, took, faults


def main(arguments: list[str]) -> int:
    """Returns the exit code: 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    out, random = asked.out or Path(tempfile.mkdtemp(prefix="workers_test_")), np.random.default_rng(asked.seed)
    whole, one = Group(out / "whole", asked.workers), out / "one"
    if not (whole.completes() and Group(one, 1).completes()):
        raise SystemExit(f"the undisturbed runs failed: see {out}")
    print(f"{asked.workers} workers, {STEPS} rounds: {_off(one / 'run', whole.run):.1e} off one process's weights, "
          "optimizers and average, of the largest of each tensor", flush=True)
    kinds, seconds, bad, chains = Counter[str](), [], 0, 0
    while sum(kinds.values()) < asked.kills and not bad:
        folder = out / f"chain_{chains}"
        done, took, faults = _chain(folder, asked.workers, min(_KILLS_A_RUN, asked.kills - sum(kinds.values())), random)
        if not faults:
            faults = same_run.differences(same_run.contents(whole.run), same_run.contents(folder / "run"))
        kinds.update(what.partition(" worker ")[0] + (" chief" if what.endswith(" 0") else " other") for what in done)
        seconds += [one for what, one in zip(done, took, strict=True) if what.startswith("SIGKILL")]
        bad, chains = bad + bool(faults), chains + 1
        print(f"run {chains}: {', '.join(done)}: {'the same bits' if not faults else 'FAULTS'}", flush=True)
        for fault in faults[:8]:
            print(f"    {fault}", flush=True)
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))
          + (f"; after SIGKILL the last had ended within {max(seconds):.0f} s" if seconds else ""))
    if not bad and not asked.out:
        shutil.rmtree(out)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
