"""A run as data for the page."""

import shlex
from pathlib import Path
from typing import Any

from gan_zoo.comparison.reading import RunRecord
from gan_zoo.evaluation.run_record import RECORD
from gan_zoo.judging import words
from gan_zoo.report import curves, flags, measured, samples
from gan_zoo.report.pictures import Room
from gan_zoo.report.reading import Look, look

# How a run that is not complete has ended, or not.
_UNFINISHED = {"running": "unfinished", "interrupted": "interrupted", "failed": "failed"}
_NOTES = {"running": "It is being trained, or was killed: the same command goes on.",
          "interrupted": "The same command goes on."}
_GOOD, _WAIT, _BAD = "good", "wait", "bad"  # how words are coloured
_MACHINE = (("device", "device"), ("data", "data"), ("started", "started"), ("ended", "ended"),
            ("git_revision", "revision of the code"))


def as_data(path: Path, name: str, allowed: Room) -> dict[str, Any]:
    """All that the page shows of the run in a folder; "problems" says what could not be read."""
    seen = look(path, name)
    run = seen.record
    return {
        "name": name, "path": str(path), "model": _spec(seen, "model"), "dataset": _spec(seen, "dataset"),
        "objective": _spec(seen, "objective"), "step": run.step, "steps": run.steps if run.record else 0,
        "status": _status(run), "reason": run.record.get("reason") or "", "minutes": run.minutes,
        "verdict": _said(run.verdict), "best": _best(run), "verdicts": _verdicts(run),
        "views": seen.tried(lambda it: samples.views(it, allowed), []), "charts": seen.tried(curves.charts, []),
        "metrics": seen.tried(lambda it: measured.measured(it, allowed), []),
        "flags": seen.tried(flags.compared, None) if seen.knows_flags else None, "facts": _facts(run),
        "again": f"gan-zoo train --flagfile={shlex.quote(str(path / 'run.flags'))}",
        "problems": seen.problems}


def _spec(seen: Look, name: str) -> str:
    return str(seen.record.flags[name]) if seen.knows_flags else ""


def _status(run: RunRecord) -> dict[str, str]:
    if not run.record:
        there = (run.path / RECORD).exists()
        return {"text": "unreadable" if there else f"no {RECORD}", "kind": _BAD, "note": ""}
    said = str(run.record.get("status"))
    text = _UNFINISHED.get(said, run.status)
    return {"text": text, "kind": _BAD if said in ("failed", "stopped") else _GOOD if said == "complete" else _WAIT,
            "note": _NOTES.get(said, "")}


def _said(verdict: str | None) -> dict[str, str] | None:
    """A verdict with its colour."""
    if not verdict:
        return None
    word = verdict.partition(":")[0]
    good = word in (words.HEALTHY, words.PAST_BEST)
    return {"text": verdict, "kind": _BAD if word in words.FAULTS else _GOOD if good else _WAIT}


def _verdicts(run: RunRecord) -> list[dict[str, Any]]:
    """In their order, each from its step on."""
    return [{"step": each.get("step"), **(_said(each.get("verdict")) or {"text": "", "kind": _WAIT}),
             "evidence": each.get("evidence") or "", "try": each.get("try") or ""}
            for each in run.record.get("verdicts") or ()]


def _best(run: RunRecord) -> dict[str, Any] | None:
    """The best check: its step, what says so, and its statistics over real images'."""
    best = run.best
    step = best.get("step")
    if not isinstance(step, int):
        return None
    values = {name: best.get(name, run.at(step, name) if name in run.series else None)
              for name in ("frechet", "coverage")}
    return {"step": step, "metric": str(run.flags.get("best_metric") or ""), **values}


def _facts(run: RunRecord) -> list[list[str]]:
    """Labels and texts: the command, the machine, the versions."""
    record = run.record
    command = record.get("command")
    found: list[list[Any]] = [["command", shlex.join(map(str, command)) if isinstance(command, list) else command]]
    found += [[label, record.get(key)] for key, label in _MACHINE]
    found += [["minutes of training", run.minutes], ["images a second", record.get("images_per_s")]]
    versions = record.get("versions")
    if isinstance(versions, dict):
        found.append(["versions", ", ".join(f"{name} {version}" for name, version in versions.items())])
    if rollbacks := record.get("rollbacks"):
        found.append(["rollbacks", "; ".join(f"from {each.get('at')} to {each.get('to')}" for each in rollbacks)])
    return [[label, f"{value:,}" if isinstance(value, (int, float)) else str(value)] for label, value in found
            if value not in (None, "")]
