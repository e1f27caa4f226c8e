"""The live line of a run on a terminal; elsewhere a line now and then."""

import os
import shutil
import sys
import time
from collections.abc import Mapping

from gan_zoo.judging.words import Finding
from gan_zoo.training.history import mean

_QUIET_SECONDS = 60.0  # between two lines where there is no terminal
_AVERAGED_ROUNDS = 50
_CELL = (110, 24)  # columns and lines, if nothing says how wide it is: a notebook's

# What is done to a line that is too long, one after the other: the part that gets its next shorter form. Nothing takes
# away the epoch, the time left, the losses and the verdict.
_SHORTENING = ("speed", "accuracies", "step", "accuracies", "step", "headline", "verdict", "losses", "headline",
               "headline", "epoch", "left", "gap", "losses", "epoch", "left")


class Progress:
    """Shows step, epoch, images/s, time left, losses and accuracies.

    is_closed: whether nobody reads it any more: the pipe's reader has left, as `head` does, or the terminal is gone.
    """

    def __init__(self, stream=None):
        self.begin(1, 1.0)
        self._stream = stream or sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (there is none under >&-)
        # A notebook's cell is no terminal, but it takes a line back as one does.
        self._live = self._stream.isatty() or type(self._stream).__module__.startswith("ipykernel")
        self._last_shown = float("-inf")
        self._width = 0
        self.is_closed = False

    def begin(self, total_steps: int, rounds_per_epoch: float, headline: dict[str, str] | None = None) -> None:
        """Says what is to be shown.

        total_steps: rounds in all. rounds_per_epoch: how many rounds see as many real images as the data have.
        headline: other series of the history that are shown, and what they are called.
        """
        self.total_steps, self.rounds_per_epoch, self._headline = total_steps, rounds_per_epoch, headline or {}

    @property
    def legend(self) -> str:
        """What the numbers are, a line to be said once."""
        watched = ["D, G (losses)", *self._headline.values(), "accuracy (of D, on real and on generated images)"]
        return f"shown as means of the last {_AVERAGED_ROUNDS} rounds: {', '.join(watched)}"

    def show(self, step: int, images_per_s: float, seconds_left: float, history,
             finding: Finding | None = None) -> None:
        """Shows the state after `step` rounds; what the history holds are means of the last rounds."""
        final = step >= self.total_steps
        if not self._live and not final and time.monotonic() - self._last_shown < _QUIET_SECONDS:
            return
        self._last_shown = time.monotonic()
        recent = {name: mean(values[-_AVERAGED_ROUNDS:]) for name, values in history.arrays().items()}
        real, generated = recent["accuracy_real"], recent["accuracy_generated"]
        losses, epoch = (recent["discriminator_loss"], recent["generator_loss"]), step / self.rounds_per_epoch
        forms = {
            "step": [f"step {step:,}/{self.total_steps:,}", f"{step:,}/{self.total_steps:,}", ""],
            "epoch": [f"epoch {epoch:.1f}", f"epoch {epoch:.0f}", f"ep {epoch:.0f}"],
            "left": [f"ETA {duration(seconds_left)}", f"ETA {_rough(seconds_left)}", _rough(seconds_left)],
            "losses": [f"D {losses[0]:.{digits}f} G {losses[1]:.{digits}f}" for digits in (3, 2, 1)],
            "verdict": [finding.short, finding.brief] if finding else [""],
            "headline": _headline({label: recent[name] for name, label in self._headline.items()}),
            "accuracies": [f"D accuracy real {real:.2f} generated {generated:.2f}",
                           f"accuracy {real:.2f}/{generated:.2f}", ""],
            "speed": [f"{images_per_s:,.0f} images/s", ""],
            "gap": ["  ", " "]}
        if self._live:
            line = _fitted(forms, shutil.get_terminal_size(_CELL).columns - 1)
            self._write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._write(_line(forms) + "\n")

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


def _line(forms: dict[str, list[str]]) -> str:
    """The parts in their longest forms."""
    return forms["gap"][0].join(texts[0] for name, texts in forms.items() if name != "gap" and texts[0])


def _fitted(forms: dict[str, list[str]], width: int) -> str:
    """The parts in one line of at most `width` characters, those that can best be missed shortened first."""
    forms, before = dict(forms), []
    for name in _SHORTENING:
        if len(_line(forms)) <= width:
            break
        before.append((name, forms[name]))
        forms[name] = forms[name][1:] or forms[name]
    for name, longer in reversed(before):  # what fits again, since more was taken away than had to be
        if len(_line(forms | {name: longer})) <= width:
            forms[name] = longer
    return _line(forms)[:width]


def _headline(values: Mapping[str, float]) -> list[str]:
    """What the objective watches, by label: with two spaces between, with one, without repeated labels, not at all.

    "I(c1) 2.301  I(c2) 0.213", "I(c1) 2.30 I(c2) 0.21", "I 2.30 0.21", "".
    """
    heads = [label.partition("(")[0] for label in values]
    last = [f"{value:.2f}" if head in heads[:index] else f"{head} {value:.2f}"
            for index, (head, value) in enumerate(zip(heads, values.values(), strict=True))]
    return ["  ".join(f"{label} {value:.3f}" for label, value in values.items()),
            " ".join(f"{label} {value:.2f}" for label, value in values.items()), " ".join(last), ""]


def duration(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _rough(seconds: float) -> str:
    """Seconds as 3h02, 12m or 45s; of more than two days as 51h."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours}h"
    return f"{hours}h{minutes:02d}" if hours else f"{minutes}m" if minutes else f"{rest}s"
