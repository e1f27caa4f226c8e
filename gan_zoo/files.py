"""Files that appear whole or not at all, and are still whole after a power loss."""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gan_zoo.errors import UserError

_TEMPORARY = re.compile(r"\.\d+-.")  # how the names of temporary files begin
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}  # of file systems that can't sync a folder, say
_PATTERN = "[]*?\\"  # what TensorFlow takes for a pattern of names when it restores
_CHUNK = 1 << 20  # bytes


def own() -> str:
    """What names of this process's files begin with; another container on a shared disk may have the same number."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def replacing(path) -> Iterator[str]:
    """Yields a temporary path beside `path`; the file written there takes its place if the body succeeds."""
    folder, name = os.path.split(os.path.realpath(path))
    temporary = os.path.join(folder, f".{own()}-{name}")
    try:
        yield temporary
        to_disk(temporary)
        os.replace(temporary, os.path.join(folder, name))
        to_disk(folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


@contextlib.contextmanager
def alone(folder) -> Iterator[None]:
    """Waits for other processes in such a body, of the same folder, where its file system can lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_text(path, text: str) -> None:
    """Writes a text file, UTF-8, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def to_disk(path) -> None:
    """Waits until a file, or the names in a folder, would outlive a power loss, where the file system can tell."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def tree_to_disk(folder) -> None:
    """`to_disk` of a folder and of all that is in it."""
    for place, _, files in os.walk(folder):
        for name in files:
            to_disk(os.path.join(place, name))
        to_disk(place)


def remove(path: Path) -> None:
    """Removes a folder with all that is in it, or a file in its place, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_temporaries(folder: Path) -> None:
    """Removes what killed processes had begun to write there with `replacing`; no other may be writing."""
    if folder.is_dir():
        for path in folder.iterdir():
            if is_temporary(path):
                path.unlink()


def is_temporary(path: Path) -> bool:
    """Whether a file is one that `replacing` yielded, in this process or in another."""
    return bool(_TEMPORARY.match(path.name)) and path.is_file()


def digest(path) -> str:
    """A hash of a file's content, 32 hexadecimal digits."""
    found = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def text_digest(text: str) -> str:
    """A hash of a text, 32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """The digest of every file below a folder, by its path from there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest(path) for path in files}


def check_local(flag: str, path) -> None:
    """Raises UserError if `path` is a URL: there are neither locks nor whole renames behind most of these."""
    if is_url(path):
        raise UserError(f"{flag}={path} is an address and no folder of this machine: name one, or mount it there")


def is_url(path) -> bool:
    """Whether a path is an address such as gs://bucket/folder; a Path has lost one of its slashes."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)) is not None


def check_no_pattern(named: str, path) -> None:
    """Raises UserError if TensorFlow would take the whole path for a pattern, and so never find what it wrote.

    named: how the message begins.
    """
    whole = str(Path(path).expanduser().absolute())
    if found := sorted(set(whole) & set(_PATTERN)):
        raise UserError(f"{named}: {' '.join(found)} in {whole} is a pattern to TensorFlow, which never reads what "
                        "lies there: name a folder without it")


def check_writable(folder: str, flag: str, way: str = "name another folder") -> None:
    """Raises UserError if no file can be made in a folder, or in that which it would be made in. way: out of that.

    Permissions alone don't tell.
    """
    there = os.path.abspath(folder)
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        raise UserError(f"{flag}={folder} can't be written to ({error.strerror}): {way}") from None
