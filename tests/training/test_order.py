"""In the graph that is executed every update of a variable waits for the reads that came before it.

Without that order a parallel executor now and then lets a move see weights of the next one.
"""

import pytest
from tensorflow.python.eager import context

from gan_zoo.experiment import Experiment
from gan_zoo.training.trainer import Trainer
from tests import helpers

WRITES = ("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "ResourceApplyAdam")
POINTS = {"dataset": "mixture_1d", "model": "gaussian_1d(widths=(8, 8))", "latent": "normal(1)"}
DIGITS = {"dataset": "digits", "image_size": 8}
# Losses under which a gradient of the critic needs no score of a real example; and vectors that every move writes.
GAMES = {
    "kl": {"objective": 'f_divergence("kl", generator="saddle_point")', **POINTS},
    "wasserstein": {"objective": "wasserstein", **POINTS},
    "codes": {"objective": "wasserstein + mutual_information", **DIGITS, "model": "infogan(width=0.1)",
              "latent": "noise(4) + categorical(3)"},
    "spectral": {"objective": "wasserstein", **DIGITS, "latent": "normal(4)", "spectral_norm": True, "packing": 2,
                 "model": "mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", "discriminator_updates": 2,
                 "generator_average": "half_life(500)"}}


def _executed_graph(trainer: Trainer) -> list:
    """The nodes of the largest graph that a call of play runs, after all optimizations."""
    context.enable_run_metadata()
    try:
        trainer.play(0, 1)
        graphs = context.export_run_metadata().function_graphs
    finally:
        context.disable_run_metadata()
    return max((part.node for graph in graphs for part in graph.partition_graphs), key=len)


def _ancestors(nodes: dict, start: str) -> set[str]:
    """The nodes that run before `start` in the same pass of the loop."""
    found, open_ = set(), [start]
    while open_:
        node = nodes[open_.pop()]
        inputs = [] if node.op == "NextIteration" else [name.lstrip("^").split(":")[0] for name in node.input]
        open_ += [name for name in inputs if name not in found]
        found.update(inputs)
    return found


@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
@pytest.mark.parametrize("game", GAMES)
def test_updates_wait_for_earlier_reads(game, update):
    experiment = Experiment(**GAMES[game], update=update, batch_size=16, steps=2)
    nodes = {node.name: node for node in _executed_graph(helpers.trainer(experiment))}
    before = {name: _ancestors(nodes, name) for name, node in nodes.items()
              if node.op in (*WRITES, "ReadVariableOp")}
    pairs = [(write, read) for write in before for read in before
             if nodes[write].op in WRITES and nodes[read].op == "ReadVariableOp"
             and nodes[write].input[0] == nodes[read].input[0]]
    assert len(pairs) > 10
    assert [pair for pair in pairs if pair[1] not in before[pair[0]] and pair[0] not in before[pair[1]]] == []
