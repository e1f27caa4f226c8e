"""What pyproject.toml asks for, for the workflows.

    requirements.py docs                        # the requirements of an extra, one a line; "" is the package's own
    requirements.py --newest "" test            # the same without upper bounds
    requirements.py --changed OLD NEW           # a table in Markdown of what differs between two `pip freeze`
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def requirements(extras: list[str], project: dict | None = None) -> list[str]:
    """Those of the extras, in their order; where an extra names extras of the package itself, what these hold."""
    project = project or tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    found = []
    for extra in extras:
        for line in project["optional-dependencies"][extra] if extra else project["dependencies"]:
            own = re.fullmatch(re.escape(project["name"]) + r"\[([\w, -]+)\]", line)
            found += requirements([name.strip() for name in own[1].split(",")], project) if own else [line]
    return found


def newest(requirement: str) -> str:
    """A requirement without its upper bounds: "numpy>=2.3,<3" → "numpy>=2.3"."""
    wanted, mark, where = requirement.partition(";")
    return re.sub(r",?\s*(<=?|==|~=|!=)[^,]+", "", wanted) + mark + where


def changed(old: str, new: str) -> list[str]:
    """A table of the packages that differ between two texts of `pip freeze`."""
    before, after = ({name.lower(): version for name, _, version in (line.partition("==") for line in text.split())}
                     for text in (old, new))
    rows = [f"| {name} | {before.get(name, '–')} | {after.get(name, '–')} |"
            for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if not rows:
        return ["The newest versions are those that users get."]
    return ["| package | within our bounds | newest |", "|---|---|---|", *rows]


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--changed"]:
        print("\n".join(changed(*(Path(path).read_text(encoding="utf-8") for path in arguments[1:]))))
    elif arguments[:1] == ["--newest"]:
        print("\n".join(map(newest, requirements(arguments[1:]))))
    else:
        print("\n".join(requirements(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
