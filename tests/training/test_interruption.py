"""Signals while networks are built, and those that are to be ignored."""

import contextlib
import signal
import threading

import pytest

from gan_zoo.training.interruption import Interruption, unswallowed


def test_ctrl_c_that_was_dropped_comes_after_all():
    """As TensorFlow drops what is raised in a callback from C++."""
    before, reached = signal.getsignal(signal.SIGINT), []

    @unswallowed()
    def build():
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        reached.append("the end of the body")

    with pytest.raises(KeyboardInterrupt):
        build()
    assert reached
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_acts_at_once_where_it_can():
    reached = []

    @unswallowed()
    def build():
        signal.raise_signal(signal.SIGINT)
        reached.append("further")

    with pytest.raises(KeyboardInterrupt):
        build()
    assert not reached


def test_without_it_nothing_happens_and_an_error_goes_through():
    with unswallowed():
        pass
    with pytest.raises(ValueError, match="other"), unswallowed():
        raise ValueError("other")
    thread = threading.Thread(target=lambda: unswallowed().__enter__())
    thread.start()
    thread.join()


def test_what_is_ignored_stays_ignored():
    """As SIGHUP is under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert interruption.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)
