"""Flagfiles: one --flag=value a line, comments with #, other files by --flagfile, in place."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gan_zoo.errors import UserError, check_path, nearest

_DEEPEST, _MOST_FILES = 20, 200  # included in one another, and in all: files that include others twice each never end
_OF_A_RUN = "run.flags"  # the flagfile in a run's folder
_LARGEST = 2**20  # bytes


class Argument(NamedTuple):
    """One `--flag=value`, and where it was written."""

    text: str
    origin: str


class Flagfiles:
    """Reads flagfiles for one command line. configs: the folder of recipes."""

    def __init__(self, configs: Path):
        self._configs, self._count = configs, 0

    def read(self, name: str, where: str = "", inside: Sequence[Path] = ()) -> list[Argument]:
        """The flags of a file; where: the line that names it, for errors; inside: the files that are being read."""
        if not name:
            raise UserError(f"{where}--flagfile needs a value: --flagfile=configs/NAME.flags")
        try:
            path = self._found(Path(os.path.expanduser(check_path(name, "--flagfile"))), inside)
        except UserError as error:
            raise UserError(f"{where}{error}") from None
        if path is None:
            raise UserError(f"{where}--flagfile={name}: no such file{_known(Path(name))}")
        self._check_place(path, f"{where}--flagfile={name}", inside)
        arguments = []
        for number, line in enumerate(_lines(path, f"{where}--flagfile={name}"), 1):
            origin = f"{name}:{number}"
            if not line or line.startswith(("#", "//")):
                continue
            if not re.match(r"--?\w+(=|$)", line):
                raise UserError(f"{origin}: {line!r} is not of the form --flag=value")
            if flag_name(line) == "flagfile":
                arguments += self.read(line.partition("=")[2], f"{origin}: ", [*inside, path.resolve()])
            else:
                arguments.append(Argument(line, origin))
        return [_where_it_lies(argument, path) for argument in arguments]

    def _found(self, path: Path, inside: Sequence[Path]) -> Path | None:
        """The file itself, or beside the one that names it; configs/NAME may also be the recipe, wherever the zoo is.
        """
        places = [path, *(file.parent / path for file in inside[-1:])]
        if path.parent == Path("configs"):
            places.append(self._configs / path.name)
        return next((place for place in places if os.path.isfile(place)), None)

    def _check_place(self, path: Path, named: str, inside: Sequence[Path]) -> None:
        """Raises UserError for a file that includes itself, and where there is no end of files."""
        if path.resolve() in inside:
            chain = " → ".join(file.name for file in [*inside, path])
            raise UserError(f"{named} includes itself ({chain})")
        self._count += 1
        if len(inside) >= _DEEPEST:
            raise UserError(f"{named}: files include each other more than {_DEEPEST} deep: write their flags into one")
        if self._count > _MOST_FILES:
            raise UserError(f"{named}: files include each other more than {_MOST_FILES} times: include each once")


def _where_it_lies(argument: Argument, path: Path) -> Argument:
    """A run is where its run.flags is, though it was moved, or is called from another folder than it began in."""
    if flag_name(argument.text) == "run_dir" and path.name == _OF_A_RUN and (path.parent / "run.json").exists():
        return argument._replace(text=f"--run_dir={path.parent}")
    return argument


def flag_name(text: str) -> str:
    """The name in --name=value."""
    return text.lstrip("-").split("=", 1)[0]


def _lines(path: Path, named: str) -> list[str]:
    """Without the mark that some editors put at a file's beginning."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"{named} is larger than {_LARGEST} bytes: it is no flagfile")
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise UserError(f"{named} can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{named} can't be read: {error}: save it as UTF-8") from None


def _known(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    names = [file.name for file in path.parent.glob("*.flags")]
    return f"; {nearest(path.name, names)}" if names else ""
