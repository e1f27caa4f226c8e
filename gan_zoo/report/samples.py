"""Samples over time: the grids of the fixed noise and of each code, and real images."""

import json
import re
from pathlib import Path
from typing import Any

from gan_zoo.report.pictures import Room, all_embedded, thinned
from gan_zoo.report.reading import Look

_GRID = re.compile(r"(?:traversal_(?P<code>.+)_)?step_(?P<step>[0-9]{1,18})\.png")
_MOST_NAMES = 20  # of classes in a caption


def views(look: Look, allowed: Room) -> list[dict[str, Any]]:
    """What there is to be seen, samples first: {"name", "caption", "of", "frames": [{"step", "source", …}]}.

    of: how many grids there are, of which the frames are some.
    """
    grids = _grids(look.path / "samples")
    codes = len(grids) - ("" in grids)
    found = []
    for code, by_step in sorted(grids.items()):
        most = allowed.frames if not code else max(1, allowed.frames // (2 * codes))
        steps = thinned(sorted(by_step), most)
        pictures = all_embedded([by_step[step] for step in steps], allowed, look.problems.append)
        frames = [{"step": step, **picture} for step, picture in zip(steps, pictures, strict=True) if picture]
        if frames:
            caption = (f"The code {code} goes through its values, all else held." if code else _caption(look))
            found.append({"name": f"code {code}" if code else "samples", "caption": caption, "of": len(by_step),
                          "frames": frames})
    return found + _real(look, allowed)


def _real(look: Look, allowed: Room) -> list[dict[str, Any]]:
    path = look.path / "real.png"
    picture = all_embedded([path], allowed, look.problems.append)[0] if path.is_file() else None
    return [{"name": "real", "caption": "Real data, what samples are to look like.", "of": 1,
             "frames": [{"step": None, **picture}]}] if picture else []


def _grids(folder: Path) -> dict[str, dict[int, Path]]:
    """The grids by code, "" for samples, and step."""
    found: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if match := _GRID.fullmatch(path.name):
            found.setdefault(match["code"] or "", {})[int(match["step"])] = path
    return found


def _caption(look: Look) -> str:
    if not look.record.flags.get("conditional"):
        return "The same noise, decoded along the way."
    names = _class_names(look.path)
    rows = f": {', '.join(names[:_MOST_NAMES])}{', …' if len(names) > _MOST_NAMES else ''}" if names else ""
    return f"A class a row{rows}. The same noise down every column, decoded along the way."


def _class_names(path: Path) -> list[str]:
    """Of the classes that were trained, as the export has them; [] if there is none yet."""
    try:
        about = json.loads((path / "export" / "assets.extra" / "gan_zoo.json").read_text(encoding="utf-8"))
        label = about["latent"]["label"]
        return [str(label["class_names"][number]) for number in label["classes"]] if label["class_names"] else []
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return []
