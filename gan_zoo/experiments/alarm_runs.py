"""The trainings of the alarm's experiment, a few at a time in processes of their own."""

import multiprocessing
import os
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_zoo.commands.flags import parse
from gan_zoo.experiments.alarm_cases import FEW, NEVER, WITHOUT, Case
from gan_zoo.experiments.faults import Fault, few, without
from gan_zoo.quiet import quiet

_LATER = (0.5, 0.8)  # of the rounds, when a healthy run falls ill
_TRAININGS_A_PROCESS = 12  # after which a new one begins, since TensorFlow keeps memory
# Small networks gain nothing from more threads than one, and trainings run side by side.
_ENVIRONMENT = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1"}


class _Task(NamedTuple):
    case: Case
    folder: Path


def train(cases: Iterable[Case], folder: Path, processes: int) -> None:
    """Trains the cases, whose files go into the folder, and prints a line about each."""
    tasks = [_Task(case, folder) for case in cases]
    started = time.monotonic()
    os.environ.update(_ENVIRONMENT)  # here, since a new process reads it when it imports libraries
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(processes, maxtasksperchild=_TRAININGS_A_PROCESS) as pool:
        for done, line in enumerate(pool.imap_unordered(_train_one, tasks), 1):
            print(f"{done}/{len(tasks)} {time.monotonic() - started:.0f} s: {line}", flush=True)


def _train_one(task: _Task) -> str:
    """Trains and watches a case, writes what it was, and says so in a line."""
    with quiet():  # and here, for TensorFlow is loud when it is imported
        import keras
        import tensorflow as tf

        from gan_zoo.experiments import series_files
        from gan_zoo.experiments.watching import watch

        tf.config.list_logical_devices()  # as is looking for a GPU
    case, began = task.case, time.monotonic()
    experiment = parse(list(case.flags)).experiment
    found = watch(experiment, _faults(case, experiment.steps or 0) if case.injected else None)
    for name, watched in found.items():
        if name:
            series_files.write(case.path(task.folder, name), watched)
    series_files.write(case.path(task.folder), found[""])  # last: it says that the case is there
    keras.backend.clear_session()
    series = found[""].series
    coverage = f"coverage {series['coverage'][-1]:.2f}" if len(series) else "diverged before the first check"
    return f"{case.name}, {time.monotonic() - began:.0f} s, {len(series)} checks, {coverage}"


def _faults(case: Case, steps: int) -> dict[str, Fault]:
    """Each kind of fault by its name, from its step on, drawn by the case's name.

    That is one of the second half of the training, or the beginning.
    """
    random = np.random.default_rng(zlib.crc32(case.name.encode()))
    kinds: list[tuple[str, Callable[[int, int, int], Fault], tuple[int, ...], tuple[float, float]]] = [
        ("few", few, FEW, _LATER), ("without", without, WITHOUT, _LATER), ("never", without, NEVER, (0, 0))]
    return {f"{kind}_{count}": fault(count, int(random.uniform(*when) * steps), int(random.integers(2**31)))
            for kind, fault, counts, when in kinds for count in counts}
