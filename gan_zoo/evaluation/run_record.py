"""run.json, in which a run says what it is and how far it came: read, and found damaged where it is."""

import json
from pathlib import Path
from typing import Any

from gan_zoo.errors import UserError, written
from gan_zoo.experiment import Experiment, check_value

RECORD = "run.json"
_CHECK = {"step": int, "*": float}  # a step, and statistics by name
# key → the type of its value, or those of the values in it; what isn't said may be null or missing
_SHAPE = {"format": int, "flags": {}, "status": str, "git_revision": str, "data": str, "device": str, "reason": str,
          "data_fingerprint": str, "id": str, "id_since": int, "rollbacks": [{"at": int, "to": int, "factor": float}],
          "step": int, "exported_step": int, "export_checksum": str, "seconds_training": float, "verdict": str,
          "verdicts": [{"step": int, "verdict": str, "evidence": str, "try": str}],
          "evaluation": {"best": _CHECK, "last": _CHECK}}
_WORDS = {int: "a whole number", float: "a number", str: "a text"}


class UnreadableError(UserError):
    """A run.json that may be as it should, but can't be read now."""


def read_run_record(folder: str | Path) -> dict[str, Any]:
    """What run.json in the folder of a run says.

    Raises UserError, which begins with its path, if that can't be read, and for what can't be: a value of another
    type, or of a flag that this version knows.
    """
    path = Path(folder) / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise UnreadableError(f"{path} can't be read: {error.strerror}. Nothing is lost: mend that, then go on by the "
                              "same command") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} can't be read ({type(error).__name__}: {error})") from None
    try:
        _check("run.json", record, _SHAPE)
        flags = record.get("flags")
        for name in (flags or {}).keys() & Experiment.__dataclass_fields__.keys():
            check_value(name, flags[name])
    except UserError as error:
        raise UserError(f"{path} is damaged: {error}") from None
    if flags is None:
        raise UserError(f"{path} is damaged: it has no flags")
    return record


def _check(name: str, value: Any, shape: Any) -> None:
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise UserError(f"{name} must be a list, got {written(value)}")
        for each in value:
            _check(f"one of {name}", each, shape[0])
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            raise UserError(f"{name} must be an object, got {written(value)}")
        for key, each in value.items():
            wanted = shape.get(key, shape.get("*"))
            if wanted is not None and each is not None:
                _check(key, each, wanted)
    elif not isinstance(value, (int, float) if shape is float else shape) or isinstance(value, bool):
        raise UserError(f"{name} must be {_WORDS[shape]}, got {written(value)}")
