"""Every flagfile has its header, says how it is run, and trains two rounds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import models
from gan_zoo.commands import flags as command_line
from gan_zoo.data.source import registered_call
from gan_zoo.training import loop, machine
from gan_zoo.training.trainer import Trainer

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
FILES = sorted(path.name for path in CONFIGS.glob("*.flags"))
TINY = ("--steps=2", "--sample_count=4")
HERE = ("--dataset=digits", "--split=train")  # in place of what would have to be downloaded


def _parse(name: str, *flags: str) -> command_line.CommandLine:
    return command_line.parse([f"--flagfile={CONFIGS / name}", *flags], CONFIGS)


@pytest.mark.parametrize("name", FILES)
def test_trains_two_rounds(name):
    there = registered_call(_parse(name).experiment.dataset)
    experiment = _parse(name, *TINY, *(() if there else HERE)).experiment
    experiment = replace(experiment, batch_size=min(experiment.batch_size, 32))
    trainer = Trainer(experiment, loop.load_data(experiment), machine.prepare(experiment))
    before = trainer.gan.generator.get_weights()
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert any(not np.array_equal(*pair) for pair in zip(before, trainer.gan.generator.get_weights(), strict=True))
    assert trainer.sample(tf.zeros([4, trainer.latent.size])).shape == (4, *trainer.data.image_shape)


@pytest.mark.parametrize("name", FILES)
def test_header_tells_what_it_is_and_the_command(name):
    header = [line for line in (CONFIGS / name).read_text().splitlines() if line.startswith("#")]
    commands = [line.split("Command:")[1].strip() for line in header if "Command:" in line]
    assert len(commands) == 1
    assert [line for line in header if line.startswith("# Cost:")], "what does it cost?"
    assert [line for line in header if line.startswith("# Expected:")], "what comes out?"
    assert any(word in "\n".join(header) for word in ("arXiv", "tutorial", "project", "notes", "recipe"))
    command = commands[0].removeprefix("python train.py ").split()
    for argument in command:
        if argument.startswith("--flagfile="):
            assert argument == f"--flagfile=configs/{name}"
        else:
            key, value = argument.removeprefix("--").split("=")
            assert getattr(_parse(name).experiment, key).startswith(value)


@pytest.mark.parametrize("name", [name for name in FILES if (CONFIGS / name).stem in models.models])
def test_a_models_recipe_is_found_by_its_name(name):
    model = name.removesuffix(".flags")
    by_name = command_line.parse([f"--model={model}"], CONFIGS)
    assert by_name.experiment == _parse(name).experiment
    assert by_name.name == f"{model}_{by_name.experiment.dataset}"
