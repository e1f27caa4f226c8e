"""The tables of docs/results.md, made from records: each stands between two comments that name it."""

import re
from collections.abc import Mapping, Sequence

from gan_zoo.commands.tables import shown
from gan_zoo.errors import UserError
from gan_zoo.evaluation.provenance import agreed, differing
from gan_zoo.results.records import Record, Value
from gan_zoo.results.rows import Row, Table

_BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end -->)", flags=re.S)
_NOTHING, _REAL = "–", "real images"

Rows = list[tuple[Row, Record]]


def render(page: str, tables: Mapping[str, Table], records: Mapping[str, Record]) -> str:
    """The page with every table made anew. records: by the name of the row. UserError for a table that there isn't."""
    def made(block: re.Match) -> str:
        if block[2] not in tables:
            raise UserError(f"the page has a table {block[2]!r}, of which there is no tables/{block[2]}.toml")
        return block[1] + "\n".join(table(tables[block[2]], records)) + "\n" + block[3]

    return _BLOCK.sub(made, page)


def table(of: Table, records: Mapping[str, Record]) -> list[str]:
    """A table as lines of Markdown; rows without a record are left out.

    Values of unlike provenance are never side by side: each provenance has a table of its own, below what it is.
    """
    metrics = {quantity.partition(".")[0] for quantity in of.columns.values()}
    rows = [(row, _only(records[name], metrics)) for name, row in of.shows.items() if name in records]
    if len(groups := _alike(rows)) < 2:
        return _lines(of, rows)
    return [line for group, said in zip(groups, _told_apart(groups), strict=True)
            for line in ("", f"{said}.", "", *_lines(of, group))][1:]


def _lines(of: Table, rows: Rows) -> list[str]:
    """Rows of one provenance, below what real images get."""
    lines = [["recipe", "", *of.columns]]
    floors = [_REAL, "", *(_floor(quantity, rows) for quantity in of.columns.values())]
    lines += [floors] if any(floors[2:]) else []
    lines += [[f"`{row.name}`", row.title, *(_cell(quantity, row, record) for quantity in of.columns.values())]
              for row, record in rows]
    return ["| " + " | ".join(cells) + " |" for cells in (lines[0], ["---"] * len(lines[0]), *lines[1:])]


def _only(record: Record, metrics: set[str]) -> Record:
    """A record with the provenance of these metrics alone: what no column shows sets no rows apart."""
    return record._replace(about={metric: about for metric, about in record.about.items() if metric in metrics})


def _alike(rows: Rows) -> list[Rows]:
    """Those whose metrics may stand side by side, together."""
    groups: list[Rows] = []
    for row, record in rows:
        group = next((group for group in groups if not _unlike(group[0][1], record)), None)
        if group is None:
            groups.append(group := [])
        group.append((row, record))
    return groups


def _unlike(one: Record, other: Record) -> bool:
    return any(differing(one.about[metric], other.about[metric]) for metric in one.about if metric in other.about)


def _told_apart(groups: Sequence[Rows]) -> list[str]:
    """What each provenance is, in words: all that is not the same in every group."""
    found = [{(metric, name): value for metric, about in group[0][1].about.items()
              for name, value in agreed(about).items()} for group in groups]
    varying = {key for each in found for key, value in each.items() if any(value != of.get(key) for of in found)}
    said: list[dict[str, dict[str, None]]] = [{} for _ in found]
    for words, each in zip(said, found, strict=True):
        for metric, name in sorted(varying & each.keys()):
            words.setdefault(name.capitalize(), {})[each[metric, name]] = None
    return ["; ".join(f"{name}: {' and '.join(values)}" for name, values in words.items()) for words in said]


def number(value: Value, floor: bool = False) -> str:
    """As "12.3", or "98.1 ± 0.4" with its deviation over seeds or its standard error; or what real images get."""
    error = None if floor else value.std if value.std is not None else value.error
    plain = value.floor if floor else value.value
    assert plain is not None
    if error:
        return shown(float(plain), error)
    return f"{plain:,.0f}" if abs(plain) >= 1000 else f"{plain:.3g}"


def _cell(quantity: str, row: Row, record: Record) -> str:
    if quantity in record.texts:
        return record.texts[quantity]
    if quantity not in record.values:
        return _NOTHING
    text = number(record.values[quantity])
    if quantity in row.published:
        said = row.published[quantity]
        text += f"; {number(Value(said.value, said.error))} in {said.source}"
    return text


def _floor(quantity: str, rows: Rows) -> str:
    found = [record.values[quantity] for _, record in rows if quantity in record.values]
    return number(found[0], floor=True) if found and found[0].floor is not None else ""

