"""k replicas of batch N/k move exactly like one of batch N."""

import os
import subprocess
import sys
from collections.abc import Iterable

import numpy as np
import pytest

from tests.conformance.cases import tried
from tests.conformance.conftest import selected

TOLERANCE = 1e-6  # relative to the largest entry of each tensor


@pytest.fixture(scope="module")
def trained(request, tmp_path_factory):
    """(replicas → tensors after three rounds), each from a process of its own."""
    folder, wanted = tmp_path_factory.mktemp("replicas"), {1: {}}
    for asked in selected(request):
        pair = f"{asked['name']}/{asked['variant']}"
        wanted[1][pair] = wanted.setdefault(asked["replicas"], {})[pair] = None
    processes = {replicas: _start(replicas, folder / f"{replicas}.npz", pairs) for replicas, pairs in wanted.items()}
    for process in processes.values():
        _, error = process.communicate(timeout=900)
        assert process.returncode == 0, error[-3000:]
    return {replicas: dict(np.load(folder / f"{replicas}.npz")) for replicas in processes}


def _start(replicas: int, out, pairs: Iterable[str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.conformance.replica_worker", str(replicas), "float64", str(out), *pairs]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return np.abs(one - other).max(initial=0) / max(np.abs(one).max(initial=0), 1e-12)


@pytest.mark.parametrize(("replicas", "name", "variant"), [
    (replicas, *pair) for replicas in (2, 4) for pair in tried(replicas)])
def test_replicas_agree(trained, name, variant, replicas):
    prefix = f"{name}/{variant}/"
    one = {key: value for key, value in trained[1].items() if key.startswith(prefix)}
    other = trained[replicas]
    assert len(one) > 6
    differences = {key: _difference(value, other[key]) for key, value in one.items() if value.dtype.kind == "f"}
    assert max(differences.values()) <= TOLERANCE, differences
    moved = [key for key in one if "generator" in key and one[key].ndim == 2]
    assert moved, "the comparison must see the generator's kernels"
