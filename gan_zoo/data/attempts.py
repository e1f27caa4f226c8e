"""Work on many files at once, in threads, of which one that takes for ever holds up nobody."""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import ThreadPool
from typing import Any

from gan_zoo.data.decoding import Refused

PATIENCE_SECONDS = 60.0  # a picture of the most pixels takes about two
_TOGETHER = 64  # so few are begun anew after one was given up


def attempts(work: Callable, items: Sequence) -> Iterator[Any]:
    """work(item) of every item, in order; in place of a result the exception that it raised.

    What has no result after a minute is given up, and its thread left behind: it can't be stopped, but being a daemon
    it doesn't keep the process from ending.
    """
    def attempt(item):
        try:
            return work(item)
        except Exception as error:
            return error

    pool = ThreadPool(os.cpu_count())
    try:
        done = 0
        while done < len(items):
            together = items[done:done + _TOGETHER]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results = list(_results(pool, attempt, together))
            if len(results) < len(together):
                results.append(Refused(f"takes over {PATIENCE_SECONDS:g} s to be read"))
                pool.terminate()
                pool = ThreadPool(os.cpu_count())
            done += len(results)
            yield from results
    finally:
        pool.terminate()


def _results(pool: ThreadPool, work: Callable, items: Sequence) -> Iterator[Any]:
    """Results in order, up to the first that doesn't come in time.

    The threads take the items in order too: once those before it are done, an item has been begun.
    """
    results = pool.imap(work, items)
    for _ in items:
        try:
            yield results.next(PATIENCE_SECONDS)
        except multiprocessing.TimeoutError:
            return
