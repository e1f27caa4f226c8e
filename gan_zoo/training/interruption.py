"""SIGTERM, SIGHUP and Ctrl-C as a wish to stop at the next safe point."""

import contextlib
import signal
import threading
from collections.abc import Iterator

_HANGUP = signal.SIGHUP
_WISHES = (signal.SIGTERM, signal.SIGINT, _HANGUP)


class Interruption:
    """While entered, the first SIGTERM, SIGHUP or SIGINT sets `signal`; a second one has its usual effect.
    Outside the main thread nothing is handled, and no SIGHUP where it is to be ignored, as under nohup.

    To be entered after the strategy is made: MirroredStrategy installs handlers of its own.
    """

    def __init__(self):
        self.signal: signal.Signals | None = None
        self._previous = {}

    def __enter__(self):
        if threading.current_thread() is not threading.main_thread():
            return self  # only the main thread may handle signals
        for number in _WISHES:
            if number != _HANGUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_):
        self._restore()

    def _note(self, number, _frame):
        self.signal = signal.Signals(number)
        self._restore()

    def _restore(self):
        for number, handler in self._previous.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def unswallowed() -> Iterator[None]:
    """Lets Ctrl-C have its effect on the body, at its end if nowhere before.

    TensorFlow calls back into Python from C++, which drops what a signal raises there.
    """
    before, pressed = signal.getsignal(signal.SIGINT), False
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield  # elsewhere than in the main thread, or where it is ignored, nothing comes
        return

    def note(number, frame):
        nonlocal pressed
        pressed = True
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
