"""Holds runs against each other: `gan-zoo compare runs/ONE runs/OTHER`."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from absl import flags

from gan_zoo.commands import columns, startup
from gan_zoo.comparison import configurations, ends, finding, measured, reading
from gan_zoo.comparison.configurations import Row
from gan_zoo.comparison.reading import RunRecord
from gan_zoo.comparison.tables import Table, tables
from gan_zoo.errors import UserError, check_path
from gan_zoo.files import write_text

if TYPE_CHECKING:
    from gan_zoo.drawing.comparisons import Course

_HELP = """gan-zoo compare RUN RUN … [--flag=value …]
python -m gan_zoo.compare RUN RUN … [--flag=value …]

Holds runs against each other, finished or not. RUN is the folder of a run, as in runs/NAME, or one that holds several,
as --seeds makes: then all of these. Nothing is trained or measured: what is shown is in run.json, in the checks that a
run keeps of itself, and in metrics.json if gan-zoo evaluate has measured it.

Tables: the flags that differ; steps, minutes and verdict; the best and the last check; each metric with its floor, what
real images get in place of generated ones, and in brackets the ratio to it. A curve of the checks over images seen, and
the newest samples side by side. What was measured in unlike ways is an error and never stands side by side.

  --group                the seeds of one configuration together: mean ± standard deviation, a curve with a band;
                         a configuration is all flags but the seed, and those that say only where, how fast, how often
  --metrics=SUM          only these, by name or by call, as in 'frechet + kid'; checks are those while a run trained
  --without=SUM          all but these
  --by=SERIES            the runs from the highest mean of a series over its last tenth of rounds to the lowest, as in
                         --by=invariant_information_c1: a loss, or what an objective records (columns of epochs.csv)
  --out=DIR              where it is kept (default: comparison): comparison.json, comparison.md, comparison.csv,
                         curves.png, samples.png; an earlier comparison there is replaced, and nothing else
  --help                 this text"""
_WIDTH = 100  # characters of a table
_RECORD, _CURVES, _SAMPLES = "comparison.json", "curves.png", "samples.png"
_OWN = (_RECORD, "comparison.md", "comparison.csv", _CURVES, _SAMPLES)
_MADE_BY = "gan-zoo compare"


class Request(NamedTuple):
    """What to compare, and how; the flags of the same names."""

    runs: list[str]
    group: bool
    metrics: str | None
    without: str | None
    by: str | None
    out: str


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP)
        return
    paths = finding.run_folders(request.runs)
    found = [reading.read_run(path, name) for path, name in zip(paths, finding.short_names(paths), strict=True)]
    rows = configurations.grouped(found) if request.group else configurations.each(found)
    calls = measured.calls(found)
    wanted = measured.chooser(request.metrics, request.without, calls)
    ending: list[Table] = []
    if request.by:
        rows, *ending = ends.ordered(rows, request.by)
    made = [*ending, *tables(rows, wanted)]
    notes = measured.unmeasured(found, [call for call in calls if wanted(call)])
    replaced = _claim(Path(request.out))
    print("\n".join(_lines(made, rows, notes)))
    drawn = _courses(rows) if wanted(measured.CHECKS) else []
    try:
        kept = _keep(Path(request.out), made, rows, notes, drawn)
    except OSError as error:
        raise UserError(f"--out={request.out} can't be written: {error.strerror or error}") from None
    print(f"\nkept in {request.out}{', in place of an earlier comparison' if replaced else ''}: {', '.join(kept)}")


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("group", False, "", flag_values=values)
    for name in ("metrics", "without", "by"):
        flags.DEFINE_string(name, None, "", flag_values=values)
    flags.DEFINE_string("out", "comparison", "", flag_values=values)
    runs = startup.read_with_names(values, argv)
    if runs is None:
        return None
    if not runs:
        raise UserError("name the runs, as in gan-zoo compare runs/ONE runs/OTHER, or a folder that holds them")
    given: dict[str, Any] = {name: values[name].value for name in Request._fields if name != "runs"}
    for name in ("metrics", "without", "by", "out"):
        if given[name] is not None and not given[name].strip():
            raise UserError(f"--{name} is empty: give it a value, or leave it out")
    for name in runs:
        check_path(name, "RUN")
    return Request(runs, **given | {"out": startup.path("out", given["out"])})


def _courses(rows: Sequence[Row]) -> "list[Course]":
    from gan_zoo.comparison.courses import courses  # imported here: what draws imports matplotlib, a second

    return courses(rows)


def _lines(made: Sequence[Table], rows: Sequence[Row], notes: Sequence[str]) -> list[str]:
    names = [row.name for row in rows]
    shown = [line for table in made for line in [*columns.lines(table, names, _WIDTH), ""]]
    if len(rows) > 1 and not configurations.differing([row.runs[0].flags for row in rows]):
        shown = ["All flags are the same.", "", *shown]
    return [*shown, *notes] if notes else shown[:-1]


def _claim(out: Path) -> bool:
    """Makes the folder. Returns whether an earlier comparison is there; UserError if other files would be replaced."""
    try:
        made_by = json.loads((out / _RECORD).read_text(encoding="utf-8")).get("made_by")
    except (OSError, ValueError, AttributeError):
        made_by = None
    if (out / finding.RECORD).exists():
        raise UserError(f"--out={out} is a run: name another folder")
    there = [name for name in _OWN if os.path.lexists(out / name)]
    if there and made_by != _MADE_BY:
        raise UserError(f"--out={out} holds a {there[0]} that no comparison made: name another folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out={out} can't be made: {error.strerror}") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise UserError(f"--out={out} is not writable: name another folder")
    return made_by == _MADE_BY


def _keep(out: Path, made: Sequence[Table], rows: Sequence[Row], notes: Sequence[str],
          drawn: "Sequence[Course]") -> list[str]:
    """Writes the files; returns their names. Of an earlier comparison none is left."""
    from gan_zoo.drawing import comparisons

    for name in _OWN[1:]:
        (out / name).unlink(missing_ok=True)
    names, runs = [row.name for row in rows], [run for row in rows for run in row.runs]
    record = {"made_by": _MADE_BY, "date": datetime.now(UTC).isoformat(timespec="seconds"),
              "rows": {row.name: [str(run.path) for run in row.runs] for row in rows},
              "tables": [columns.as_json(table, names) for table in made], "notes": list(notes),
              "runs": [{"name": run.name, "path": str(run.path), "flags": dict(run.flags),
                        "verdicts": run.record.get("verdicts"), "measured": run.measured} for run in runs]}
    write_text(out / _RECORD, json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False) + "\n")
    write_text(out / "comparison.md", "\n".join(
        [line for table in made for line in [*columns.markdown(table, names), ""]] + [f"{note}\n" for note in notes]))
    write_text(out / "comparison.csv", columns.as_csv(made, names))
    if drawn:
        comparisons.curves(drawn, out / _CURVES)
    if any(run.grid for run in runs):
        grouped = [row.runs for row in rows] if len(rows) < len(runs) else [runs]
        comparisons.side_by_side([[(_title(run), run.grid) for run in group if run.grid] for group in grouped],
                                 out / _SAMPLES)
    return [name for name in _OWN if (out / name).exists()]


def _title(run: RunRecord) -> str:
    """With the step of its newest samples."""
    assert run.grid
    return f"{run.name}, step {int(run.grid.stem.removeprefix('step_')):,}"
