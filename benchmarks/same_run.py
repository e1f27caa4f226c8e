"""What a complete run holds, and in what two of them differ: all but clocks and places."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_CLOCKS = {"seconds", "speed/images_per_s", "epoch/seconds", "flags"}  # series and tags of times and of the folder
_OF_CHECKS = ("seconds_session", "share")  # likewise, in run.json's "evaluation"
_RECORDED = ("status", "step", "exported_step", "reason", "verdict", "verdicts", "evaluation", "data_fingerprint")


def contents(run: Path) -> dict[str, Any]:
    """By name: every tensor of the newest checkpoint and of the export, every series, picture, point and file name.

    The step of the best check and its weights are among the judged series. Raises what reading raises.
    """
    newest = newest_checkpoint(run)
    if newest is None:
        raise FileNotFoundError(f"{run} holds no checkpoint")
    found: dict[str, Any] = {"checkpoint": newest.name}
    found |= {f"weights {name}": value for name, value in tensors(newest / "state").items()}
    for file in ("history", "judged"):
        if (newest / f"{file}.npz").exists():
            found |= {f"{file} {name}": value for name, value in series(newest / f"{file}.npz").items()}
    found |= {f"export {name}": value for name, value in tensors(run / "export" / "variables" / "variables").items()}
    found |= {f"run.json {name}": value for name, value in recorded(run).items()}
    found |= {f"picture {path.relative_to(run)}": path.read_bytes() for path in run.rglob("*.png")
              if path.name != "curves.png"}
    found |= {f"TensorBoard {tag}, step {step}": values for (tag, step), values in points(run).items()}
    found["epochs.csv"] = epochs(run / "epochs.csv")
    return found | {"files": files(run), "checkpoints kept": len(list((run / "checkpoints").iterdir()))}


def newest_checkpoint(run: Path) -> Path | None:
    """The folder of the newest whole checkpoint."""
    whole = [path for path in (run / "checkpoints").glob("step_*") if path.name.removeprefix("step_").isdigit()]
    return max(whole, key=lambda path: int(path.name.removeprefix("step_")), default=None)


def files(run: Path) -> list[str]:
    """The files but events and older checkpoints, whose steps depend on where a run was interrupted."""
    newest = newest_checkpoint(run)
    return sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()
                  and "tfevents" not in path.name
                  and (run / "checkpoints" not in path.parents or newest in path.parents))


def tensors(bundle: Path) -> dict[str, np.ndarray]:
    """Every tensor of TensorFlow's files but the graph of their objects, which has no order."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(bundle))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
            if name != "_CHECKPOINTABLE_OBJECT_GRAPH"}


def series(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a checkpoint, without those that only tie it to its run."""
    with np.load(file) as arrays:
        return {name: arrays[name] for name in arrays if name not in _CLOCKS and arrays[name].dtype.kind in "fiub"}


def recorded(run: Path) -> dict[str, Any]:
    """What run.json says of what was trained."""
    record = json.loads((run / "run.json").read_text())
    found = {name: record[name] for name in _RECORDED if name in record}
    if "evaluation" in found:
        found["evaluation"] = {name: value for name, value in found["evaluation"].items() if name not in _OF_CHECKS}
    return found


def points(run: Path) -> dict[tuple[str, int], list[bytes]]:
    """What TensorBoard shows by (tag, step), all that is written for it: several where a point was written twice.

    As in TensorBoard, a session that starts at a step takes away what older files hold from that step on.
    """
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.compat.proto.event_pb2 import SessionLog

    found: dict[tuple[str, int], list[bytes]] = {}
    for file in sorted(path for path in run.rglob("*tfevents*") if path.is_file()):
        for event in EventFileLoader(str(file)).Load():
            if event.HasField("session_log") and event.session_log.status == SessionLog.START:
                found = {(tag, step): values for (tag, step), values in found.items() if step < event.step}
            for value in event.summary.value:
                if value.tag not in _CLOCKS:
                    found.setdefault((value.tag, event.step), []).append(value.tensor.SerializeToString())
    return found


def epochs(file: Path) -> list[dict[str, str]]:
    """The rows of a table of epochs without their seconds; [] if there is none."""
    if not file.exists():
        return []
    with file.open(newline="") as table:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(table)]


def differences(whole: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """A line for each entry that is not the same, bit by bit."""
    lines = []
    for name in [*whole, *(name for name in other if name not in whole)]:
        if name not in other or name not in whole:
            lines.append(f"{name}: {'missing' if name not in other else 'not in the undisturbed run'}")
        elif not _same(whole[name], other[name]):
            lines.append(f"{name}: {_how(whole[name], other[name])}")
    return lines


def kinds(lines: list[str]) -> Counter[str]:
    """How many differences there are of weights, history, export, …: by the first word."""
    return Counter(line.partition(" ")[0].rstrip(":") for line in lines)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (isinstance(other, np.ndarray) and one.dtype == other.dtype and one.shape == other.shape
                and one.tobytes() == other.tobytes())
    return bool(one == other)


def _how(one: Any, other: Any) -> str:
    if isinstance(one, np.ndarray):
        if one.shape != other.shape:
            return f"{list(one.shape)} and {list(other.shape)}"
        return f"{int(np.sum(one != other))} of {one.size} values differ"
    if isinstance(one, list) and one and isinstance(one[0], bytes):
        return f"{len(one)} and {len(other)} points" if len(one) != len(other) else "another value"
    if isinstance(one, list) and one and isinstance(one[0], str):
        return f"missing {sorted(set(one) - set(other))}, more {sorted(set(other) - set(one))}"
    if isinstance(one, bytes):
        return "other bytes"
    return f"{str(one)[:200]} and {str(other)[:200]}"
