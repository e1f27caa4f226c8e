"""Tables of runs as text: for a terminal, as Markdown, as CSV, as JSON."""

import csv
import io
import math
import textwrap
from collections.abc import Sequence
from typing import Any

from gan_zoo.commands.tables import shown
from gan_zoo.comparison.tables import Cell, Table

_GAP, _WIDEST, _WIDEST_NAME = 2, 34, 44  # spaces between columns; characters of a cell, to which longer are wrapped
_NOTHING = "–"
_FLOOR = "floor"  # the row of what real images get


def text(cell: Cell) -> str:
    """A value, or mean ± standard deviation; its ratio to the floor; of how many runs if not of all."""
    if not cell.values:
        return _NOTHING
    if not cell.is_number:
        counts = {str(value): cell.values.count(value) for value in cell.values}
        alike = len(counts) == 1 and len(cell.values) == cell.of
        return ", ".join(value if alike else f"{value} ({count} of {cell.of})" for value, count in counts.items())
    value = _number(cell.mean, cell.error)
    if cell.floor is not None and not cell.is_difference and cell.floor > 0 <= cell.mean:
        value += f" ({cell.mean / cell.floor:.3g}×)"
    return value if len(cell.values) == cell.of else f"{value} ({len(cell.values)} of {cell.of})"


def _number(value: float, error: float | None = None) -> str:
    if error or isinstance(value, int):
        return shown(value, error)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def lines(table: Table, names: Sequence[str], width: int) -> list[str]:
    """A table as lines of `width` characters: a row a name; columns that don't fit come below, with the names again."""
    first, *columns = _columns(table, names)
    blocks: list[list[list[str]]] = [[]]
    used = _width(first)
    for column in columns:
        if blocks[-1] and used + _GAP + _width(column) > width:
            blocks.append([])
            used = _width(first)
        blocks[-1].append(column)
        used += _GAP + _width(column)
    numbers = {id(column) for column, cells in zip(columns, table.columns.values(), strict=True)
               if any(cell.is_number for cell in cells)}
    text_lines = textwrap.wrap(table.title, width)
    for index, block in enumerate(blocks):
        text_lines += [""] if index else []
        text_lines += _rows([first, *block], [id(column) in numbers for column in [first, *block]])
    return text_lines + [line for note in table.notes for line in textwrap.wrap(
        note, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)]


def markdown(table: Table, names: Sequence[str]) -> list[str]:
    """A table as Markdown."""
    head, *rows = zip(*_columns(table, names, wrapped=False), strict=True)
    cells = [head, ["---"] * len(head), *rows]
    return [f"**{table.title}**", "", *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
                                        for row in cells), *(f"\n{note}" for note in table.notes)]


def as_csv(tables: Sequence[Table], names: Sequence[str]) -> str:
    """All tables as one with a row a name: beside a number its deviation, its floor and the runs, if there are."""
    columns: dict[str, list[Any]] = {"run": list(names)}
    for table in tables:
        for head, cells in table.columns.items():
            name = head if head not in columns else f"{head} ({table.title.partition(':')[0]})"
            beside = {name: [_plain(cell) for cell in cells],
                      f"{name} std": [cell.error if cell.is_number else None for cell in cells],
                      f"{name} floor": [cell.floor for cell in cells]}
            columns |= {key: values for key, values in beside.items()
                        if key == name or any(value is not None for value in values)}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue()


def as_json(table: Table, names: Sequence[str]) -> dict[str, Any]:
    """A table for JSON: by column and row; of numbers the mean, the deviation, the floor and each run's value."""
    return {"title": table.title, "notes": table.notes,
            "columns": {head: {name: _entry(cell) for name, cell in zip(names, cells, strict=True)}
                        for head, cells in table.columns.items()}}


def _entry(cell: Cell) -> Any:
    if not cell.is_number:
        return cell.values[0] if len(cell.values) == 1 == cell.of else cell.values or None
    about = {"std": _finite(cell.error), "floor": cell.floor,
             "values": [_finite(value) for value in cell.values] if cell.of > 1 else None}
    return {"value": _finite(cell.mean), **{key: value for key, value in about.items() if value is not None}}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _plain(cell: Cell) -> Any:
    return cell.mean if cell.is_number else text(cell) if cell.values else None


def _columns(table: Table, names: Sequence[str], wrapped: bool = True) -> list[list[str]]:
    """Each column as texts, its head first, the row of floors last if there are any."""
    floors = {head: [cell.floor for cell in cells if cell.floor is not None] for head, cells in table.columns.items()}
    has_floors = any(floors.values())
    columns = [["run", *names, *([_FLOOR] if has_floors else [])]]
    for head, cells in table.columns.items():
        columns.append([head, *map(text, cells), *([_floor(floors[head])] if has_floors else [])])
    if not wrapped:
        return columns
    return [[_wrapped(cell, _WIDEST if index else _WIDEST_NAME) for cell in column]
            for index, column in enumerate(columns)]


def _floor(floors: Sequence[float]) -> str:
    """One number, or from which to which."""
    return " to ".join(dict.fromkeys(map(_number, (min(floors), max(floors))))) if floors else ""


def _wrapped(cell: str, most: int) -> str:
    return "\n".join(textwrap.wrap(cell, most, break_on_hyphens=False)) or cell


def _width(column: Sequence[str]) -> int:
    return max(len(line) for cell in column for line in cell.split("\n"))


def _rows(columns: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """The columns side by side; the first line is the head. right: whether a column is flush right."""
    widths, found = [_width(column) for column in columns], []
    for row in zip(*columns, strict=True):
        parts = [cell.split("\n") for cell in row]
        for index in range(max(map(len, parts))):
            cells = [part[index] if index < len(part) else "" for part in parts]
            found.append((" " * _GAP).join(cell.rjust(width) if flush else cell.ljust(width) for cell, width, flush in
                                           zip(cells, widths, right, strict=True)).rstrip())
    return found
