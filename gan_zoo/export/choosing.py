"""The class and the codes that are asked of an export: checked against what it says of itself, and set in points.

latent: read_metadata(path)["latent"]. A block: its "label" or an entry of its "codes"; it begins at column `offset`
of a point and is one-hot if it has as many numbers, `size`, as `values`.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from gan_zoo.errors import UserError, nearest

EACH = "each"
_LARGEST = float(np.finfo(np.float32).max)


def read_codes(text: str) -> dict[str, str]:
    """What --codes gives, by name: 'c1=3, c2=-1.5' → {"c1": "3", "c2": "-1.5"}."""
    found = {}
    for entry in text.split(","):
        name, _, value = (part.strip() for part in entry.partition("="))
        if not name or not value:
            raise UserError(f"--codes={text}: write NAME=VALUE, …, as in --codes='c1=3, c2=-1.5'")
        if name in found:
            raise UserError(f"--codes={text}: {name} is given twice, give it one value")
        found[name] = value
    return found


def chosen(latent: dict, label: str | None, codes: Mapping[str, str]) -> list[tuple[dict, float]]:
    """The blocks that --label and --codes set for all images, each with its value; EACH sets none.

    Raises UserError for what the export doesn't have.
    """
    if label is not None and not latent.get("label"):
        raise UserError(f"--label={label} cannot be chosen: this export has no labels; leave --label out")
    known = {code["name"]: code for code in latent.get("codes", [])}
    if codes and not known:
        hint = "its classes are chosen with --label" if latent.get("label") else "leave --codes out"
        raise UserError(f"--codes cannot be set: this export's latent has none; {hint}")
    for name in codes:
        if name not in known:
            raise UserError(f"--codes: unknown code {name!r}: {nearest(name, known)}")
    found = [(known[name], _value(known[name], text)) for name, text in codes.items()]
    if label not in (None, EACH):
        found.append((latent["label"], _class_number(latent["label"], label)))
    return found


def _value(code: dict, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value in range(code["values"]) if code["discrete"] else abs(value) <= _LARGEST:
        return value
    wanted = f"a whole number from 0 to {code['values'] - 1}" if code["discrete"] else "a finite number"
    raise UserError(f"--codes: {code['name']} must be {wanted}, got {text!r}")


def _class_number(label: dict, text: str) -> int:
    """A name goes before a number, as in --classes."""
    classes, names = label["classes"], label["class_names"]
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    number = names.index(text) if text in names else number
    if number in classes:
        return number
    named = names and names != [str(number) for number in range(label["values"])]
    run = len(classes) > 1 and classes[-1] - classes[0] == len(classes) - 1
    numbers = f"{classes[0]} to {classes[-1]}" if run else f"one of {', '.join(map(str, classes))}"
    ways = f"the name of a class that was trained on, or its number, {numbers}" if named else numbers
    hint = f"; {nearest(text, [names[number] for number in classes])}" if named else ""
    raise UserError(f"--label must be {ways}, or {EACH}, got {text!r}{hint}")


def place(points: np.ndarray, block: dict, values) -> np.ndarray:
    """Points [..., Z] with a block set to `values`, one number or any that go with [...]; all else as it is."""
    points, values = np.array(points), np.asarray(values)
    columns = slice(block["offset"], block["offset"] + block["size"])
    one_hot = block["size"] == block["values"]
    points[..., columns] = np.eye(block["size"])[values.astype(int)] if one_hot else values[..., np.newaxis]
    return points


def in_each_class(rows: np.ndarray, label: dict) -> np.ndarray:
    """Rows of points [R, C, Z] → [R K, C, Z]: every row in each of the K classes that were trained on, in turn."""
    classes = np.tile(label["classes"], len(rows))
    return place(rows.repeat(len(label["classes"]), axis=0), label, classes[:, np.newaxis])


def held(latent: dict, chosen: Sequence[tuple[dict, float]]) -> np.ndarray:
    """Which numbers of a point an interpolation leaves alone, bool [Z]: those of discrete blocks and of chosen ones."""
    blocks = [block for block, _ in chosen] + [code for code in latent.get("codes", []) if code["discrete"]]
    blocks += [latent["label"]] if latent.get("label") else []
    found = np.zeros(latent["size"], bool)
    for block in blocks:
        found[block["offset"]:block["offset"] + block["size"]] = True
    return found
