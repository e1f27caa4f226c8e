"""The playgrounds of the documentation."""

import re
from pathlib import Path

import pytest

from gan_zoo.shipping.html import renewed
from tests.shipping.browsers import needs_browser, opened

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


@needs_browser
@presets
def test_it_is_within_three_grey_levels_of_its_savedmodel(path):
    seen = opened(path.as_uri() + "#check")
    assert int(re.search(r'data-difference="(\d+)"', seen)[1]) <= 3
