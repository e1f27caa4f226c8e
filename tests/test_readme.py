"""What README.md shows works."""

import re
import shlex
from pathlib import Path

import pytest
import tensorflow as tf

from gan_zoo import latents, metrics, models, objectives
from gan_zoo.commands import evaluate, sample
from gan_zoo.commands import flags as command_line
from gan_zoo.export import export
from gan_zoo.models import models as registered

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(python)?\n(.*?)```", README, flags=re.S)
LINES = [line.split("  #")[0] for language, block in BLOCKS if not language for line in block.splitlines()]
PROGRAMS = [block for language, block in BLOCKS if language]


@pytest.mark.parametrize("line", [line for line in LINES if "train.py" in line])
def test_training_commands_parse(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    arguments = shlex.split(line.partition("train.py")[2].partition("&&")[0])
    if "--help" not in arguments:
        command_line.parse(arguments, ROOT / "configs")


@pytest.mark.parametrize("line", [line for line in LINES if "gan_zoo.sample" in line])
def test_sampling_commands_parse(line):
    assert sample.parse(shlex.split(line.partition("gan_zoo.sample")[2])) is not None


@pytest.mark.parametrize("line", [line for line in LINES if "gan_zoo.evaluate" in line])
def test_measuring_commands_parse(line):
    request = evaluate.parse(shlex.split(line.partition("gan_zoo.evaluate")[2]))
    assert bool(request.run_dir) != bool(request.dataset and request.real)
    assert metrics.build(request.metrics)


def test_every_file_that_is_named_exists():
    named = re.findall(r"\]\(([^)#]+)\)|(benchmarks/\w+\.py|configs/\w+\.flags|tests/[\w/]+\.py)", README)
    paths = {first or second for first, second in named if "://" not in first and "NAME" not in second}
    assert len(paths) > 5
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_every_flagfile_is_in_the_table():
    for path in (ROOT / "configs").glob("*.flags"):
        assert f"`{path.name}`" in README


def test_the_example_of_a_new_model_works():
    program = next(program for program in PROGRAMS if "@models.register" in program)
    try:
        exec(compile(program, "README.md", "exec"), {})
        gan = models.build("tiny(width=8)", (8, 8, 1), 4)
        assert gan.discriminator(gan.generator(tf.zeros([2, 4]))).shape == (2, 1)
    finally:
        registered._builders.pop("tiny")


def test_the_example_of_an_export_works(tmp_path):
    gan = models.build("mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", (28, 28, 1), 4)
    export(gan, latents.build("normal(4)"), objectives.build("minimax"), tmp_path / "export")
    program = next(program for program in PROGRAMS if "saved_model.load" in program)
    names = {}
    exec(program.replace("runs/dcgan_digits/export", str(tmp_path / "export")), names)
    assert names["images"].shape == (16, 28, 28, 1)
    assert set(names["verdict"]) == {"score", "probability"}


def test_nothing_is_left_to_fill_in():
    assert "@@" not in README
