"""A profile of some rounds, for TensorBoard and benchmarks/trace.py: which operation takes how long."""

import contextlib
from pathlib import Path

import tensorflow as tf

from gan_zoo.declaring import as_rounds
from gan_zoo.errors import UserError

FILES = "plugins/profile/*/*.xplane.pb"  # below the folder that a profile was written into


class Profiler:
    """Profiles the rounds A to B of a run, or those of them that are still to come.

    stops: the steps at which a call of the graph has to end, so that the profile holds these rounds alone.
    """

    def __init__(self, text: str | None, folder: Path, step: int, before: str | None = None):
        """text, before: --profile_steps now, and as run.json has it. step: that the run has reached.

        UserError if the run has passed A already, unless it was profiled then or was asked to.
        """
        self._first, self._last = as_rounds(text) if text else (0, 0)
        self._folder, self._running = folder, False
        if text and text != before and step > self._first:
            raise UserError(f"--profile_steps={text}: the run in {folder} has passed step {self._first:,} and is at "
                            f"{step:,}: name later rounds, as in {step},{step + self._last - self._first}")
        self.stops = [self._first, self._last] if text else []

    def begin(self, step: int) -> None:
        """Begins the profile if it is time; to be called before every call of the graph."""
        if not self._running and self._first <= step < self._last:
            try:
                tf.profiler.experimental.start(str(self._folder))
            except tf.errors.AlreadyExistsError:
                raise UserError("--profile_steps: something else in this process writes a profile: end that first, or "
                                "leave this out") from None
            self._running = True

    def end(self, step: int) -> bool:
        """Ends it if it is time, and says whether; to be called after every call, before pictures are made."""
        is_over = self._running and step >= self._last
        if is_over:
            self._running = False
            tf.profiler.experimental.stop()
        return is_over

    def close(self) -> None:
        """Ends a profile that the end of the run has cut short."""
        if self._running:
            self._running = False
            with contextlib.suppress(Exception):  # whatever ended the run is what is to be told
                tf.profiler.experimental.stop()
