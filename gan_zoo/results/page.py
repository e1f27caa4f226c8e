"""The tables of docs/results.md, made from records: each stands between two comments that name it."""

import re
from collections.abc import Mapping

from gan_zoo.commands.tables import shown
from gan_zoo.errors import UserError
from gan_zoo.evaluation.provenance import differing
from gan_zoo.results.records import Record, Value
from gan_zoo.results.rows import Row, Table

_BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end -->)", flags=re.S)
_NOTHING, _REAL = "–", "real images"


def render(page: str, tables: Mapping[str, Table], records: Mapping[str, Record]) -> str:
    """The page with every table made anew. records: by the name of the row. UserError for a table that there isn't."""
    def made(block: re.Match) -> str:
        if block[2] not in tables:
            raise UserError(f"the page has a table {block[2]!r}, of which there is no tables/{block[2]}.toml")
        return block[1] + "\n".join(table(tables[block[2]], records)) + "\n" + block[3]

    return _BLOCK.sub(made, page)


def table(of: Table, records: Mapping[str, Record]) -> list[str]:
    """A table as lines of Markdown; rows without a record are left out.

    A column whose values have one provenance has what real images get in a row of its own; in others each value has
    it in brackets, and a note says in what they differ.
    """
    rows = [(row, records[name]) for name, row in of.rows.items() if name in records]
    unlike = {metric: texts for metric in _metrics(of) if (texts := _unlike(metric, rows))}
    lines = [["recipe", "", *of.columns]]
    floors = [_REAL, "", *(_floor(quantity, rows) if _metric(quantity) not in unlike else ""
                           for quantity in of.columns.values())]
    lines += [floors] if any(floors[2:]) else []
    lines += [[f"`{row.name}`", row.title, *(_cell(quantity, row, record, _metric(quantity) in unlike)
                                             for quantity in of.columns.values())] for row, record in rows]
    text = ["| " + " | ".join(cells) + " |" for cells in (lines[0], ["---"] * len(lines[0]), *lines[1:])]
    notes = [f"*{metric}*: in brackets what real images get, for rows differ in {', '.join(texts)}."
             for metric, texts in unlike.items()]
    return text + [line for note in notes for line in ("", note)]


def number(value: Value, floor: bool = False) -> str:
    """As "12.3", or "98.1 ± 0.4" with its deviation over seeds or its standard error; or what real images get."""
    error = None if floor else value.std if value.std is not None else value.error
    plain = value.floor if floor else value.value
    assert plain is not None
    if error:
        return shown(float(plain), error)
    return f"{plain:,.0f}" if abs(plain) >= 1000 else f"{plain:.3g}"


def _cell(quantity: str, row: Row, record: Record, with_floor: bool) -> str:
    if quantity in record.texts:
        return record.texts[quantity]
    if quantity not in record.values:
        return _NOTHING
    value = record.values[quantity]
    text = number(value)
    if with_floor and value.floor is not None:
        text += f" ({number(value, floor=True)})"
    if quantity in row.published:
        said = row.published[quantity]
        text += f"; {number(Value(said.value, said.error))} in {said.source}"
    return text


def _floor(quantity: str, rows: list[tuple[Row, Record]]) -> str:
    found = [record.values[quantity] for _, record in rows if quantity in record.values]
    return number(found[0], floor=True) if found and found[0].floor is not None else ""


def _metric(quantity: str) -> str:
    return quantity.partition(".")[0]


def _metrics(of: Table) -> list[str]:
    return list(dict.fromkeys(map(_metric, of.columns.values())))


def _unlike(metric: str, rows: list[tuple[Row, Record]]) -> list[str]:
    """In what the provenance of a metric differs from row to row."""
    abouts = [record.about[metric] for _, record in rows if metric in record.about]
    return list(dict.fromkeys(text for about in abouts[1:] for text in differing(abouts[0], about)))
