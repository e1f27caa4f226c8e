"""What the rules say of watched trainings, counted: false alarms, faults found, delays, with exact bounds."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.stats

from gan_zoo.experiments import published_logs, series_files
from gan_zoo.experiments.alarm_cases import FEW, NEVER, WITHOUT, Case
from gan_zoo.experiments.watching import Watched
from gan_zoo.judging import calibration, rules
from gan_zoo.judging.series import Series
from gan_zoo.judging.words import COLLAPSED, CYCLING, DIVERGED, SAME

_CLOSE = 1.5  # times too many or too few images that still count as right
_CONFIDENCE = 0.95


class Said(NamedTuple):
    """The first fault that is found of a run, and what is said at its end.

    step: of the check that brought the fault, or the round that diverged; None if there is none. verdict: its word.
    last: the last one, in full. still: whether that is a fault. coverage, images: at the end, images inf if they are
    too many to count. score: the largest. delay: rounds and epochs from the beginning of the fault, where that is
    known.
    """

    step: int | None
    verdict: str
    last: str
    still: bool
    coverage: float
    score: float
    images: float
    delay: tuple[int, float] | None


def is_there(folder: Path, case: Case) -> bool:
    """Whether the case has been trained."""
    return series_files.exists(case.path(folder))


def report(folder: Path, cases: Iterable[Case]) -> dict[str, Any]:
    """All counts, as JSON values."""
    parts: dict[str, list[Case]] = {}
    for case in cases:
        parts.setdefault(case.part, []).append(case)
    calibrating = {case.name: series_files.read(case.path(folder)).series for case in parts["calibration"]}
    scores = {name: highest(series) for name, series in calibrating.items()}
    threshold = calibration.threshold_of(list(scores.values()))
    healthy = {case.name: said(series_files.read(case.path(folder)), threshold) for case in parts["healthy"]}
    faulty = {case: said(series_files.read(case.path(folder)), threshold, case.seen)
              for case in parts["faulty"]}
    injected = {fault: {case.name: _of_injected(folder, case, fault, threshold)
                        for case in parts["healthy"] if case.injected} for fault in _faults()}
    logs = published_logs.logs()
    return {
        "calibration": {"runs": len(scores), "threshold": threshold, "scores": sorted(scores.values())},
        "healthy": {"alarms": _share([each.step is not None for each in healthy.values()]),
                    "at_the_end": _share([each.still for each in healthy.values()]),
                    "runs": {name: _row(each) for name, each in healthy.items()}},
        "faulty": {"found": _share([each.step is not None for each in faulty.values()]),
                   "at_the_end": _share([each.still for each in faulty.values()]),
                   "right_word": _share([_is_right(case, each) for case, each in faulty.items()]),
                   "delay_epochs": _median(each.delay[1] for each in faulty.values() if each.delay),
                   "runs": {case.name: _row(each) | {"right": list(case.words)} for case, each in faulty.items()}},
        "injected": {fault: _of_fault(fault, found) for fault, found in injected.items()},
        "published_logs": {dataset: published_logs.outcome([log for log in logs if log.dataset == dataset])._asdict()
                           for dataset in sorted({log.dataset for log in logs})},
    }


def highest(series: Series) -> float:
    """The largest score that a run ever had."""
    return max((max(rules.scores(series.up_to(checks)).values()) for checks in range(1, len(series) + 1)), default=0.0)


def said(watched: Watched, threshold: float, seen: int | None = None) -> Said:
    """What the rules say of a run, check by check. seen: the step at which its fault begins, if it is known."""
    series, step, word = watched.series, None, ""
    for checks in range(1, len(series) + 1):
        finding = rules.judge(series.up_to(checks), threshold)
        if finding.is_fault and step is None:
            step, word = int(series["step"][checks - 1]), finding.verdict
    last, still = "", False
    if len(series):
        finding = rules.judge(series, threshold)
        last, still = finding.short, finding.is_fault
    if watched.diverged is not None:
        step, word = (watched.diverged, DIVERGED) if step is None else (step, word)
        last, still = DIVERGED, True
    delay = None if step is None or seen is None else (step - seen, (step - seen) / watched.epoch)
    images = series.distinct[-1] if len(series) else np.nan
    coverage = float(series["coverage"][-1]) if len(series) else np.nan
    return Said(step, word, last, still, coverage, highest(series), images, delay)


def _faults() -> list[str]:
    return [f"{kind}_{count}" for kind, counts in (("few", FEW), ("without", WITHOUT), ("never", NEVER))
            for count in counts]


def _of_injected(folder: Path, case: Case, fault: str, threshold: float) -> Said:
    watched = series_files.read(case.path(folder, fault))
    return said(watched, threshold, watched.fault)


def _of_fault(fault: str, found: dict[str, Said]) -> dict[str, Any]:
    kind, count = fault.split("_")
    right = re.compile(rf"{COLLAPSED}: about \d+ of \d+ classes" if kind != "few" else
                       rf"{COLLAPSED}: about [\d,]+ distinct images" if int(count) > 1 else
                       f"{SAME}|{CYCLING}")  # one image, which may go on changing
    outcome = {"found": _share([each.delay is not None and each.delay[0] >= 0 for each in found.values()]),
               "at_the_end": _share([each.still for each in found.values()]),
               "right_word": _share([bool(right.fullmatch(each.last)) for each in found.values()]),
               "delay_epochs": _median(each.delay[1] for each in found.values() if each.delay and each.delay[0] >= 0)}
    if kind != "few" or int(count) > 1:
        is_close = _few_close if kind == "few" else _lost_close
        outcome["number_close"] = _share([is_close(each, int(count)) for each in found.values()])
    return outcome | {"runs": {name: _row(each) for name, each in found.items()}}


def _few_close(found: Said, count: int) -> bool:
    return 1 / _CLOSE <= found.images / count <= _CLOSE


def _lost_close(found: Said, count: int) -> bool:
    """Whether as many classes are said to be missing at the end, or one more or less."""
    said_of = re.search(r"about (\d+) of (\d+)", found.last)
    return said_of is not None and abs(int(said_of[2]) - int(said_of[1]) - count) <= 1


def _is_right(case: Case, found: Said) -> bool:
    return found.step is not None and (found.verdict in case.words or found.last.split(":")[0] in case.words)


def _row(found: Said) -> dict[str, Any]:
    row: dict[str, Any] = {"alarm": found.step, "verdict": found.verdict, "at_the_end": found.last,
                           "coverage": _rounded(found.coverage), "score": _rounded(found.score)}
    if found.delay is not None:
        row |= {"delay_rounds": found.delay[0], "delay_epochs": _rounded(found.delay[1])}
    return row


def _share(which: Sequence[bool]) -> dict[str, Any]:
    """How many of how many, and the 95 % bounds of the share (Clopper and Pearson 1934)."""
    count = sum(bool(each) for each in which)
    bounds = scipy.stats.binomtest(count, len(which)).proportion_ci(_CONFIDENCE, method="exact")
    return {"count": count, "of": len(which), "bounds": [_rounded(bounds.low), _rounded(bounds.high)]}


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return _rounded(float(np.median(known))) if known else None


def _rounded(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


def as_text(found: dict[str, Any]) -> str:
    """The counts as a page of Markdown."""
    calibrated = found["calibration"]
    lines = [f"threshold {calibrated['threshold']:.3f} of {calibrated['runs']} healthy runs", "",
             "| runs | alarms | share, 95 % bounds | still at the end | right word | epochs to the alarm, median | "
             "right number |",
             "|---|---|---|---|---|---|---|",
             _line("healthy", found["healthy"]["alarms"], found["healthy"]),
             _line("faulty from the beginning", found["faulty"]["found"], found["faulty"])]
    lines += [_line(fault.replace("_", " "), each["found"], each) for fault, each in found["injected"].items()]
    lines += ["", "Discriminator loss alone, published trainings:"]
    lines += [f"{dataset}: {each['found']} of {each['degraded']} degraded found, {each['false']} of {each['healthy']} "
              "healthy called degraded" for dataset, each in found["published_logs"].items()]
    lines += ["", *(f"{part}: {name}: {row['verdict'] or 'none'} at {row['alarm']}, at the end {row['at_the_end']}, "
                    f"coverage {row['coverage']}, score {row['score']}"
                    for part in ("healthy", "faulty") for name, row in found[part]["runs"].items())]
    return "\n".join(lines)


def _line(name: str, share: dict[str, Any], others: dict[str, Any]) -> str:
    delay = others.get("delay_epochs")
    cells = [name, _count(share), _bounds(share), _count(others["at_the_end"]), _count(others.get("right_word")),
             "–" if delay is None else f"{delay:.1f}", _count(others.get("number_close"))]
    return "| " + " | ".join(cells) + " |"


def _count(share: dict[str, Any] | None) -> str:
    return "–" if share is None else f"{share['count']} of {share['of']}"


def _bounds(share: dict[str, Any]) -> str:
    low, high = share["bounds"]
    return f"{share['count'] / share['of']:.1%} ({low:.1%}–{high:.1%})"
