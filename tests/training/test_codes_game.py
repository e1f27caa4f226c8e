"""Games with codes: who owns the recognizer, what a checkpoint holds, and that the bound can rise."""

import numpy as np
import pytest

from gan_zoo.experiment import Experiment
from gan_zoo.training.trainer import Trainer
from tests import helpers

QUICK = {"model": "mlp(generator=[None, 24, None], discriminator=[None, 24, 1], dropout=0.3)", "dataset": "digits",
         "image_size": 8, "latent": "noise(4) + categorical(3) + uniform(2)", "batch_size": 16, "steps": 4,
         "objective": "non_saturating + mutual_information", "epochs": None}


def _trainer(**settings) -> Trainer:
    return helpers.trainer(Experiment(**(QUICK | settings)))


def _weights(trainer: Trainer) -> list[np.ndarray]:
    return [value for network in (trainer.gan.generator, *trainer.gan.judges) for value in network.get_weights()]


@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
@pytest.mark.parametrize("model", [QUICK["model"], "dcgan(width=2, base_channels=3)"])
def test_any_model_with_a_recognizer_carries_codes(model, update):
    trainer = _trainer(model=model, update=update)
    discriminator, generator = trainer.players
    recognizing = [v for v in discriminator.variables if v.path.startswith("recognizer")]
    assert len(recognizing) == 5  # two kernels, a bias, gamma and beta
    assert {id(v) for v in discriminator.variables}.isdisjoint({id(v) for v in generator.variables})
    before = [v.numpy() for v in recognizing]
    played = trainer.play(0, 2)
    assert all((old != v.numpy()).any() for old, v in zip(before, recognizing, strict=True))
    names = {f"objective/{kind}_{code}" for kind in ("information", "entropy") for code in ("c1", "c2", "c3")}
    assert names <= set(played.metrics)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert (played.metrics["objective/information_c1"] <= np.log(3)).all()


def test_a_resumed_game_has_the_same_bits(tmp_path):
    settings = {"generator_average": 0.9, "discriminator_optimizer": "adam(learning_rate=1e-3)"}
    whole, first, second = (_trainer(**settings) for _ in range(3))
    whole.play(0, 4)
    first.play(0, 2)
    path = first.checkpoint.write(str(tmp_path / "state"))
    second.checkpoint.read(path).assert_existing_objects_matched().assert_consumed()
    second.play(2, 2)
    for one, other in zip(_weights(whole), _weights(second), strict=True):
        np.testing.assert_array_equal(one, other)


def test_clipping_weights_is_for_the_critic():
    trainer = _trainer(objective="wasserstein + mutual_information", discriminator_weight_clip=0.01)
    trainer.play(0, 2)
    critic = [np.abs(v.numpy()).max() for v in trainer.gan.discriminator.trainable_variables]
    assert max(critic) <= 0.01 + 1e-8
    own = trainer.gan.heads["parameters"].trainable_variables
    assert len(own) == 5
    assert max(np.abs(v.numpy()).max() for v in own) > 0.1


def test_the_information_rises():
    """With the game's own loss out of the way the generator can only learn to show its codes."""
    trainer = _trainer(objective="least_squares(scale=1e-6) + mutual_information(continuous_weight=1.0)",
                       discriminator_optimizer="adam(learning_rate=1e-2)", batch_size=64,
                       generator_optimizer="adam(learning_rate=1e-2)")
    bounds = trainer.play(0, 60).metrics
    assert bounds["objective/information_c1"][:5].mean() < 0.2
    assert bounds["objective/information_c1"][-5:].mean() > 0.9
    limit = np.log(2) - np.log(2 * np.pi) / 2
    assert bounds["objective/information_c2"][-5:].mean() > limit - 0.1
    assert bounds["objective/information_c2"].max() <= limit + 1e-6


def test_a_model_that_knows_nothing_of_codes_carries_them():
    """On points, which are no pixels."""
    trainer = _trainer(model="gaussian_1d", dataset="mixture_1d", image_size=None, latent="bernoulli(1)")
    before = trainer.gan.heads["parameters"].get_weights()
    played = trainer.play(0, 2)
    assert (played.metrics["objective/information_c1"] <= np.log(2)).all()
    assert all((old != new).any() for old, new in zip(before, trainer.gan.heads["parameters"].get_weights(),
                                                      strict=True))
