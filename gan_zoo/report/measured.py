"""What was measured of a run: each metric's quantities beside their floors, what real images get."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from gan_zoo.commands.tables import shown
from gan_zoo.comparison.measured import described
from gan_zoo.errors import written
from gan_zoo.evaluation.records import DIFFERENCES, RESULTS, Quantity, quantities
from gan_zoo.report.pictures import Room, all_embedded
from gan_zoo.report.reading import Look


def measured(look: Look, allowed: Room) -> list[dict[str, Any]]:
    """{"call", "about", "remark", "rows": [{"name", "value", "floor", "ratio"}], "settings", "pictures"} each.

    settings: texts of what a metric was told or counted. pictures: as of pictures.embedded, with a name.
    """
    found = []
    for call, record in look.record.measured.items():
        try:
            found.append(_metric(look, call, record, allowed))
        except (KeyError, TypeError, ValueError, AttributeError):
            look.problems.append(f"{look.path / RESULTS}: {call} can't be read: measure it again")
    return found


def _metric(look: Look, call: str, record: Mapping[str, Any], allowed: Room) -> dict[str, Any]:
    provenance = record.get("provenance") or {}
    rows: list[Quantity] = []
    pictures = {}
    for each in quantities(record["results"], record.get(DIFFERENCES, ())):
        if isinstance(each.value, str) and each.value.endswith(".png") and PurePath(each.value).name == each.value:
            pictures[each.name] = look.path / each.value
        elif each.name not in provenance:
            rows.append(each)
    embedded = all_embedded(list(pictures.values()), allowed, look.problems.append)
    step = provenance.get("step")
    about = [described(provenance), f"at step {step:,}" if isinstance(step, int) else "",
             str(provenance.get("generator") or "")]
    return {"call": call, "about": "; ".join(text for text in about if text), "remark": provenance.get("remark"),
            "rows": [_row(each) for each in rows if not _is_setting(each)],
            "settings": [f"{_words(each.name)} {_text(each)}" for each in rows if _is_setting(each)],
            "pictures": [{"name": _words(name), **picture} for name, picture in zip(pictures, embedded, strict=True)
                         if picture]}


def _is_setting(quantity: Quantity) -> bool:
    """Whether it is about the space, or what the metric was told or counted, which has no floor."""
    told = isinstance(quantity.value, (int, str)) and quantity.error is None
    return quantity.floor is None and (told or quantity.name.startswith("features_"))


def _row(quantity: Quantity) -> dict[str, Any]:
    """As texts, null for what there is not."""
    return {"name": _words(quantity.name), "value": _text(quantity),
            "floor": None if quantity.floor is None else _number(quantity.floor),
            "ratio": None if quantity.ratio is None else f"{quantity.ratio:.3g}"}


def _text(quantity: Quantity) -> str:
    value = quantity.value
    if quantity.error is not None:
        return shown(value, quantity.error)
    return _number(value) if isinstance(value, (int, float, str)) else written(value)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 10_000 else shown(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
