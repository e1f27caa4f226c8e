"""Every flagfile in configs/ has its header, says how it is run, is understood, and trains two rounds."""

import shlex
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import models, recipes
from gan_zoo.commands import flags as command_line
from gan_zoo.data.source import registered_call
from gan_zoo.experiment import DEFAULT_EPOCHS
from gan_zoo.game import LatentSample
from gan_zoo.training.plan import draft
from tests import helpers

CONFIGS = recipes.folder()
FILES = sorted(path.name for path in CONFIGS.glob("*.flags"))
TINY = ("--steps=2", "--sample_count=4")
HERE = ("--dataset=digits", "--split=train")  # in place of what would have to be downloaded
each_file = pytest.mark.parametrize("name", FILES)


def _parse(name: str, *flags: str) -> command_line.CommandLine:
    return command_line.parse([f"--flagfile={CONFIGS / name}", *flags])


def _header(name: str, word: str) -> list[str]:
    """What the lines of the header say that begin with this word."""
    lines = (CONFIGS / name).read_text().splitlines()
    return [line.partition(f"# {word}:")[2].strip() for line in lines if line.startswith(f"# {word}:")]


@each_file
def test_it_is_understood_and_written_again(name):
    command = _parse(name)
    experiment = command.experiment
    assert command.name.startswith(name.removesuffix(".flags"))
    assert draft(experiment).model.name in models.models
    length = {} if experiment.steps or experiment.epochs else {"epochs": DEFAULT_EPOCHS}
    assert command_line.parse(experiment.to_flags()).experiment == replace(experiment, **length)


@each_file
def test_trains_two_rounds(name):
    there = registered_call(_parse(name).experiment.dataset)
    experiment = _parse(name, *TINY, *(() if there else HERE)).experiment
    experiment = replace(experiment, dataset=experiment.dataset.replace('"mnist"', '"digits"'))  # what is stacked
    trainer = helpers.trainer(replace(experiment, batch_size=min(experiment.batch_size, 32)))
    before = trainer.gan.generator.get_weights()
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert any(not np.array_equal(*pair) for pair in zip(before, trainer.gan.generator.get_weights(), strict=True))
    few = LatentSample(tf.zeros([4, trainer.plan.latent.size]), tf.zeros([4], tf.int32))
    assert trainer.sample(few).shape == (4, *trainer.plan.data.image_shape)


@each_file
def test_its_header_tells_what_it_is_and_what_comes_out(name):
    assert len(_header(name, "Command")) == 1
    assert _header(name, "Cost"), "what does it cost?"
    assert _header(name, "Expected"), "what comes out?"
    header = [line for line in (CONFIGS / name).read_text().splitlines() if line.startswith("#")]
    assert any(word in "\n".join(header) for word in ("arXiv", "tutorial", "project", "notes", "recipe"))


@each_file
def test_the_command_in_its_header_reads_it(name, monkeypatch):
    """Reading it once more changes nothing."""
    monkeypatch.chdir(CONFIGS.parent)
    words = shlex.split(_header(name, "Command")[0])
    assert words[:2] == ["python", "train.py"]
    assert all(word == f"--flagfile=configs/{name}" for word in words if word.startswith("--flagfile="))
    once, twice = (command_line.parse([*words[2:], *more]) for more in ([], [f"--flagfile=configs/{name}"]))
    assert once.experiment == twice.experiment


@pytest.mark.parametrize("name", [name for name in FILES if name.removesuffix(".flags") in models.models])
def test_a_models_recipe_is_found_by_its_name(name):
    model = name.removesuffix(".flags")
    by_name = command_line.parse([f"--model={model}"])
    assert by_name.experiment == _parse(name).experiment
    called = registered_call(by_name.experiment.dataset)  # beside its own name, that of what its data are made of
    parts = [called.name, *filter(lambda value: isinstance(value, str), called.args)] if called else [
        by_name.experiment.dataset]
    assert by_name.name == "_".join([model, *parts])
