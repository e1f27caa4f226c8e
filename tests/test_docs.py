"""The pages of docs/ as wholes: what they say of registered things, the site's list of them, links in the root."""

import re
import tomllib

import numpy as np
import pytest

from docs import generate
from gan_zoo import augmentation, data, latents, metrics, models, objectives, schedules
from gan_zoo.objectives.f_divergence import divergences
from gan_zoo.training.averaging import averages
from tests.documents import DOCUMENTS, ROOT, anchors, links, spans
from tests.test_imports import LAYERS

DOCS = ROOT / "docs"
OF_THE_ROOT = [ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
NAMED_ON = {"models": (models.models, "models.md"), "objectives": (objectives.objectives, "objectives.md"),
            "divergences": (divergences, "objectives.md"), "datasets": (data.datasets, "data.md"),
            "metrics": (metrics.metrics, "measuring.md"), "latents": (latents.latents, "codes.md"),
            "augmentations": (augmentation.augmentations, "training.md"),
            "schedules": (schedules.schedules, "training.md"), "averages": (averages, "training.md")}


@pytest.mark.parametrize("kind", NAMED_ON)
def test_everything_that_is_registered_is_named_on_its_page(kind):
    registry, page = NAMED_ON[kind]
    code = " ".join(re.findall(r"```.*?```|`[^`]+`", (DOCS / page).read_text(), flags=re.S))
    assert [name for name in registry if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("page", generate.PAGES, ids=lambda path: path.name)
def test_a_page_says_what_the_code_says(page):
    """If not: python -m docs.generate."""
    assert generate.render(page.read_text()) == page.read_text()


def test_a_block_is_made_from_the_code():
    made = generate.render("<!-- objective: least_squares -->\nold\n<!-- end -->\nafter")
    assert "least_squares(a=0.0, b=1.0, c=1.0, scale=0.5)" in made
    assert "**scale**: the factor before the squares" in made
    assert "old" not in made
    assert made.endswith("<!-- end -->\nafter")


def test_losses_of_equal_images_are_those_of_the_table():
    """At the best discriminator's score, 0 or, between the targets of least squares, 1/2."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", (DOCS / "objectives.md").read_text(), flags=re.M)
    scores = {"non_saturating": 0.0, "minimax": 0.0, "least_squares": 0.5, "hinge": 0.0, "wasserstein": 0.0}
    said = {name: cells for name, *cells in rows if name in scores}
    assert said.keys() == scores.keys()
    for name, score in scores.items():
        game, at = objectives.build(name), np.float32([[score]])
        for text, loss in zip(said[name], (game.discriminator(at, at), game.generator(at)), strict=True):
            if not text.startswith("the mean score"):
                assert float(loss[0, 0]) == pytest.approx(_number(text), abs=1e-3), name


def _number(text: str) -> float:
    """As "2 log 2 = 1.386", "−0.5" or "1/4"."""
    over, _, under = text.rpartition("=")[2].strip().replace("−", "-").partition("/")
    return float(over) / float(under or 1)


def test_the_page_of_the_design_has_every_part():
    named = " ".join(spans(DOCS / "architecture.md")).split()
    doors = {"sample", "evaluate", "compare", "doctor"}  # "the doors of single commands"
    assert [part for row in LAYERS for part in sorted(row - doors) if part not in named] == []


def test_the_site_has_every_page():
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    listed = re.findall(r": (\w+\.md)$", nav, flags=re.M)
    here = {path.name for path in DOCS.glob("*.md")}
    assert set(listed) - {"contributing.md", "changelog.md"} == here  # these two are made of the root's
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("document", OF_THE_ROOT, ids=lambda path: path.name)
def test_links_of_the_root_lead_somewhere(document):
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = ROOT / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_picture_is_told_in_words(document):
    assert "![](" not in document.read_text()


@pytest.mark.parametrize("document", [*DOCUMENTS, *OF_THE_ROOT], ids=lambda path: path.name)
def test_a_paper_is_linked_by_its_number(document):
    for text, number in re.findall(r"\[([^]]*)\]\(https?://arxiv\.org/abs/([^)]*)\)", document.read_text()):
        assert re.fullmatch(r"\d{4}\.\d{4,5}", number)
        said = re.search(r"\d{4}\.\d{4,5}", text)
        assert said is None or said[0] == number, text


def test_the_changelog_has_the_version():
    version = re.search(r'__version__ = "(.*)"', (ROOT / "gan_zoo" / "__init__.py").read_text())[1]
    assert re.search(rf"^## \[?{re.escape(version)}\]?", (ROOT / "CHANGELOG.md").read_text(), flags=re.M)
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text()


def test_the_site_needs_its_own_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any(requirement.startswith("mkdocs-material") for requirement in extras["docs"])
