"""Whether two values may stand side by side: what their provenance has to agree in."""

from collections.abc import Mapping
from typing import Any

# What may differ from run to run, and is shown beside a value: step, generator, seeds, and where images came from.
_AGREED = {"samples": "generated images", "real_images": "real images", "features": "feature space",
           "pixel_range": "pixel range", "remark": "remark"}
_UNKNOWN = "not known"


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What makes values of one metric's call unlike, a text each, as "samples: 500 and 1000"; [] if nothing does.

    one, other: the provenance of each, as in metrics.json. What belongs to a run is no difference: the step, what
    generated, the seeds.
    """
    found, other_found = (dict(each.get("fingerprints") or {}) for each in (one, other))
    unlike = [part for part in found | other_found if found.get(part) != other_found.get(part)]
    texts = [_text(f"{part} data", _data(one, other, part), _data(other, one, part)) for part in unlike]
    return texts + [_text(name, one.get(key), other.get(key)) for key, name in _AGREED.items()
                    if one.get(key) != other.get(key)]


def agreed(about: Mapping[str, Any]) -> dict[str, str]:
    """What values have to agree in, and what it is for those of this provenance: "feature space": "raw"."""
    data = {f"{part} data": str(found) for part, found in (about.get("fingerprints") or {}).items()}
    return data | {name: _shown(about.get(key)) for key, name in _AGREED.items()}


def _text(name: str, value: Any, other: Any) -> str:
    return f"{name}: {_shown(value)} and {_shown(other)}"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _data(of: Mapping[str, Any], beside: Mapping[str, Any], part: str) -> str:
    """The data of a part, in as few words as tell them from those beside."""
    if part not in (of.get("fingerprints") or {}):
        return _UNKNOWN
    names = [_name(each, part) for each in (of, beside)]
    if names[0] != names[1]:
        return names[0]
    texts = [str((each.get("data") or {}).get(part)) for each in (of, beside)]
    return texts[0] if texts[0] != texts[1] else f"{texts[0]}, fingerprint {of['fingerprints'][part]}"


def _name(of: Mapping[str, Any], part: str) -> str:
    return f"{of.get('dataset')} {(of.get('splits') or {}).get(part)}"
