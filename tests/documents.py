"""What README.md and docs/ show: their commands, programs, tables and links."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.M | re.S)
_OPEN = ("…", "NAME", "FILE", " | ")  # a command that holds one of these is a pattern, to be completed


def prose(document: Path) -> str:
    """Without its blocks of code."""
    return _BLOCK.sub("", document.read_text())


def programs(document: Path) -> list[str]:
    """Its blocks of Python."""
    return [text for language, text in _BLOCK.findall(document.read_text()) if language == "python"]


def spans(document: Path) -> list[str]:
    """Its code within lines, of which one may begin in one line and end in the next."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(document))]


def commands(document: Path) -> list[str]:
    """What begins with python or gan-zoo, in blocks without a language and in code within lines."""
    blocks = "\n".join(text for language, text in _BLOCK.findall(document.read_text()) if not language)
    lines = [line.split("  #")[0] for line in blocks.replace("\\\n", " ").splitlines()]
    found = [command.strip() for line in [*lines, *spans(document)] for command in line.split("&&")]
    return [command for command in found if command.startswith(("python ", "gan-zoo "))
            and not any(mark in command for mark in _OPEN)]


def cells(document: Path) -> list[str]:
    """The cells of its tables as shown: of links the text, of pictures nothing."""
    rows = [line for line in prose(document).splitlines() if line.startswith("|")]
    shown = [re.sub(r"!\[[^]]*\]\([^)]*\)", "", row) for row in rows]
    shown = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", row).replace("`", "").replace("**", "") for row in shown]
    return [cell.strip() for row in shown for cell in row.strip("|").split("|")]


def links(document: Path) -> list[str]:
    """Where its links and pictures go, those within the repository."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)) if "://" not in link]


def anchors(document: Path) -> set[str]:
    """What a link may say after #: the headings in lower case, words joined by hyphens."""
    headings = re.findall(r"^#+ (.*)$", prose(document), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
