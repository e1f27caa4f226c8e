"""Files that appear whole or not at all."""

import contextlib
import os


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
