"""What MkDocs does beside Markdown (mkdocs.yml): formulas without scripts, and links to files beside docs/."""

import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}  # of the root → where in the site
_NAMED = re.compile(r"\[(\w+\.md)\]\((\w+\.md)((?:#[^)\s]*)?)\)")
_LINK = re.compile(r"\[([^]]*)\]\(\.\./([^)#\s]+)(#[^)\s]*)?\)")
_MATH_BLOCK = re.compile(r"^```math\n(.*?)^```$", flags=re.M | re.S)
_FUNCTION = re.compile(r"<mi>(log|max|tanh|sign)</mi>(?=(<mo[^>]*>&#x00028;)?)")
_FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', flags=re.S)


def on_files(files, config):
    """Adds the pages that GitHub wants in the root."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=re.sub(r"\]\(docs/", "](", _outward(text))))
    return files


def _outward(text: str) -> str:
    """Links of a page in the root as those of a page in docs/."""
    return re.sub(r"\]\((?!docs/|\w+:|#)([^)\s]+)\)", r"](../\1)", text)


def on_page_markdown(markdown, page, config, files):
    """Links to files beside docs/ go to the repository, if mkdocs.yml names one; else only their text stays.

    Links to pages are called what the pages are called, and no longer by the names of their files.
    """
    titles = _titles(config.nav)
    def link(found: re.Match) -> str:
        text, path, anchor = found[1], found[2], found[3] or ""
        if path in PAGES:
            return f"[{text}]({PAGES[path]}{anchor})"
        if not (ROOT / path).exists():
            return found[0]  # MkDocs warns of it
        return f"[{text}]({config.repo_url.rstrip('/')}/blob/HEAD/{path}{anchor})" if config.repo_url else text

    markdown = _NAMED.sub(lambda found: f"[{titles.get(found[1], found[1])}]({found[2]}{found[3]})", markdown)
    return _MATH_BLOCK.sub(lambda block: f"$$\n{block[1]}$$", _LINK.sub(link, markdown))


def _titles(nav: list) -> dict[str, str]:
    """Page → what the list of pages calls it."""
    found = {}
    for entry in nav:
        for title, target in entry.items():
            found |= _titles(target) if isinstance(target, list) else {target: title}
    return found


def on_page_content(html, page, config, files):
    """Formulas as MathML, which every browser draws by itself."""
    return _FORMULA.sub(lambda found: _formula(found[2].strip()), html)


def _formula(wrapped: str) -> str:
    """From \\(…\\) within a line, or \\[…\\]; characters that HTML escapes are as in LaTeX again."""
    latex = wrapped[2:-2].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").strip()
    block = wrapped.startswith("\\[")
    made = _FUNCTION.sub(_with_space, convert(latex, display="block" if block else "inline"))
    return f'<div class="formula">{made}</div>' if block else made


def _with_space(found: re.Match) -> str:
    """The name of a function as an operator, which has a space on either side, but none before a bracket."""
    return f'<mo lspace=".17em" rspace="{0 if found[2] else .17}em" form="infix">{found[1]}</mo>'
