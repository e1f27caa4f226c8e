"""A new run from given weights: those of another run, of one of its checkpoints, or of an export."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

from gan_zoo.errors import UserError, one_line
from gan_zoo.export.saved_model import read_metadata
from gan_zoo.training.checkpoints import DAMAGED, Checkpoints
from gan_zoo.training.run_directory import Tie, recorded
from gan_zoo.training.trainer import Trainer

_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_TRACKED = "tracked"  # where an export holds its variables
_ESSENTIAL = ("generator", "body")


class Given(NamedTuple):
    """Weights by network and name. about: where they are from, for run.json."""

    weights: dict[str, dict[str, np.ndarray]]
    about: dict[str, Any]


def begin_from(trainer: Trainer, source: str) -> tuple[dict[str, Any], list[str]]:
    """Gives the networks of `trainer` the weights of `source`: (what run.json says of it, notes for a person).

    Generator and body must be as they are there, by the names and shapes of their variables; a head that is not there,
    as under another objective, begins anew. Optimizers begin anew. A moving average begins at the average that is
    there, or at the generator. UserError, naming the variable, for networks that differ.
    """
    flag = f"--init_from={source}"
    networks = {"generator": trainer.gan.generator, "body": trainer.gan.body, **trainer.gan.heads}
    try:
        given = _read(Path(source), networks)
    except DAMAGED as error:
        raise UserError(f"{flag} can't be read: {one_line(error, most=200)}") from None
    except UserError as error:
        raise UserError(f"{flag}: {error}") from None
    notes = []
    for name, network in networks.items():
        found = given.weights.get(name, {})
        difference = _difference(network, found)
        if difference and name in _ESSENTIAL:
            raise UserError(f"{flag} has other networks than --model={trainer.plan.experiment.model}: {name} "
                            f"{difference}: give the same --model, --latent and size of images")
        if difference:
            notes.append(f"the discriminator's head {name} begins anew: it is not in {source}")
        else:
            _assign(network, found)
    if trainer.average:
        average = given.weights.get("average", {})
        _assign(trainer.average.network, average if not _difference(trainer.average.network, average)
                else given.weights["generator"])
    return {**given.about, "path": source}, notes


def _read(source: Path, networks: Mapping[str, keras.Model]) -> Given:
    if (source / "run.json").is_file():
        return _of_checkpoint(source / "checkpoints", None)
    if (source / "step.json").is_file():
        return _of_checkpoint(source.parent, source)
    if (source / "saved_model.pb").is_file():
        return _of_export(source, networks)
    raise UserError("no run, checkpoint or export is there: name a folder such as runs/NAME, "
                    "runs/NAME/checkpoints/step_00000500 or runs/NAME/export")


def _of_checkpoint(folder: Path, chosen: Path | None) -> Given:
    """A checkpoint, or the newest of a folder that is whole."""
    checkpoints = Checkpoints(folder, tie=Tie.of(recorded(folder.parent)))
    for path in [chosen] if chosen else reversed(checkpoints.paths()):
        try:
            step = checkpoints.verify(path)
        except DAMAGED:
            if chosen:
                raise
            continue
        reader = tf.train.load_checkpoint(str(path / "state"))
        graph = _graph(reader)
        children = {child.local_name: child.node_id for child in graph.nodes[0].children}
        weights = {name: {full: value for full, key in _variables(graph, node)
                          if np.issubdtype((value := reader.get_tensor(key)).dtype, np.floating)}
                   for name, node in children.items() if not name.endswith("_optimizer")}
        return Given(weights, {"step": step, "run": recorded(folder.parent).get("id")})
    raise UserError(f"{folder} holds no checkpoint that can be read")


def _of_export(path: Path, networks: Mapping[str, keras.Model]) -> Given:
    """An export holds the variables of one network after the other."""
    reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
    graph = _graph(reader)
    tracked = next(child.node_id for child in graph.nodes[0].children if child.local_name == _TRACKED)
    in_order = sorted(graph.nodes[tracked].children, key=lambda child: int(child.local_name))
    named = (next(_variables(graph, child.node_id)) for child in in_order)
    values = ((name, reader.get_tensor(key)) for name, key in named)
    floats = ((name, value) for name, value in values if np.issubdtype(value.dtype, np.floating))
    weights = {name: dict(itertools.islice(floats, len(_own(network)))) for name, network in networks.items()}
    return Given(weights, {"step": read_metadata(str(path)).metadata.get("step")})


def _graph(reader) -> TrackableObjectGraph:
    graph = TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(_GRAPH))
    return graph


def _variables(graph: TrackableObjectGraph, start: int) -> Iterator[tuple[str, str]]:
    """(name, key) of every variable that is reached from a node."""
    seen, rest = {start}, [start]
    while rest:
        node = graph.nodes[rest.pop()]
        yield from ((attribute.full_name, attribute.checkpoint_key) for attribute in node.attributes)
        new = [child.node_id for child in node.children if child.node_id not in seen]
        seen.update(new)
        rest += new


def _own(network: keras.Model) -> dict[str, keras.Variable]:
    """The weights by name, without the states of what draws dropout, which every round sets anew."""
    return {variable.path: variable for variable in network.variables if variable.dtype.startswith(("float", "bfloat"))}


def _difference(network: keras.Model, found: Mapping[str, np.ndarray]) -> str:
    """What tells a network from another's weights, "" if nothing does."""
    own = _own(network)
    for name, variable in own.items():
        if name not in found:
            return f"has no {name} there"
        if found[name].shape != tuple(variable.shape):
            return f"has {name} of shape {list(found[name].shape)} there, and {list(variable.shape)} here"
    more = sorted(found.keys() - own.keys())
    return f"has {more[0]} there, and not here" if more else ""


def _assign(network: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    for name, variable in _own(network).items():
        variable.assign(weights[name])
