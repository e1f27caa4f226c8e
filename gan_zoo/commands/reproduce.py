"""Makes a published result anew: `gan-zoo reproduce NAME`."""

import shlex
from pathlib import Path
from typing import Any, NamedTuple

from absl import flags

from gan_zoo import recipes
from gan_zoo.commands import evaluate, keywords, startup, train
from gan_zoo.errors import UserError
from gan_zoo.evaluation.provenance import differing
from gan_zoo.files import check_writable, write_text
from gan_zoo.results import page, records
from gan_zoo.results.records import Record, Value
from gan_zoo.results.rows import Row, Table, find, tables
from gan_zoo.training.run_directory import SEED

_HELP = """gan-zoo reproduce NAME … [--flag=value …]
python -m gan_zoo.reproduce NAME … [--flag=value …]

Makes a row of docs/results.md anew: trains what is missing, goes on with what has begun, measures it, and shows each
value beside the one that is kept and the published one, with the difference in standard errors; then keeps it. NAME is
one of --list, or all.

  --list                 the names, with what each takes
  --seeds=0,1,2          other seeds than the row's
  --runs=runs/results    where runs go: a folder for each name
  --out=DIR              where records are kept, NAME.json (default: docs/results of the repository, or runs/results)
  --page=FILE            only make the tables of this page from the records, as in --page=docs/results.md
  --help                 this text
"""


class Request(NamedTuple):
    """What to reproduce, and how; the flags of the same names. rows: with the tables that they stand in."""

    rows: list[tuple[Table, Row]]
    list: bool
    seeds: tuple[int, ...]
    runs: Path
    out: Path
    page: str


def run(argv: list[str]) -> int:
    """The entry point; `argv` is without the program's name. Returns the process's exit code."""
    request = parse(argv)
    if request is None:
        print(_HELP, end="")
    elif request.list:
        print("\n".join(_listed(request.out)))
    elif request.page:
        _make_page(Path(request.page), request.out)
    elif not request.rows:
        raise UserError("name a result, as in gan-zoo reproduce maxout, or all (--list shows them)")
    else:
        return next((code for table, row in request.rows if (code := _reproduce(table, row, request))), 0)
    return 0


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("list", False, "", flag_values=values)
    for name, default in (("seeds", ""), ("runs", "runs/results"), ("out", str(_kept())), ("page", "")):
        flags.DEFINE_string(name, default, "", flag_values=values)
    names = startup.read_with_names(values, argv)
    if names is None:
        return None
    rows = [find(name) for name in (_all() if names == ["all"] else names)]
    given: dict[str, Any] = {name: values[name].value for name in ("list", "seeds", "runs", "out", "page")}
    paths = {name: Path(startup.path(name, given[name])) for name in ("runs", "out")}
    given["page"] = startup.path("page", given["page"])
    return Request(rows, **given | paths | {"seeds": _seeds(given["seeds"])})


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(keywords.seed(int(part)) for part in text.split(","))) if text else ()
    except ValueError:
        raise UserError(f"--seeds={text} must be whole numbers, as in --seeds=0,1,2") from None


def _kept() -> Path:
    """docs/results of the repository that the package lies in, or a folder for one that is installed."""
    configs = recipes.folder()
    return configs.parent / "docs" / "results" if configs.name == "configs" else Path("runs/results")


def _all() -> list[str]:
    return [name for table in tables().values() for name in table.rows]


def _listed(out: Path) -> list[str]:
    lines: list[str] = []
    for table in (each for each in tables().values() if each.rows):
        lines += ["", f"{table.title}:"]
        for name, row in table.rows.items():
            record = records.read(out, name)
            took = f"{page.number(record.values['run.minutes'])} minutes" if record else "not kept yet"
            lines.append(f"  {name:<24} {row.title} ({took})")
            lines.append(f"  {'':<24} {shlex.join(row.flags)}")
    return lines[1:]


def _make_page(path: Path, out: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--page={path} can't be read: {getattr(error, 'strerror', error)}") from None
    found = {name: record for name in _all() if (record := records.read(out, name))}
    try:
        write_text(path, page.render(text, tables(), found))
    except OSError as error:
        raise UserError(f"--page={path} can't be written: {error.strerror}") from None
    print(f"{path}: {len(found)} of {len(_all())} results")


def _reproduce(table: Table, row: Row, request: Request) -> int:
    """Trains, measures, shows and keeps a row; returns the exit code, which is not 0 if a run was interrupted."""
    check_writable(str(request.out), "--out")
    seeds = request.seeds or row.seeds
    folders = [request.runs / row.name / f"{SEED}{seed}" for seed in seeds]
    for seed, folder in zip(seeds, folders, strict=True):
        arguments = [*row.flags, f"--seed={seed}", f"--run_dir={folder}"]
        print(f"$ gan-zoo train {shlex.join(arguments)}", flush=True)
        if code := train.run(arguments):
            return code
    for folder in folders:
        arguments = [f"--run_dir={folder}", f"--metrics={row.metrics}"]
        arguments += [f"--dataset={table.dataset}"] if table.dataset else []
        print(f"\n$ gan-zoo evaluate {shlex.join(arguments)}", flush=True)
        evaluate.run(arguments)
    kept, now = records.read(request.out, row.name), records.gather(row, seeds, folders)
    print("\n" + "\n".join(_compared(table, row, now, kept)))
    print(f"\nkept in {records.write(request.out, row.name, now)}")
    return 0


def _compared(table: Table, row: Row, now: Record, kept: Record | None) -> list[str]:
    """A line a quantity: now, as kept, published; in brackets now's difference to it in standard errors.

    What was kept of other data, samples or features stands beside nothing: a line says in what it differs.
    """
    unlike = {metric: texts for metric, about in now.about.items()
              if kept and metric in kept.about and (texts := differing(kept.about[metric], about))}
    cells = [[_of_seeds(row.name, now), "now", _of_seeds("kept", kept) if kept else "kept", "published", "real images"]]
    for head, quantity in table.columns.items():
        alike = kept if kept and quantity.partition(".")[0] not in unlike else None
        if quantity in now.texts:
            cells.append([head, now.texts[quantity], alike.texts.get(quantity, "") if alike else "", "", ""])
        elif quantity in now.values:
            value, said = now.values[quantity], row.published.get(quantity)
            cells.append([head, page.number(value), _beside(value, alike.values.get(quantity) if alike else None),
                          _beside(value, Value(said.value, said.error)) if said else "",
                          page.number(value, floor=True) if value.floor is not None else ""])
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return lines + [f"kept {metric} is of another kind: {'; '.join(texts)}" for metric, texts in unlike.items()]


def _of_seeds(name: str, record: Record) -> str:
    return f"{name}, seed{'s' if len(record.seeds) > 1 else ''} {', '.join(map(str, record.seeds))}"


def _beside(now: Value, other: Value | None) -> str:
    if other is None:
        return ""
    apart = records.difference(now, other)
    return page.number(other) + ("" if apart is None else f" ({apart:+.1f} s.e.)")
