"""What an objective keeps from round to round: its recursion in NumPy, and that a checkpoint has it."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.objectives import objectives
from gan_zoo.objectives.base import Term
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.trainer import Trainer
from tests import helpers

KEPT, START = 0.75, 2.0


class Drift(Term):
    """(mean score of real images − its running mean)², which keeps scores from drifting away."""

    memory = {"running": START}

    def discriminator_loss(self, play):
        mean = tf.reduce_mean(play.real_scores)
        loss = (mean - play.memory("running")) ** 2
        play.remember("running", KEPT * play.memory("running") + (1 - KEPT) * mean)
        return loss

    def diagnostics(self, play):
        return {"mean": tf.reduce_mean(play.real_scores), "running": play.memory("running")}


@pytest.fixture(autouse=True)
def _registered():
    with helpers.registered(objectives, "drift_of_this_test", Drift):
        yield


def _trainer(objective: str = "hinge + drift_of_this_test") -> Trainer:
    return helpers.trainer(Experiment(
        model="mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", dataset="digits", image_size=8, steps=6,
        latent="normal(4)", batch_size=16, objective=objective, spectral_norm=True, generator_average=0.9,
        discriminator_optimizer="adam(learning_rate=cosine(1e-2, 1e-4))"))


def test_a_number_is_remembered_from_round_to_round():
    trainer = _trainer()
    metrics = trainer.play(0, 6).metrics
    running = START
    for mean, found in zip(metrics["objective/mean"], metrics["objective/running"], strict=True):
        running = KEPT * running + (1 - KEPT) * mean
        assert found == pytest.approx(running, rel=1e-5)
    assert float(trainer.memory["running"].numpy()) == pytest.approx(running, rel=1e-5)


def test_it_goes_on_from_a_checkpoint_with_everything_else_to_the_same_bits(tmp_path):
    whole, first, second = _trainer(), _trainer(), _trainer()
    whole.play(0, 6)
    first.play(0, 3)
    kept = Checkpoints(tmp_path)
    kept.save(first.checkpoint, 3, {})
    assert float(first.memory["running"].numpy()) != START
    assert kept.restore(second.checkpoint).step == 3
    second.play(3, 3)
    assert float(second.memory["running"].numpy()) == float(whole.memory["running"].numpy())
    for one, other in zip(_weights(whole), _weights(second), strict=True):
        np.testing.assert_array_equal(one, other)


def _weights(trainer: Trainer) -> list[np.ndarray]:
    """Of networks, vectors of spectral normalization, average and optimizers."""
    networks = [trainer.gan.generator, *trainer.gan.judges, trainer.sampler]
    variables = [v for network in networks for v in network.variables]
    assert {"u", "v"} <= {variable.name for variable in variables}
    return [v.numpy() for v in variables + [v for player in trainer.players for v in player.optimizer.variables]]


def test_a_run_without_that_memory_is_not_restored(tmp_path):
    Checkpoints(tmp_path).save(_trainer("hinge").checkpoint, 1, {})
    with pytest.raises(UserError, match=r"none of the checkpoints in .* can be read"):
        Checkpoints(tmp_path).restore(_trainer().checkpoint)
