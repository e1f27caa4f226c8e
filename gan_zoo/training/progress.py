"""The live line of a run on a terminal; elsewhere a line now and then."""

import os
import shutil
import sys
import time

from gan_zoo.training.history import mean

_QUIET_SECONDS = 10.0  # between two lines where there is no terminal
_AVERAGED_ROUNDS = 50
_CELL = (110, 24)  # columns and lines, if nothing says how wide it is: a notebook's


class Progress:
    """Shows step, epoch, images/s, time left, losses and accuracies.

    is_closed: whether nobody reads it any more: the pipe's reader has left, as `head` does, or the terminal is gone.
    """

    def __init__(self, stream=None):
        self.begin(1, 1.0)
        self._stream = stream or sys.stdout
        # A notebook's cell is no terminal, but it takes a line back as one does.
        self._live = self._stream.isatty() or type(self._stream).__module__.startswith("ipykernel")
        self._last_shown = 0.0
        self._width = 0
        self.is_closed = False

    def begin(self, total_steps: int, rounds_per_epoch: float, headline: dict[str, str] | None = None) -> None:
        """Says what is to be shown.

        total_steps: rounds in all. rounds_per_epoch: how many rounds see as many real images as the data have.
        headline: other series of the history that are shown, and what they are called.
        """
        self.total_steps, self.rounds_per_epoch, self._headline = total_steps, rounds_per_epoch, headline or {}

    def show(self, step: int, images_per_s: float, seconds_left: float, history, verdict: str = "") -> None:
        """Shows the state after `step` rounds; what the history holds are means of the last rounds."""
        final = step >= self.total_steps
        if not self._live and not final and time.monotonic() - self._last_shown < _QUIET_SECONDS:
            return
        self._last_shown = time.monotonic()
        recent = {name: mean(values[-_AVERAGED_ROUNDS:]) for name, values in history.arrays().items()}
        parts = {
            "step": f"step {step:,}/{self.total_steps:,}",
            "epoch": f"epoch {step / self.rounds_per_epoch:.1f}",
            "left": f"ETA {duration(seconds_left)}",
            "losses": f"D {recent['discriminator_loss']:.3f} G {recent['generator_loss']:.3f}",
            "verdict": verdict,
            "headline": "  ".join(f"{label} {recent[name]:.3f}" for name, label in self._headline.items()),
            "accuracies": f"D accuracy real {recent['accuracy_real']:.2f} generated {recent['accuracy_generated']:.2f}",
            "speed": f"{images_per_s:,.0f} images/s"}
        line = "  ".join(filter(None, parts.values()))
        if self._live:
            line = _fitted(parts, shutil.get_terminal_size(_CELL).columns - 1)
            self._write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._write(line + "\n")

    def say(self, text: str) -> None:
        """A line of its own, below the live one."""
        self.end_line()
        self._write(text + "\n")

    def end_line(self) -> None:
        """Ends the live line, so that something else can be written."""
        if self._width:
            self._width = 0
            self._write("\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self.is_closed = True
            self._stream = open(os.devnull, "w")  # noqa: SIM115 (it takes the place of a stream that stays open)


def _fitted(parts: dict[str, str], width: int) -> str:
    """The parts in one line of at most `width` characters, without those that can best be missed."""
    parts = dict(parts)
    for name in ("speed", "accuracies", "headline", "verdict", "losses"):
        if len(line := "  ".join(filter(None, parts.values()))) <= width:
            return line
        del parts[name]
    return "  ".join(filter(None, parts.values()))[:width]


def duration(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
