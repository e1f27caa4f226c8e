"""What entry points share: flags read, and errors shown as they deserve."""

import io
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from gan_zoo.commands import lean
from gan_zoo.errors import RunStopped, UserError, check_flag_name, check_path, check_text, nearest, one_line

if TYPE_CHECKING:
    from absl import flags  # imported where it is used, as other modules are here: it takes as long as a help text

_STDOUT = 1


class Status:
    """A line about what is being done, on a terminal only, which the next output takes the place of.

    doing: its first word.
    """

    def __init__(self, doing: str = "measuring"):
        self._doing = doing
        self._terminal = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> "Status":
        return self

    def __exit__(self, *_) -> None:
        """Takes the line away, also before an error."""
        self.clear()

    def show(self, text: str) -> None:
        """Replaces the line."""
        self._write(f"{self._doing} {text} …")

    def clear(self) -> None:
        """Takes the line away."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._terminal:
            print(f"\r\x1b[K{text[:78]}", end="", file=sys.stderr, flush=True)


def path(flag: str, text: str | None) -> str:
    """The path that a flag was given, "~" replaced; "" if it wasn't. UserError for one that can't be."""
    return os.path.expanduser(check_path(text, f"--{flag}")) if text else ""


def define_seed(values: "flags.FlagValues") -> None:
    """Defines --seed, default 0, of 32 bits."""
    from absl import flags

    flags.DEFINE_integer("seed", 0, "", lower_bound=-2**31, upper_bound=2**31 - 1, flag_values=values)


def read(values: "flags.FlagValues", argv: list[str]) -> bool:
    """Sets the defined flags, and --help beside them, from argv; False if that asks for help."""
    rest = read_with_names(values, argv)
    if rest:
        folder = "run_dir" in values and os.path.isdir(rest[0])
        raise UserError(f"{rest[0]!r} is not a flag: write {f'--run_dir={rest[0]}' if folder else '--flag=value'} "
                        "(see --help)")
    return rest is not None


def read_with_names(values: "flags.FlagValues", argv: list[str]) -> list[str] | None:
    """As `read`, for a command that takes names before, between and after its flags: these, or None for help."""
    from absl import flags

    known = {"help", *values}
    for text in argv:
        check_text(check_flag_name(text), text.partition("=")[0] if text.startswith("-") else "a name")
    flags.DEFINE_boolean("help", False, "", short_name="h", flag_values=values)
    values.set_gnu_getopt(True)
    try:
        rest = values(["program", *argv])[1:]
    except flags.UnrecognizedFlagError as error:
        raise UserError(f"unknown flag --{error.flagname}: {nearest(error.flagname, known)}") from None
    except flags.Error as error:
        text = re.sub(r"(invalid literal for int|Exceeds the limit).*", "not a whole number", str(error))
        raise UserError(text.replace("flag --", "--", 1)) from None
    return None if values["help"].value else rest


def main(run: Callable[[list[str]], int | None]) -> int:
    """Calls `run` with the command line's arguments; returns the process's exit code, which is 0 for None.

    A UserError becomes one line on standard error and exit code 2, a RunStopped one line and exit code 1, or 3 if a
    number is not finite, or 75 if another worker is lost, Ctrl-C one line and exit code 130, a closed pipe exit code
    141; anything else keeps its traceback. Characters that the terminal doesn't know are replaced.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    lean.start()
    try:
        code = run(sys.argv[1:]) or 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except UserError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 2
    except RunStopped as error:
        print(f"stopped: {one_line(error)}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
