"""The playgrounds of the documentation."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from gan_zoo.shipping.html import renewed
from tests.browsers import needs_browser, opened, told

FOLDER = Path(__file__).parents[2] / "docs" / "playground"
PRESETS = sorted(FOLDER.glob("*.html"))
presets = pytest.mark.parametrize("path", PRESETS, ids=[path.stem for path in PRESETS])


def test_there_are_two_and_their_page_names_them():
    assert len(PRESETS) == 2
    text = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"({path.name})" in text for path in PRESETS)


@presets
def test_it_is_small_and_of_todays_page(path):
    """If not: path.write_text(renewed(path.read_text()))."""
    assert path.stat().st_size <= 1.5e6
    text = path.read_text("utf-8")
    assert renewed(text) == text


STATE = {"seed": 5, "tile": 3, "label": None, "codes": {}, "pad": [0, 0], "ways": 1, "axes": "noise", "a": None,
         "b": None, "between": None}


@needs_browser
def test_a_link_keeps_the_state_and_keys_do_what_they_say(tmp_path):
    page = tmp_path / "page.html"
    probe = (Path(__file__).parent / "probe.js").read_text()
    text = (FOLDER / "conditional_mnist.html").read_text("utf-8")
    page.write_text(text.replace("</body>", f"<script>{probe}</script></body>"))
    seen = told(opened(f"{page.as_uri()}#{quote(json.dumps(STATE))}"), "seen")
    assert seen == {"seed": 5, "tile": 3, "label": 7, "pressed": "7", "moved": 12, "pad": [0, 0.1],
                    "back": [[0, 0], False], "anew": True, "middle": True, "within": True, "link": True}


@needs_browser
@presets
def test_it_is_within_three_grey_levels_of_its_savedmodel(path):
    seen = opened(path.as_uri() + "#check")
    assert int(re.search(r'data-difference="(\d+)"', seen)[1]) <= 3
