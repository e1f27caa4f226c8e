"""Pages that need nothing but themselves: a template with its styles, scripts and data put in, for any browser.

base.css has the colours and the look of all pages, light and dark; dom.js builds elements of text, never of markup.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BASE_STYLE, DOM = HERE / "base.css", HERE / "dom.js"
# What could end the element that the data stand in, or a line of JavaScript.
_ESCAPED = {letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def page(template: Path, styles: Sequence[Path], scripts: Sequence[Path], data: Any) -> str:
    """The HTML of a template that has the comments <!-- styles -->, <!-- data --> and <!-- scripts -->, each once.

    data: JSON values, which the scripts find as text in the element of the id "data"; numbers that are not finite
    become null.
    """
    parts = {"styles": f"<style>\n{_joined(styles)}</style>", "scripts": f"<script>\n{_joined(scripts)}</script>",
             "data": f'<script type="application/json" id="data">{as_json(data)}</script>'}
    html = template.read_text(encoding="utf-8")
    for name, part in parts.items():
        before, mark, after = html.partition(f"<!-- {name} -->")
        if not mark:
            raise ValueError(f"{template} has no <!-- {name} -->")
        html = before + part + after
    return html


def as_json(data: Any) -> str:
    """JSON that may stand within an element of HTML."""
    text = json.dumps(_plain(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "".join(_ESCAPED.get(letter, letter) for letter in text) if any(c in text for c in _ESCAPED) else text


def _plain(value: Any) -> Any:
    """The same without what JSON or UTF-8 can't say: numbers that are not finite, halves of surrogates."""
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value


def _joined(files: Sequence[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
