"""The recipes in configs/: all of them parse, and the tutorials' say what the tutorials say."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from gan_zoo import latents, models, objectives
from gan_zoo.commands import flags as command_line
from gan_zoo.errors import UserError
from gan_zoo.experiment import DEFAULT_EPOCHS, Experiment
from gan_zoo.registry import one_call
from gan_zoo.training.players import build_optimizer

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
FILES = sorted(CONFIGS.glob("*.flags"))
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def _experiment(*arguments: str) -> Experiment:
    return command_line.parse(list(arguments), CONFIGS).experiment


@each_file
def test_every_flagfile_is_understood(file):
    command = command_line.parse([f"--flagfile={file}"], CONFIGS)
    found = command.experiment
    assert command.name.startswith(file.stem)
    assert one_call(found.model).name in models.models
    models.models.bind(one_call(found.model))
    objectives.build(found.objective, latents.build(found.latent).codes)
    for spec in (found.discriminator_optimizer, found.generator_optimizer):
        build_optimizer(spec)
    length = {} if found.steps or found.epochs else {"epochs": DEFAULT_EPOCHS}
    assert command_line.parse(found.to_flags(), CONFIGS).experiment == replace(found, **length)


@each_file
def test_the_command_in_its_header_reads_it(file, monkeypatch):
    """Reading it once more changes nothing."""
    monkeypatch.chdir(ROOT)
    (command,) = [line.partition("Command:")[2].strip() for line in file.read_text().splitlines() if "Command:" in line]
    words = shlex.split(command)
    assert words[:2] == ["python", "train.py"]
    assert _experiment(*words[2:]) == _experiment(*words[2:], f"--flagfile={file}")


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
    "lists of widths": Tutorial(["--model=mlp"], (100, -1, 1), ("adam", 1e-3, 0.9), ("adam", 1e-3, 0.9), {
        "objective": "non_saturating", "update": "alternating", "same_noise": True, "batch_size": 128,
        "discriminator_clip_value": None}),
    "GAN notes": Tutorial(["--flagfile=configs/mlp_dropout.flags"], (100,), ("adam", 1e-4, 0.9), ("adam", 1e-4, 0.9), {
        "objective": "non_saturating(discriminator_scale=0.5)", "update": "alternating", "same_noise": False,
        "batch_size": 32, "epochs": 50, "seed": 42, "sample_count": 16}),
    "GAN-PyTorch": Tutorial(["--flagfile=configs/mlp_zeros.flags"], (64,), ("sgd", 0.05, 0), ("adam", 1e-3, 0.9), {
        "objective": "non_saturating(discriminator_scale=0.5)", "update": "alternating", "classes": "0",
        "batch_size": 16, "epochs": 250, "discriminator_updates": 1, "generator_updates": 1}),
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
    monkeypatch.chdir(ROOT)
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
        settings = build_optimizer(spec).get_config()
        assert one_call(spec).name == kind
        assert settings["learning_rate"] == pytest.approx(rate)
        assert settings.get("beta_1", settings.get("momentum")) == momentum


def test_the_offline_recipe():
    found = _experiment("--model=dcgan", "--dataset=digits")
    assert (found.dataset, found.model, found.batch_size) == ("digits", "dcgan(width=16, base_channels=50)", 32)
    assert (found.discriminator_clip_value, found.generator_average) == (1, "0.995")
    assert (_experiment("--model=dcgan").model, _experiment("--model=dcgan").batch_size) == ("dcgan", 128)


def test_a_bare_name_keeps_the_arguments_of_its_recipe_and_parentheses_drop_them():
    digits = "--dataset=digits"
    assert _experiment("--model=dcgan", digits).model == "dcgan(width=16, base_channels=50)"
    assert _experiment("--model=dcgan()", digits).model == "dcgan"
    assert _experiment("--model=dcgan(width=8)", digits).model == "dcgan(width=8)"
    assert _experiment("--model=dcgan", f"--flagfile={CONFIGS}/dcgan_tutorial.flags").model == 'dcgan(output="linear")'


def test_a_flagfile_is_not_a_model():
    with pytest.raises(UserError, match=r"use --flagfile=configs/mlp_zeros\.flags"):
        _experiment("--model=mlp_zeros")
