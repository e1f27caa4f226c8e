"""k replicas of batch N/k move exactly like one of batch N."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conformance import cases
from tests.conformance.replica_worker import VARIANTS

TOLERANCE = 1e-6  # relative to the largest entry of each tensor


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(replicas → tensors after three rounds), each from a process of its own."""
    folder = tmp_path_factory.mktemp("replicas")

    def train(replicas: int):
        out = folder / f"{replicas}.npz"
        command = [sys.executable, "-m", "tests.conformance.replica_worker", str(replicas), "float64", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=400,
                              env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(np.load(out))

    return {replicas: train(replicas) for replicas in (1, 2, 4)}


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return np.abs(one - other).max(initial=0) / max(np.abs(one).max(initial=0), 1e-12)


@pytest.mark.parametrize("replicas", [2, 4])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", cases.NAMES)
def test_replicas_agree(trained, name, variant, replicas):
    prefix = f"{name}/{variant}/"
    one = {key: value for key, value in trained[1].items() if key.startswith(prefix)}
    other = trained[replicas]
    assert len(one) > 6
    differences = {key: _difference(value, other[key]) for key, value in one.items() if value.dtype.kind == "f"}
    assert max(differences.values()) <= TOLERANCE, differences
    moved = [key for key in one if "generator" in key and one[key].ndim == 2]
    assert moved, "the comparison must see the generator's kernels"
