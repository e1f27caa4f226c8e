"""The recipes say what the tutorials say, and a name finds the recipe that is meant."""

from typing import NamedTuple

import pytest

from gan_zoo import latents, recipes
from gan_zoo.commands import flags as command_line
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.players import read_optimizer
from tests import helpers

CONFIGS = recipes.folder()
DIGITS = "dcgan(width=8, base_channels=32, units=256, dropout=0)"


def _experiment(*arguments: str) -> Experiment:
    return command_line.parse(list(arguments)).experiment


class Tutorial(NamedTuple):
    """What a tutorial says. noise: (size, low, high) of a uniform or (size,) of a standard normal distribution.
    Optimizers: (kind, learning rate, beta_1 or momentum).
    """

    arguments: list[str]
    noise: tuple
    discriminator: tuple
    generator: tuple
    flags: dict


TUTORIALS = {
    "ReNom": Tutorial(["--model=maxout"], (100, 0, 1), ("adam", 1e-3, 0.5), ("adam", 1e-3, 0.5), {
        "objective": "non_saturating", "split": "train[:50000]", "update": "simultaneous", "batch_size": 256,
        "epochs": 30, "sample_count": 100, "discriminator_clip_value": None}),
    "lists of widths, literally": Tutorial(
        ["--flagfile=configs/mlp_tutorial.flags"], (100, -1, 1), ("adam", 1e-3, 0.9), ("adam", 1e-3, 0.9), {
            "model": "mlp", "objective": "non_saturating", "split": "train[:55000]", "update": "alternating",
            "same_noise": True, "batch_size": 128, "discriminator_clip_value": None, "generator_average": "0"}),
    "lists of widths, as they learn": Tutorial(
        ["--model=mlp"], (100, -1, 1), ("adam", 2e-4, 0.5), ("adam", 5e-4, 0.5), {
            "model": 'mlp(dropout=0.5, hidden="leaky_relu")', "objective": "non_saturating + r1(1)",
            "update": "alternating",
            "same_noise": False, "batch_size": 128, "discriminator_clip_value": None}),
    "GAN notes": Tutorial(["--flagfile=configs/mlp_dropout.flags"], (100,), ("adam", 1e-4, 0.9), ("adam", 1e-4, 0.9), {
        "objective": "non_saturating(discriminator_scale=0.5)", "update": "alternating", "same_noise": False,
        "batch_size": 32, "epochs": 50, "seed": 42, "sample_count": 16}),
    "GAN-PyTorch": Tutorial(["--flagfile=configs/mlp_zeros.flags"], (64,), ("sgd", 0.05, 0), ("sgd", 1e-3, 0), {
        "objective": "non_saturating(discriminator_scale=0.5)", "update": "alternating", "same_noise": False,
        "classes": "0", "batch_size": 16, "epochs": 250, "discriminator_updates": 1, "generator_updates": 1,
        "generator_average": "0"}),
    "Olar, literally": Tutorial(
        ["--flagfile=configs/dcgan_tutorial.flags"], (100,), ("adam", 1e-3, 0.9), ("adam", 1e-3, 0.9), {
            "objective": "minimax", "update": "simultaneous", "batch_size": 128, "epochs": 50, "sample_count": 16,
            "discriminator_clip_value": 1.0, "generator_clip_value": None}),
    "Olar, as it learns": Tutorial(["--model=dcgan"], (100,), ("adam", 2e-4, 0.5), ("adam", 2e-4, 0.5), {
        "objective": "non_saturating", "update": "simultaneous", "batch_size": 128, "discriminator_clip_value": 1.0,
        "generator_clip_value": None}),
}


@pytest.mark.parametrize("tutorial", TUTORIALS.values(), ids=TUTORIALS)
def test_the_tutorials_numbers(tutorial, monkeypatch):
    monkeypatch.chdir(CONFIGS.parent)
    found = _experiment(*tutorial.arguments)
    assert found.dataset == "mnist"
    assert {name: getattr(found, name) for name in tutorial.flags} == tutorial.flags
    (part,) = latents.build(found.latent).parts
    size, *bounds = tutorial.noise
    assert part.size == size
    parameters = part.distribution.parameters
    assert [float(parameters[name]) for name in (("low", "high") if bounds else ("loc", "scale"))] == (bounds or [0, 1])
    for spec, (kind, rate, momentum) in ((found.discriminator_optimizer, tutorial.discriminator),
                                         (found.generator_optimizer, tutorial.generator)):
        optimizer = read_optimizer("--generator_optimizer", spec)
        settings = optimizer.build(total=1).get_config()
        assert optimizer.name == kind
        assert settings["learning_rate"] == pytest.approx(rate)
        assert settings.get("beta_1", settings.get("momentum")) == momentum


def test_the_zeros_play_the_projects_game(monkeypatch):
    """Its losses in its first epochs, on fewer zeros. With Adam for the generator D is above 0.25 and G below 2."""
    monkeypatch.chdir(CONFIGS.parent)
    trainer = helpers.trainer(_experiment("--flagfile=configs/mlp_zeros.flags", "--dataset=mnist_5k"))
    metrics = trainer.play(0, 1000).metrics
    judged, made = metrics["discriminator_loss"], metrics["generator_loss"]
    assert judged[:370].mean() == pytest.approx(0.088, abs=0.02)
    assert judged[500:].mean() == pytest.approx(0.02, abs=0.02)
    assert made[500:].mean() > 3


def test_the_offline_recipe():
    found = _experiment("--model=dcgan", "--dataset=digits")
    assert (found.dataset, found.model, found.batch_size) == ("digits", DIGITS, 32)
    assert (found.discriminator_clip_value, found.generator_average, found.conditional) == (1, "0.99", True)
    assert (_experiment("--model=dcgan").model, _experiment("--model=dcgan").batch_size) == ("dcgan", 128)


def test_a_bare_name_keeps_the_arguments_of_its_recipe_and_parentheses_drop_them():
    digits = "--dataset=digits"
    assert _experiment("--model=dcgan", digits).model == DIGITS
    assert _experiment("--model=dcgan()", digits).model == "dcgan"
    assert _experiment("--model=dcgan(width=8)", digits).model == "dcgan(width=8)"
    assert _experiment("--model=dcgan", f"--flagfile={CONFIGS}/dcgan_tutorial.flags").model == 'dcgan(output="linear")'


def test_a_flagfile_is_not_a_model():
    with pytest.raises(UserError, match=r"use --flagfile=configs/mlp_zeros\.flags"):
        _experiment("--model=mlp_zeros")
