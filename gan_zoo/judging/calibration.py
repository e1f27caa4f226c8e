"""The threshold of the scores of gan_zoo.judging.rules: what healthy runs stay below, with a stated rate of errors."""

import functools
import json
import math
from collections.abc import Sequence
from pathlib import Path

FILE = Path(__file__).with_name("calibration.json")
_ERRORS = 0.025  # false alarms a run
_LEAST = 0.5  # threshold; a score of less is no fall that anybody would want to hear of


def conformal(scores: Sequence[float], errors: float = _ERRORS) -> float:
    """The ⌈(N + 1)(1 − errors)⌉-th smallest of the largest scores of N healthy runs.

    A further healthy run passes it with a probability of at most `errors`, if it is exchangeable with these (split
    conformal prediction). ValueError if there are too few of them: N ≥ 1/errors − 1.
    """
    rank = math.ceil((len(scores) + 1) * (1 - errors) - 1e-9)
    if rank > len(scores):
        raise ValueError(f"an error rate of {errors} needs {math.ceil(1 / errors) - 1} runs, here are {len(scores)}")
    return sorted(scores)[rank - 1]


def threshold_of(scores: Sequence[float]) -> float:
    """The conformal one, but at least 0.5, which only makes errors rarer."""
    return max(conformal(scores), _LEAST)


@functools.cache
def threshold() -> float:
    """That of the calibration that is part of the package; `python -m gan_zoo.experiments.alarm` makes it again."""
    return threshold_of(json.loads(FILE.read_text(encoding="utf-8"))["scores"])
