"""Any text gives a result or a UserError: `python -m benchmarks.fuzz --executions=100000 [specs flagfiles folders]`.

Gives texts that hypothesis makes to specs, flagfiles and folders of pictures, and counts; what raises anything but a
UserError is shown, the shortest of each kind, and kept in tests/fuzz_found.json, which the suite replays. About 10
ms each on a busy core. --seconds=N ends each entry after that time, --seed=N makes others.
"""

import argparse
import json
import logging
import resource
import time
import traceback

from hypothesis import HealthCheck, given, seed, settings

from tests import fuzzing

_MEMORY = 24 * 2**30  # bytes of addresses: what asks for all there is gets an error, and the machine goes on
_TOGETHER = 500  # executions between looks at the clock


def fuzz(entry: str, executions: int, seconds: float, first_seed: int) -> tuple[int, int, dict[str, tuple[list, str]]]:
    """(executions, results, {kind: (the shortest case, its last lines)})."""
    count, results, findings = 0, 0, {}

    def tried(case) -> None:
        nonlocal count, results
        count += 1
        try:
            results += fuzzing.attempt(entry, case)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            kind, case = f"{type(error).__name__} in {last.filename}:{last.lineno}", json.loads(json.dumps(case))
            if kind not in findings or len(json.dumps(case)) < len(json.dumps(findings[kind][0])):
                findings[kind] = case, "".join(traceback.format_exception(error))[-1500:]

    began = time.monotonic()
    while count < executions and time.monotonic() - began < seconds:
        once = settings(max_examples=_TOGETHER, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        seed(first_seed + count)(once(given(fuzzing.ENTRIES[entry].cases)(tried)))()
    return count, results, findings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", nargs="*", default=list(fuzzing.ENTRIES))
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.disable()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for entry in asked.entries:
        began = time.monotonic()
        count, results, findings = fuzz(entry, asked.executions, asked.seconds, asked.seed)
        print(f"{entry}: {count:,} executions, {results:,} results, {len(findings)} findings, "
              f"{time.monotonic() - began:.0f} s", flush=True)
        for kind, (case, text) in findings.items():
            print(f"\n{kind}\n{json.dumps(case)}\n{text}", flush=True)
        fuzzing.write_found({entry: [case for case, _ in findings.values()]})


if __name__ == "__main__":
    main()
