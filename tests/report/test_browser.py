"""The report in a real browser, where one is installed: used as a person would, by pointer and keys."""

from pathlib import Path

import numpy as np
import pytest

from gan_zoo.__main__ import run as gan_zoo
from gan_zoo.drawing.images import write_png
from tests.browsers import needs_browser, opened, told
from tests.comparison.crafted import STEPS, craft

NAME = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    """What tests/report/probe.js has seen."""
    folder = tmp_path_factory.mktemp("view")
    path = craft(folder / "runs" / NAME, frechet=(8.0, 3.0, 5.0), record={"verdicts": [
        {"step": 10, "verdict": "too early to tell", "evidence": "<img src=x onerror=alert(1)>"},
        {"step": 90, "verdict": "healthy", "evidence": "coverage is 0.9"}]})
    rounds = np.arange(1.0, STEPS + 1)
    np.savez(path / "checkpoints" / f"step_{STEPS:08d}" / "history.npz", discriminator_loss=rounds,
             generator_loss=np.where(rounds > 100, np.nan, 2 * rounds))
    write_png(path / "samples" / "step_00000060.png", np.zeros([8, 8], np.uint8))
    craft(folder / "runs" / "best", frechet=(2.0, 2.5, 3.0))
    craft(folder / "runs" / "ünï 🦊\u202e", frechet=(9.0, 9.0, 9.0))
    (folder / "runs" / "begun").mkdir()
    (folder / "runs" / "begun" / ".lock").touch()
    gan_zoo(["view", str(folder / "runs")])
    page = folder / "runs" / "report.html"
    probe = (Path(__file__).parent / "probe.js").read_text()
    page.write_text(page.read_text().replace("</body>", f"<script>{probe}</script></body>"))
    return told(opened(page.as_uri(), "--virtual-time-budget=20000", "--window-size=1400,900"), "seen")


@needs_browser
def test_a_person_uses_the_report(seen):
    assert seen["faults"] == []
    assert "error" not in seen, seen
    assert seen["runs"] == [NAME, "begun", "best", "ünï 🦊\u202e"]
    assert seen["thumbnails"] == [18, 18, 18]
    assert seen["best_first"] == ["best", NAME, "ünï 🦊\u202e", "begun"]
    assert seen["best_last"] == ["ünï 🦊\u202e", NAME, "best", "begun"]
    assert seen["sorted"] == "descending"
    assert seen["filtered"] == [NAME]
    assert (seen["title"], seen["name"]) == (f"{NAME} · gan_zoo", NAME)
    assert seen["newest"] == ["step 120", 18]
    assert seen["one_before"] == ["step 60", "step 60", "step 40", "step 40"]
    assert seen["slid"] == "step 0"
    assert seen["hovered"] == ["step 60", "step 40", "step 40", "discriminator 60generator 120"]
    assert (seen["left"], seen["clicked"]) == ("step 1", "step 60")
    assert seen["end"] == "step 120: discriminator 120, generator –"
    assert seen["curves"] == [False] * 4
    assert seen["marks"] == ["1", "2"]
    assert seen["played"] == ["step 0", "step 120", "step 60"]
    assert (seen["wide"], seen["back"]) == (0, [NAME])
