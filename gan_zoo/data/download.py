"""TFDS data that are not on the disk yet: downloaded only where that can succeed."""

import contextlib
import sys
import threading

from gan_zoo.data.source import DataRequest
from gan_zoo.errors import UserError, one_line

_HOST = "https://storage.googleapis.com"
_PATIENCE_SECONDS = 4.0  # TFDS itself retries for minutes


def prepare(builder, request: DataRequest) -> None:
    """Downloads and prepares the data of a TFDS builder; UserError if that is forbidden, hopeless or fails."""
    place = f"--dataset={request.dataset} is not prepared in {builder.data_dir}"
    ways_out = ("point --data_dir or TFDS_DATA_DIR at prepared data, or take --dataset=mnist_5k or "
                "--dataset=digits, which need no download, or your own pictures with --dataset=folder --data_dir=…")
    if not request.download:
        raise UserError(f"{place} and --nodownload forbids to download it: allow it, or {ways_out}")
    if not online():
        raise UserError(f"{place} and {_HOST} does not answer, so it cannot be downloaded: {ways_out}")
    _download(builder, request, ways_out)


def online(seconds: float = _PATIENCE_SECONDS) -> bool:
    """Whether the host that serves most datasets answers within that time, through the user's proxy if any."""
    answered = threading.Event()

    def ask():
        import requests

        with contextlib.suppress(Exception):
            requests.head(_HOST, timeout=seconds / 2)
            answered.set()

    thread = threading.Thread(target=ask, daemon=True)  # looking up the host's name has no time limit of its own
    thread.start()
    thread.join(seconds)
    return answered.is_set()


def _download(builder, request: DataRequest, ways_out: str) -> None:
    megabytes = (builder.info.download_size or 0) / 2**20
    size = f" ({megabytes:,.0f} MiB)" if megabytes else ""
    print(f"downloading {builder.info.full_name}{size} to {builder.data_dir}", file=sys.stderr)
    try:
        builder.download_and_prepare()
    except Exception as error:  # of the network, the disk, a checksum, a file to be fetched by hand
        raise UserError(f"--dataset={request.dataset}: it cannot be prepared in {builder.data_dir} "
                        f"({one_line(error, most=300)}): {ways_out}") from error
