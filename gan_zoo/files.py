"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile

from gan_zoo.errors import UserError


@contextlib.contextmanager
def replacing(path):
    """Yields a temporary path beside `path`; the file written there takes its place if the body succeeds."""
    folder, name = os.path.split(os.path.realpath(path))
    temporary = os.path.join(folder, f".{os.getpid()}-{name}")
    try:
        yield temporary
        os.replace(temporary, os.path.join(folder, name))
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


def write_text(path, text: str) -> None:
    """Writes a text file, UTF-8, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def check_writable(folder: str, flag: str) -> None:
    """Raises UserError if no file can be made in a folder, or in that which it would be made in.

    Permissions alone don't tell.
    """
    there = os.path.abspath(folder)
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        raise UserError(f"{flag}={folder} can't be written to ({error.strerror}): name another folder"
                        f"{'' if flag == '--out' else ' with --out'}") from None
