"""TensorBoard's event files after a kill: without what a run that goes on will write again."""

import contextlib
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event

from gan_zoo.files import replacing

NAMES = "events.out.tfevents.*"
_HEAD, _FOOT = 12, 4  # bytes of a TFRecord: length and its checksum before the data, a checksum after them


def keep(folder: Path, wanted: Callable[[str, int], bool]) -> None:
    """Takes out of all event files of a folder what is not wanted, and what a kill left half-written at their ends.

    wanted: (tag, step) → whether it stays. A file of which nothing is left but its head goes.
    """
    for path in sorted(folder.glob(NAMES)):
        content = path.read_bytes()
        stays = [(record, values) for record, values in _kept(content, wanted)]
        if not any(values for _, values in stays):
            path.unlink()
        elif (left := b"".join(record for record, _ in stays)) != content:
            with replacing(path) as temporary, open(temporary, "wb") as file:
                file.write(left)


def _kept(content: bytes, wanted: Callable[[str, int], bool]) -> Iterator[tuple[bytes, bool]]:
    """The records that stay, and whether each holds a value; the head of a file, its version, holds none."""
    for record in _records(content):
        event = Event()
        with contextlib.suppress(Exception):  # of what is no event nothing is known, and it stays
            event.ParseFromString(record[_HEAD:-_FOOT])
        tags = [value.tag for value in event.summary.value]
        if all(wanted(tag, event.step) for tag in tags):
            yield record, bool(tags)


def _records(content: bytes) -> Iterator[bytes]:
    start = 0
    while start + _HEAD <= len(content):
        end = start + _HEAD + struct.unpack_from("<Q", content, start)[0] + _FOOT
        if end > len(content):
            return
        yield content[start:end]
        start = end
