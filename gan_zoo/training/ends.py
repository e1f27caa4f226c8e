"""What ends a run before its time, and what run.json then says."""

import contextlib
from collections.abc import Iterator

from gan_zoo.errors import RunStopped, UserError, WorkerLost, one_line
from gan_zoo.training import last_words, storage
from gan_zoo.training.progress import Progress
from gan_zoo.training.run_directory import RunDirectory


class RolledBack(Exception):  # noqa: N818 (the run goes on)
    """A run is to go on from its last checkpoint."""


@contextlib.contextmanager
def recorded(run: RunDirectory, progress: Progress) -> Iterator[None]:
    """Whatever ends the body, run.json says so, as far as the disk allows; a full or broken disk becomes RunStopped."""
    def ended(status: str, reason: str = "") -> None:
        with contextlib.suppress(OSError):
            run.end(status, reason)

    try:
        yield
    except WorkerLost as error:
        ended("stopped", str(error))
        progress.end_line()
        raise
    except (RunStopped, RolledBack):  # who raised them has said it
        raise
    except KeyboardInterrupt:
        ended("interrupted")
        raise
    except Exception as error:
        words = storage.reason(error)
        if words is None:
            ended("stopped" if isinstance(error, UserError) else "failed", one_line(error, most=300))
            raise
        ended("stopped", words)
        progress.end_line()
        raise RunStopped(f"{words}. {last_words.kept(run.checkpoints)} Mend that, then go on by {run.command()}"
                         ) from error
