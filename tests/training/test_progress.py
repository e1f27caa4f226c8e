"""The line that a run shows."""

import io

import numpy as np
import pytest

from gan_zoo.judging import words
from gan_zoo.judging.words import Finding
from gan_zoo.training import progress as module
from gan_zoo.training.history import SERIES, History
from gan_zoo.training.progress import Progress

GAMES = {
    "plain": {}, "f-GAN": {"divergence_estimate": "F"}, "WGAN": {"wasserstein_estimate": "Wasserstein"},
    "InfoGAN": {f"information_c{index}": f"I(c{index})" for index in (1, 2, 3)},
    "ACGAN": {"class_accuracy_real": "class(real)", "class_accuracy_generated": "class(generated)"}}
LONGEST = [Finding(words.COLLAPSED, "about 9,900 distinct images", ""), Finding(words.NOT_STARTED, "", ""),
           Finding(words.DISCRIMINATOR_WON, "", ""), Finding(words.PAST_BEST, "since step 12,345", "")]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def _line(stream, headline, finding=None) -> str:
    history = History()
    history.append({"discriminator_loss": np.array([1.3862]), "generator_loss": np.array([0.6931]),
                    "accuracy_real": np.array([0.98]), "accuracy_generated": np.array([0.96]),
                    **{f"objective/{name}": np.array([2.2831]) for name in headline}}, 1.0)
    progress = Progress(stream)
    progress.begin(25_000, 469.0, {f"objective/{name}": label for name, label in headline.items()})
    progress.show(12_345, 1234.0, 3723.0, history, finding)
    return stream.getvalue().strip("\r\n")


@pytest.mark.parametrize("finding", LONGEST, ids=lambda finding: finding.verdict)
def test_a_narrow_line_keeps_epoch_time_left_losses_and_verdict(finding, monkeypatch):
    for headline in GAMES.values():
        for columns in (80, 60, 40):
            monkeypatch.setenv("COLUMNS", str(columns))
            line = _line(Terminal(), headline, finding)
            assert len(line) < columns
            assert ("epoch 26" if columns > 40 else "ep") in line
            assert ("ETA 1:02:03" if columns > 40 else "1h02") in line
            assert "D 1.4" in line.replace("1.386", "1.4").replace("1.39", "1.4")
            assert "G 0.7" in line.replace("0.693", "0.7").replace("0.69", "0.7")
            assert finding.verdict.split()[0] in line or finding.brief in line
            assert line.count("2.28") == len(headline) or columns < 80
    assert len(finding.brief) <= 11


def test_the_codes_of_an_infogan_fit_and_the_legend_names_them(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    line = _line(Terminal(), GAMES["InfoGAN"], Finding(words.TOO_EARLY, "", ""))
    assert "too early" in line
    assert line.count("2.28") == 3
    progress = Progress(io.StringIO())
    progress.begin(1, 1.0, GAMES["InfoGAN"])
    assert "means of the last 50 rounds" in progress.legend
    assert "I(c1), I(c2), I(c3)" in progress.legend


def test_a_wide_line_drops_nothing(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert _line(Terminal(), GAMES["InfoGAN"], LONGEST[0]) == _line(io.StringIO(), GAMES["InfoGAN"], LONGEST[0])


def test_without_a_terminal_there_is_a_line_a_minute_and_the_last(monkeypatch):
    clock = iter(range(0, 10_000, 7))  # seconds, at each look
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    history, stream = History(), io.StringIO()
    history.append(dict.fromkeys(SERIES, np.array([0.5])), 1.0)
    progress = Progress(stream)
    progress.begin(30, 1.0)
    for step in range(1, 31):
        progress.show(step, 1.0, 1.0, history)
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == ["1/30", "10/30", "19/30", "28/30", "30/30"]


def test_the_line_names_what_the_objective_puts_first():
    history = History()
    history.append({**dict.fromkeys(SERIES, np.array([0.5])), "objective/divergence_estimate": np.array([0.25]),
                    "objective/other": np.array([9.0])}, 1.0)
    stream = io.StringIO()
    progress = Progress(stream)
    progress.begin(1, 1.0, {"objective/divergence_estimate": "F"})
    progress.show(1, 10.0, 0.0, history)
    assert "G 0.500  F 0.250  D accuracy real 0.50 generated 0.50  10 images/s" in stream.getvalue()
    assert "9.0" not in stream.getvalue()
