"""The page: one file that needs nothing else, in which whatever a user writes is text; and where it may be written."""

import json
import re
from pathlib import Path

import pytest

from gan_zoo import pages
from gan_zoo.errors import UserError
from gan_zoo.report import page
from gan_zoo.report.pictures import room
from gan_zoo.report.runs import as_data
from tests.comparison.crafted import craft

MARKUP = "</script><script>alert(1)</script><!-- \u2028 & 'ünï' 🦊 \u202e\""


def _data(html: str) -> dict:
    """What the page's scripts find."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, flags=re.S)
    return json.loads(text)


def test_whatever_a_user_writes_is_text(tmp_path):
    path = craft(tmp_path / "run", record={
        "verdicts": [{"step": 1, "verdict": MARKUP, "evidence": MARKUP, "try": MARKUP}], "device": MARKUP,
        "command": [MARKUP], "versions": {MARKUP: MARKUP}}, measured={MARKUP: {MARKUP: MARKUP}}, data_dir=MARKUP)
    run = as_data(path, MARKUP, room(1)) | {"path": "a half: \ud800"}
    page.write(str(tmp_path / "report.html"), [run], MARKUP)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<(?:/?script|!--|img)[^>]*>", html) == [
        '<script type="application/json" id="data">', "</script>", "<script>", "</script>"]
    data = _data(html)
    assert (data["title"], data["runs"][0]["name"], data["runs"][0]["path"]) == (MARKUP, MARKUP, "a half: ?")
    assert data["runs"][0]["verdicts"][0]["evidence"] == MARKUP
    assert data["runs"][0]["metrics"][0]["settings"] == [f"{MARKUP} {MARKUP}"]


def test_nothing_is_fetched_and_no_text_becomes_markup():
    files = [*page._STYLES, *page._SCRIPTS, page._HERE / "report.html", pages.BASE_STYLE, pages.DOM]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(", text), file
        assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org/2000/svg)", text), file
    assert "default-src 'none'" in (page._HERE / "report.html").read_text()


def test_colours_are_those_of_the_base_and_have_a_dark_form():
    base, own = (path.read_text() for path in (pages.BASE_STYLE, page._HERE / "report.css"))
    light, _, dark = base.partition("prefers-color-scheme: dark")
    colours = set(re.findall(r"(--[\w-]+): #", light))
    assert colours == set(re.findall(r"(--[\w-]+): #", dark)) >= {"--back", "--ink", "--color-6"}
    used = set(re.findall(r"var\((--[\w-]+)\)", base + own))
    assert used <= set(re.findall(r"(--[\w-]+): ", base))
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", own)) == {"#ffffff"}  # behind pictures, which are made for white


def _contrast(one: str, other: str) -> float:
    """Of two colours as #rrggbb (WCAG 2.2)."""
    def luminance(colour: str) -> float:
        parts = [int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055)**2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("form", [0, 1], ids=["light", "dark"])
def test_letters_can_be_read(form):
    style = pages.BASE_STYLE.read_text().split("prefers-color-scheme")[form]
    colours = dict(re.findall(r"(--[\w-]+): (#\w{6});", style))
    pairs = [("ink", "panel"), ("ink", "back"), ("faint", "panel"), ("faint", "back"), ("faint", "sunken"),
             ("accent", "panel"), ("accent", "back"), ("on-accent", "accent"), ("good", "good-ground"),
             ("wait", "wait-ground"), ("bad", "bad-ground")]
    assert {pair: ratio for pair in pairs
            if (ratio := _contrast(colours[f"--{pair[0]}"], colours[f"--{pair[1]}"])) < 4.5} == {}
    lines = [f"--color-{number}" for number in range(1, 7)]
    assert {line for line in lines if _contrast(colours[line], colours["--panel"]) < 3} == set()


def test_an_older_report_is_replaced_and_nothing_else(tmp_path):
    out = tmp_path / "report.html"
    for title in ("one", "two"):
        page.check_out(str(out))
        page.write(str(out), [], title)
    assert _data(out.read_text())["title"] == "two"
    (tmp_path / "mine.html").write_text("<!doctype html><title>mine</title>")
    for name, message in (("mine.html", "is there already, and no report"), ("", "is a folder: name a file in it"),
                          ("no/such/a.html", "there is no folder .*such; create it first")):
        with pytest.raises(UserError, match=f"--out={tmp_path / name}.*{message}"):
            page.check_out(str(tmp_path / name))
    with pytest.raises(UserError, match="is an address and no folder of this machine"):
        page.check_out("gs://bucket/report.html")


def test_a_template_has_a_place_for_each_part(tmp_path):
    (tmp_path / "page.html").write_text("<!-- styles --><!-- data -->")
    with pytest.raises(ValueError, match="has no <!-- scripts -->"):
        pages.page(tmp_path / "page.html", [], [], None)


def test_the_files_of_the_page_are_in_the_package():
    """A wheel has what lies in the package, but for what Git ignores."""
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text().split()
    for file in {*page._STYLES, *page._SCRIPTS, page._HERE / "report.html"}:
        assert file.is_relative_to(Path(pages.__file__).parents[1])
        assert not any(file.match(pattern) or pattern.rstrip("/") in file.parts for pattern in ignored)
