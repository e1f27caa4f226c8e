"""The checksums of an export's files, beside them, as `sha256sum --check assets.extra/sha256sums` reads them."""

import hashlib
import os

from gan_zoo.errors import UserError

CHECKSUMS = os.path.join("assets.extra", "sha256sums")


def write_checksums(folder: str) -> None:
    """Of all files that TensorFlow wrote into the folder so far."""
    names = sorted(os.path.relpath(os.path.join(place, name), folder) for place, _, files in os.walk(folder)
                   for name in files if os.path.basename(place) != os.path.dirname(CHECKSUMS))
    with open(os.path.join(folder, CHECKSUMS), "w", encoding="utf-8") as file:
        file.writelines(f"{_sum(os.path.join(folder, name))}  {name}\n" for name in names)


def verify_checksums(folder: str) -> None:
    """Raises UserError for a file of the export that is not as it was written; exports of old have no checksums."""
    path = os.path.join(folder, CHECKSUMS)
    if not os.path.lexists(path):
        return
    try:
        with open(path, encoding="utf-8") as file:
            expected = [line.rstrip("\n").partition("  ") for line in file]
        for checksum, _, name in expected:
            if _sum(os.path.join(folder, name)) != checksum:
                raise UserError(f"{folder} is damaged, export it again: {name} is not as it was written")
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} is damaged, export it again: {error}") from None


def checksum(folder: str) -> str | None:
    """What tells an export from all others: the checksum of its checksums; None of one without them."""
    path = os.path.join(folder, CHECKSUMS)
    return _sum(path) if os.path.isfile(path) else None


def _sum(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
