"""What MkDocs does beside Markdown (mkdocs.yml): formulas without scripts, and links to files beside docs/."""

import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}  # of the root → where in the site
_LINK = re.compile(r"\[([^]]*)\]\(\.\./([^)#\s]+)(#[^)\s]*)?\)")
_MATH_BLOCK = re.compile(r"^```math\n(.*?)^```$", flags=re.M | re.S)
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
    """Links to files beside docs/ go to the repository, if mkdocs.yml names one; else only their text stays."""
    def link(found: re.Match) -> str:
        text, path, anchor = found[1], found[2], found[3] or ""
        if path in PAGES:
            return f"[{text}]({PAGES[path]}{anchor})"
        if not (ROOT / path).exists():
            return found[0]  # MkDocs warns of it
        return f"[{text}]({config.repo_url.rstrip('/')}/blob/HEAD/{path}{anchor})" if config.repo_url else text

    return _MATH_BLOCK.sub(lambda block: f"$$\n{block[1]}$$", _LINK.sub(link, markdown))


def on_page_content(html, page, config, files):
    """Formulas as MathML, which every browser draws by itself."""
    return _FORMULA.sub(lambda found: _formula(found[2].strip()), html)


def _formula(wrapped: str) -> str:
    """From \\(…\\) within a line, or \\[…\\]; characters that HTML escapes are as in LaTeX again."""
    latex = wrapped[2:-2].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").strip()
    if wrapped.startswith("\\["):
        return f'<div class="formula">{convert(latex, display="block")}</div>'
    return convert(latex)
