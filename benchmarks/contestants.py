"""Processes that play in turns, for train_speed.py; without the zoo, for an interpreter that has torch alone."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Contestant:
    """A process that plays as many rounds as it is told.

    variables: of its environment. facts: what it said of itself. first: seconds from its start until it had played a
    round.
    """

    def __init__(self, python: str, module: str, *arguments: str, **variables: str):
        start = time.perf_counter()
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT), **variables}
        self._process = subprocess.Popen([python, "-m", module, *arguments], env=environment, cwd=ROOT, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.facts = self._answer()
        self.first = time.perf_counter() - start

    def play(self, rounds: int) -> dict:
        """seconds: of a round by the clock; cpu: of all cores; peak_mib: of memory so far; and what else it says."""
        assert self._process.stdin
        print(rounds, file=self._process.stdin, flush=True)
        return self._answer()

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _answer(self) -> dict:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"ended: {self._process.args}")
        return json.loads(line)


def serve(play: Callable[[int], dict | None], **facts) -> None:
    """The other side: plays a round, says so with `facts`, then as many as each line of the input says.

    play: may return what else there is to say.
    """
    play(1)
    print(json.dumps({"cpu": time.process_time(), **facts}), flush=True)
    for line in sys.stdin:
        rounds, clock, cores = int(line), time.perf_counter(), time.process_time()
        said = play(rounds) or {}
        took = {"seconds": (time.perf_counter() - clock) / rounds, "cpu": (time.process_time() - cores) / rounds}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**took, "peak_mib": peak, **said}), flush=True)
