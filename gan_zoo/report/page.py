"""The report as a file of HTML, which replaces an older report and nothing else."""

import contextlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gan_zoo import pages
from gan_zoo.errors import UserError
from gan_zoo.files import check_local, check_writable, write_text

_HERE = Path(__file__).parent
_STYLES = [pages.BASE_STYLE, _HERE / "report.css"]
_SCRIPTS = [pages.DOM, *(_HERE / f"{name}.js" for name in ("charts", "viewer", "run", "overview", "report"))]
_MARK = '<meta name="generator" content="gan-zoo view">'
_HEAD = 1000  # characters within which a report says that it is one


def check_out(out: str) -> None:
    """Raises UserError if the report can't be written there, or something else would be lost."""
    path, flag = Path(out), f"--out={out}"
    check_local("--out", out)
    if path.is_dir():
        raise UserError(f"{flag} is a folder: name a file in it, as in --out={path / 'report.html'}")
    if os.path.lexists(path) and not _is_report(path):
        raise UserError(f"{flag} is there already, and no report: name another file with --out")
    if path.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{flag}: the report is a page: name a .html file")
    if not path.absolute().parent.is_dir():
        raise UserError(f"{flag}: there is no folder {path.absolute().parent}; create it first")
    check_writable(str(path.absolute().parent), "--out")


def _is_report(path: Path) -> bool:
    with contextlib.suppress(OSError, UnicodeDecodeError), path.open(encoding="utf-8") as file:
        return _MARK in file.read(_HEAD)
    return False


def write(out: str, runs: Sequence[dict[str, Any]], title: str) -> int:
    """Writes the page of the runs; returns its bytes. title: what the runs are, as runs/."""
    data = {"title": title, "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "runs": list(runs)}
    html = pages.page(_HERE / "report.html", _STYLES, _SCRIPTS, data)
    try:
        write_text(out, html)
    except OSError as error:
        raise UserError(f"--out={out} can't be written: {error.strerror or error}") from None
    return len(html.encode())
