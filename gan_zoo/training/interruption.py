"""SIGTERM and Ctrl-C as a wish to stop at the next safe point."""

import signal
import threading


class Interruption:
    """While entered, the first SIGTERM or SIGINT sets `signal`; a second one has its usual effect.
    Outside the main thread nothing is handled.

    To be entered after the strategy is made: MirroredStrategy installs handlers of its own.
    """

    def __init__(self):
        self.signal: signal.Signals | None = None
        self._previous = {}

    def __enter__(self):
        if threading.current_thread() is not threading.main_thread():
            return self  # only the main thread may handle signals
        for number in (signal.SIGTERM, signal.SIGINT):
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
