"""The threshold of split conformal prediction, and that of the package."""

import json

import numpy as np
import pytest

from gan_zoo.judging import calibration
from gan_zoo.judging.calibration import conformal


def test_by_hand():
    scores = list(range(39))
    assert conformal(scores) == 38  # the 39th of 39: ⌈40 · .975⌉
    assert conformal(scores[::-1], 0.05) == 37
    assert conformal(range(79)) == 77
    assert conformal(range(19), 0.05) == 18


def test_its_rate_of_errors():
    """Of a further run of the same kind: at most 2.5 %, and with 39 runs exactly that."""
    drawn = np.random.default_rng(0).exponential(size=[20_000, 40])
    passed = np.mean([run[39] > conformal(run[:39]) for run in drawn])
    assert passed == pytest.approx(0.025, abs=0.004)


def test_too_few_runs():
    with pytest.raises(ValueError, match="needs 39 runs, here are 38"):
        conformal(range(38))


def test_that_of_the_package():
    scores = json.loads(calibration.FILE.read_text(encoding="utf-8"))["scores"]
    assert len(scores) >= 39
    assert scores == sorted(scores)
    assert len(set(scores)) > 1
    assert calibration.threshold() == max(conformal(scores), 0.5)
