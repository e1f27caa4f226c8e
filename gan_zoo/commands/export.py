"""Exports a run at any checkpoint: `gan-zoo export RUN --checkpoint=best`."""

import os
from pathlib import Path
from typing import NamedTuple

from absl import flags

from gan_zoo.commands import loading, startup
from gan_zoo.comparison.finding import run_folders
from gan_zoo.errors import UserError, check_path
from gan_zoo.files import check_local, check_no_pattern, check_writable
from gan_zoo.quiet import quiet

_HELP = """gan-zoo export RUN [--flag=value …]

Writes a SavedModel of a run, finished or not, also while it is being trained: what its training writes to RUN/export at
the end, of another round. It gives the same images as gan_zoo.load(RUN, checkpoint=…).sample(). The run is left as it
is.

  --checkpoint=newest    step_00000500, or 500, or best: the generator of the best check so far
  --out=DIR              default: RUN/export_step_00000500, by its step; an older export of this run there is replaced,
                         and nothing else
  --data_dir=DIR         where the data lie now, if not where the run says
  --help                 this text
"""


class Request(NamedTuple):
    """What to export; the flags of the same names."""

    run: str
    checkpoint: str
    out: str
    data_dir: str


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP, end="")
        return
    path = _folder(request.run)
    if request.out:
        check_out(Path(request.out), path)
    loaded = loading.loaded(str(path), request.checkpoint, request.data_dir)
    step = loaded.model.description.metadata["step"]
    out = Path(request.out or path / f"export_step_{step:08d}")
    check_out(out, path)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        loaded.export(out)
    except OSError as error:
        raise UserError(f"--out={out} can't be written: {error.strerror or error}") from None
    print(f"step {step:,}: {out}")


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    flags.DEFINE_string("checkpoint", "newest", "", flag_values=values)
    for name in ("out", "data_dir"):
        flags.DEFINE_string(name, None, "", flag_values=values)
    runs = startup.read_with_names(values, argv)
    if runs is None:
        return None
    if len(runs) != 1:
        raise UserError("name one run, as in gan-zoo export runs/dcgan_mnist")
    given: dict[str, str] = {}
    for name in ("checkpoint", "out", "data_dir"):
        text = values[name].value
        if text is not None and not str(text).strip():
            raise UserError(f"--{name} is empty: give it a value, or leave it out")
        given[name] = str(text or "")
    check_local("--out", given["out"])
    return Request(check_path(runs[0], "RUN"), given["checkpoint"], startup.path("out", given["out"]),
                   startup.path("data_dir", given["data_dir"]))


def _folder(name: str) -> Path:
    """The folder of the run that is named."""
    found = run_folders([name])
    if len(found) > 1:
        raise UserError(f"{name} holds {len(found)} runs: name one, as in gan-zoo export {found[0]}")
    return found[0]


def check_out(out: Path, path: Path) -> None:
    """Raises UserError if the export of a run can't be written there, or something else would be lost."""
    flag = f"--out={out}"
    check_no_pattern(flag, out)
    if out.name == "export" and (out.parent / "run.json").exists():
        raise UserError(f"{flag} is where the training of {out.parent} writes its own export: name another folder")
    if out.exists() and not out.is_dir():
        raise UserError(f"{flag} is a file: name a folder")
    if out.is_dir() and any(out.iterdir()):
        _check_own(out, path)
    check_writable(str(out.parent), "--out")


def _check_own(out: Path, path: Path) -> None:
    """Raises UserError unless `out` is an export of the run at `path`."""
    with quiet():
        from gan_zoo.evaluation.candidates import experiment_of_run
        from gan_zoo.export.saved_model import read_metadata
        from gan_zoo.training import sameness
    try:
        of = read_metadata(os.fspath(out)).metadata.get("flags")
    except UserError:
        raise UserError(f"--out={out} holds other files, and no export: name a new or empty folder") from None
    try:
        others = sameness.changed(of or {}, experiment_of_run(str(path), "run_dir"))
    except (UserError, TypeError, AttributeError):  # flags of another version
        others = [("model", "", "")]
    for name, theirs, ours in others:
        raise UserError(f"--out={out} is an export of another run (--{name}={theirs}, here {ours}): name another "
                        "folder")
