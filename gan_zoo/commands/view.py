"""Shows runs as one page of HTML: `gan-zoo view runs/`."""

from pathlib import Path

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.comparison.finding import run_folders, short_names
from gan_zoo.errors import UserError, check_path

_HELP = """gan-zoo view [RUNS …] [--flag=value]

Writes a page that shows runs, finished or not: samples over time, curves, verdicts, metrics with their floors, flags,
machine. RUNS are folders of runs, or folders that hold some; by default runs. The page is one file that opens from the
disk in any browser, and needs nothing else. Nothing is trained or measured, and runs are left as they are.

  --out=FILE.html        default: report.html in the folder that is named, of several in this one; an older report there
                         is replaced, and nothing else
  --help                 this text
"""
_DEFAULT, _FILE = "runs", "report.html"


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    values = flags.FlagValues()
    flags.DEFINE_string("out", None, "", flag_values=values)
    names = startup.read_with_names(values, argv)
    if names is None:
        print(_HELP, end="")
        return
    if values["out"].value is not None and not str(values["out"].value).strip():
        raise UserError("--out is empty: name a file, or leave it out")
    print(_written([check_path(name, "RUNS") for name in names or [_DEFAULT]],
                   startup.path("out", values["out"].value)))


def _written(names: list[str], out: str) -> str:
    """Writes the report; returns a line that says where it is."""
    # Imported here, so that help and mistakes in what is typed don't wait for Pillow.
    from gan_zoo.report import page
    from gan_zoo.report.pictures import room
    from gan_zoo.report.reading import has_begun
    from gan_zoo.report.runs import as_data

    found = run_folders(names, has_begun, None)
    place = Path(names[0]).expanduser() if len(names) == 1 else Path()
    out = out or str(place / _FILE)
    page.check_out(out)
    runs = []
    with startup.Status("reading") as status:
        for path, name in zip(found, short_names(found), strict=True):
            status.show(name)
            runs.append(as_data(path, name, room(len(found))))
    size = page.write(out, runs, " ".join(names))
    broken = sum(bool(each["problems"]) for each in runs)
    return (f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}{f', {broken} with something to mend' if broken else ''}"
            f", {size / 1e6:.1f} MB: {out}")
