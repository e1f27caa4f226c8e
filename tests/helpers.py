"""What many tests need: networks from a spec, a plan and its trainer."""

import contextlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import gan_zoo
from gan_zoo import models
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN
from gan_zoo.registry import Registry, one_call
from gan_zoo.training.plan import Plan, draft, plan
from gan_zoo.training.trainer import Trainer


def networks(model: str, image_shape, latent_size: int, **shape) -> GAN:
    """The GAN of a spec such as "dcgan(width=2)". shape: what else models.Shape has."""
    return models.build(one_call(model), models.Shape(tuple(image_shape), latent_size, **shape))


def layers(network: keras.Model) -> list[keras.layers.Layer]:
    """The layers that compute something, those of networks in it among them, in their order."""
    inner = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    return [one for layer in inner for one in (layers(layer) if isinstance(layer, keras.Model) else [layer])]


def planned(experiment: Experiment) -> Plan:
    """With its data loaded."""
    return plan(draft(experiment))


def trainer(experiment: Experiment, strategy: tf.distribute.Strategy | None = None) -> Trainer:
    """Ready to play its first round, on one device unless a strategy is given."""
    return Trainer(planned(experiment), strategy or tf.distribute.get_strategy())


def assert_like(loaded: gan_zoo.Run, run: gan_zoo.Run) -> None:
    """They draw the same images, and stand at the same step."""
    np.testing.assert_array_equal(loaded.sample(3, seed=5), run.sample(3, seed=5))
    assert loaded.step == run.step


@contextlib.contextmanager
def registered(registry: Registry, name: str, builder):
    """Within it the registry has a builder more, which other tests must not see."""
    registry.register(name)(builder)
    try:
        yield
    finally:
        del registry._builders[name]


def saved_weights(folder: Path) -> dict[str, np.ndarray]:
    """Every tensor of the newest checkpoint: networks, optimizers, average."""
    newest = sorted((folder / "checkpoints").glob("step_*"))[-1]
    reader = tf.train.load_checkpoint(str(newest / "state"))
    names = [name for name in reader.get_variable_to_shape_map() if name != "_CHECKPOINTABLE_OBJECT_GRAPH"]
    return {name: reader.get_tensor(name) for name in names}


def assert_same_bits(one: Path, other: Path) -> None:
    ours, theirs = saved_weights(one), saved_weights(other)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 20
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
