"""Which results are published, and how each is made: tables/*.toml, a file a table.

    title = "On MNIST"
    metrics = "frechet + prdc"            what each row of its own is measured with
    dataset = "mnist"                     and against, if not the data of its own that it was trained on

    shows = ["maxout"]                    rows of other tables that this one has too, before its own

    [columns]                             head = quantity, as METRIC.QUANTITY of metrics.json, run.… or epoch.…
    "Fréchet" = "frechet.frechet"

    [rows.dcgan_10_epochs]
    title = "DCGAN, 10 epochs"
    flags = ["--model=dcgan", "--epochs=10"]
    seeds = [0]                           default: this
    metrics = "kde"                       beside those of the table, if the row has more
    published."frechet.frechet" = {value = 6.8, error = 0.5, source = "arXiv:1711.10337"}
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gan_zoo.errors import UserError, nearest

FOLDER = Path(__file__).parent / "tables"


class Published(NamedTuple):
    """A value that others report. error: its standard error, None if it isn't said. source: where."""

    value: float
    error: float | None
    source: str


class Row(NamedTuple):
    """A result. name: of the command. flags: of train.py. metrics: a sum. published: by quantity."""

    name: str
    title: str
    flags: tuple[str, ...]
    seeds: tuple[int, ...]
    metrics: str
    published: Mapping[str, Published]


class Table(NamedTuple):
    """Rows that are measured alike. dataset: that they are held against, "" for their own. columns: quantities by head.

    rows: by name. shows: these, after rows of other tables that this one has too.
    """

    name: str
    title: str
    dataset: str
    columns: Mapping[str, str]
    rows: Mapping[str, Row]
    shows: Mapping[str, Row]


def tables() -> dict[str, Table]:
    """All of them, by name."""
    texts = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
    rows = {name: _rows(text) for name, text in texts.items()}
    everywhere = {name: row for each in rows.values() for name, row in each.items()}
    return {name: Table(name, text["title"], text.get("dataset", ""), text["columns"], rows[name],
                        {other: everywhere[other] for other in text.get("shows", [])} | rows[name])
            for name, text in texts.items()}


def find(name: str) -> tuple[Table, Row]:
    """The row of a name, with its table; UserError if there is none."""
    known = {row: table for table in tables().values() for row in table.rows}
    if name not in known:
        raise UserError(f"unknown result {name!r}: {nearest(name, known)} (--list shows all)")
    return known[name], known[name].rows[name]


def _rows(text: Mapping[str, Any]) -> dict[str, Row]:
    return {name: Row(name, each["title"], tuple(each["flags"]), tuple(each.get("seeds", [0])),
                      " + ".join([text["metrics"], *filter(None, [each.get("metrics")])]),
                      {quantity: Published(said["value"], said.get("error"), said["source"])
                       for quantity, said in each.get("published", {}).items()})
            for name, each in text.get("rows", {}).items()}
