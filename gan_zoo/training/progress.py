"""The live line of a run on a terminal; elsewhere a line now and then."""

import shutil
import sys
import time

_QUIET_SECONDS = 10.0  # between two lines where there is no terminal
_AVERAGED_ROUNDS = 50


class Progress:
    """Shows step, epoch, images/s, time left, losses and accuracies.

    total_steps: rounds in all. rounds_per_epoch: how many rounds see as many real images as the data have.
    headline: other series of the history that are shown, and what they are called.
    """

    def __init__(self, total_steps: int, rounds_per_epoch: float, headline: dict[str, str] | None = None, stream=None):
        self.total_steps, self.rounds_per_epoch = total_steps, rounds_per_epoch
        self._headline = headline or {}
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._last_shown = 0.0
        self._width = 0

    def show(self, step: int, images_per_s: float, seconds_left: float, history) -> None:
        """Shows the state after `step` rounds; what the history holds are means of the last rounds."""
        final = step >= self.total_steps
        if not self._live and not final and time.monotonic() - self._last_shown < _QUIET_SECONDS:
            return
        self._last_shown = time.monotonic()
        recent = {name: float(values[-_AVERAGED_ROUNDS:].mean()) for name, values in history.arrays().items()}
        headline = "".join(f"{label} {recent[name]:.3f}  " for name, label in self._headline.items())
        line = (f"step {step:,}/{self.total_steps:,}  epoch {step / self.rounds_per_epoch:.1f}  "
                f"ETA {duration(seconds_left)}  D {recent['discriminator_loss']:.3f} "
                f"G {recent['generator_loss']:.3f}  {headline}D accuracy real {recent['accuracy_real']:.2f} "
                f"generated {recent['accuracy_generated']:.2f}  {images_per_s:,.0f} images/s")
        if self._live:
            line = line[:shutil.get_terminal_size().columns - 1]
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def say(self, text: str) -> None:
        """A line of its own, below the live one."""
        self.end_line()
        self._stream.write(text + "\n")
        self._stream.flush()

    def end_line(self) -> None:
        """Ends the live line, so that something else can be written."""
        if self._width:
            self._stream.write("\n")
            self._stream.flush()
            self._width = 0


def duration(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
