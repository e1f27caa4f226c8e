"""Tables of runs: what differs, how far they came, what their checks saw, what was measured."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gan_zoo.comparison.configurations import Row, differing
from gan_zoo.comparison.measured import CHECKS, calls, check_alike, described
from gan_zoo.comparison.reading import RunRecord
from gan_zoo.evaluation.records import DIFFERENCES, Quantity, quantities
from gan_zoo.experiment import Experiment, as_text, without_effect
from gan_zoo.judging.words import HEALTHY, in_words


class Cell(NamedTuple):
    """values: of the runs of a row that have one, numbers or texts. of: how many runs there are.

    own_error: that a run gives with its value. floor: what real images get, or None. is_difference: see Quantity.
    """

    values: list[Any]
    of: int
    own_error: float | None = None
    floor: float | None = None
    is_difference: bool = False

    @property
    def is_number(self) -> bool:
        return bool(self.values) and all(isinstance(each, (int, float)) and not isinstance(each, bool)
                                         for each in self.values)

    @property
    def mean(self) -> float:
        """Of numbers."""
        return self.values[0] if len(self.values) == 1 else statistics.fmean(self.values)

    @property
    def error(self) -> float | None:
        """The standard deviation over runs (divisor n − 1), or what the only run says of its own value."""
        return self.own_error if len(self.values) == 1 else statistics.stdev(self.values)


@dataclass
class Table:
    """columns: by their heads, a cell a row. notes: sentences to read with it."""

    title: str
    columns: dict[str, list[Cell]]
    notes: list[str] = field(default_factory=list)


def tables(rows: Sequence[Row], wanted: Callable[[str], bool]) -> list[Table]:
    """All tables, those without a column left out. wanted: whether a metric's call is compared.

    UserError if a metric was measured in unlike ways.
    """
    made = [_flags(rows), _course(rows)]
    if wanted(CHECKS):
        made.append(_checks(rows))
    made += [_metric(call, rows) for call in calls(_runs(rows)) if wanted(call)]
    return [table for table in made if table.columns]


def _runs(rows: Sequence[Row]) -> list[RunRecord]:
    return [run for row in rows for run in row.runs]


def _column(rows: Sequence[Row], of: Callable[[RunRecord], Any]) -> list[Cell]:
    """What is said of each run, row by row; None is nothing."""
    return [Cell([value for run in row.runs if (value := of(run)) is not None], len(row.runs)) for row in rows]


def _varies(cells: Sequence[Cell]) -> bool:
    return len({str(value) for cell in cells for value in cell.values}) > 1


def _flags(rows: Sequence[Row]) -> Table:
    names, columns = differing([row.runs[0].flags for row in rows]), {}
    if any(len(row.runs) > 1 for row in rows):
        columns["seeds"] = [Cell([row.seeds], 1) for row in rows]
        names = [name for name in names if name != "seed" and name not in without_effect()]
    for name in names:
        columns[f"--{name}"] = [Cell([flag_text(name, row.runs[0].flags.get(name))], 1) for row in rows]
    return Table("Flags that differ", columns)


def flag_text(name: str, value: Any) -> str:
    """As on the command line; "not set" for none."""
    if value is None or value == "":
        return "not set"
    return as_text(name, value) if name in Experiment.__dataclass_fields__ else str(value)


def _course(rows: Sequence[Row]) -> Table:
    columns = {"steps": _column(rows, lambda run: run.progress), "minutes": _column(rows, lambda run: run.minutes),
               "status": _column(rows, lambda run: run.status), "verdict": _column(rows, lambda run: run.verdict)}
    devices = _column(rows, lambda run: run.record.get("device"))
    reasons = [f"{run.name}: {run.record['reason']}" for run in _runs(rows) if run.record.get("reason")]
    said = [(run.name, run.record["verdicts"][-1]) for run in _runs(rows) if run.record.get("verdicts")]
    verdicts = [f"{name}: {in_words(last)}" for name, last in said if last["verdict"] != HEALTHY]
    return Table("Runs", columns | ({"device": devices} if _varies(devices) else {}), reasons + verdicts)


def _checks(rows: Sequence[Row]) -> Table:
    """The best check, by --best_metric, and the last one."""
    runs = _runs(rows)
    checked = [run for run in runs if run.best or run.series]
    check_alike(CHECKS, [(run, {"dataset": run.flags["dataset"], "splits": {"train": run.flags["split"]},
                                "data": {"train": run.record.get("data")},
                                "fingerprints": {"train": run.data_fingerprint}}) for run in checked])
    columns = {"best at step": _column(rows, lambda run: run.best.get("step")),
               "Fréchet": _column(rows, lambda run: _at_best(run, "frechet")),
               "coverage": _column(rows, lambda run: _at_best(run, "coverage")),
               "last Fréchet": _column(rows, lambda run: _last(run, "frechet")),
               "last coverage": _column(rows, lambda run: _last(run, "coverage"))}
    notes = [f"{', '.join(run.name for run in runs if run not in checked)}: not checked (--evaluate_every_steps)"]
    return Table("Checks while they trained: ratios to what real images get, so that 1 is as good as real",
                 {head: cells for head, cells in columns.items() if any(cell.values for cell in cells)},
                 notes if len(checked) < len(runs) else [])


def _at_best(run: RunRecord, statistic: str) -> float | None:
    kept = run.at(run.best["step"], statistic) if run.best else None
    return run.best.get(statistic) if kept is None else kept


def _last(run: RunRecord, statistic: str) -> float | None:
    return float(run.series[statistic][-1]) if len(run.series.get(statistic, ())) else None


def _metric(call: str, rows: Sequence[Row]) -> Table:
    """The values of a metric's call in the runs that have it, with what they are about."""
    having = {run.path: run.measured[call] for run in _runs(rows) if call in run.measured}
    provenances = {path: found["provenance"] for path, found in having.items()}
    check_alike(call, [(run, provenances[run.path]) for run in _runs(rows) if run.path in having])
    columns = {}
    for head, key in (("at step", "step"), ("generator", "generator"), ("seeds drawn", "seeds")):
        said = {path: _text(provenance.get(key)) for path, provenance in provenances.items()}
        cells = _column(rows, lambda run, said=said: said.get(run.path))  # type: ignore[misc]
        if _varies(cells) or key == "step":
            columns[head] = cells
    found = {path: {each.name: each for each in quantities(record["results"], record.get(DIFFERENCES, ()))}
             for path, record in having.items()}
    about = next(iter(provenances.values()))
    settings = []
    for name in dict.fromkeys(name for of in found.values() for name in of):
        cells = [_measured([found[run.path][name] for run in row.runs if name in found.get(run.path, {})],
                           len(row.runs)) for row in rows]
        if name in about or not any(cell.values for cell in cells):
            continue
        everywhere = [of[name] for of in found.values() if name in of]
        if everywhere.count(everywhere[0]) == len(having) and _is_setting(everywhere[0], len(having)):
            settings.append(f"{name} {everywhere[0].value}")
        else:
            columns[name] = cells
    notes = [text for text in (about.get("remark"), "; ".join(settings)) if text]
    return Table(f"{call}: {described(about)}", columns, notes)


def _is_setting(quantity: Quantity, runs: int) -> bool:
    """Whether what is the same in all runs is about the space, or what a metric was told, as a number of neighbours."""
    told = isinstance(quantity.value, (int, str)) and quantity.floor is None
    return quantity.name.startswith("features_") or (told and runs > 1)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else value


def _measured(found: Sequence[Quantity], of: int) -> Cell:
    """A quantity in the runs of a row. Lists and pictures are no entries of a table."""
    shown = [each for each in found if each.value is not None and not isinstance(each.value, (list, dict))
             and not str(each.value).endswith(".png")]
    floors = [each.floor for each in shown if each.floor is not None]
    return Cell([each.value for each in shown], of, shown[0].error if len(shown) == 1 else None,
                statistics.fmean(floors) if floors else None, any(each.is_difference for each in shown))
