"""Keywords of the Python call are the flags of the command, by name, and mistakes have the command's sentence."""

from types import SimpleNamespace

import pytest

import gan_zoo
from gan_zoo import run as runs
from gan_zoo.commands import flags as command_line
from gan_zoo.commands.names import check_names
from gan_zoo.experiment import Experiment


@pytest.fixture
def asked(monkeypatch) -> list:
    """The command lines that would be trained."""
    commands = []
    monkeypatch.setattr(runs, "begin", lambda command, dataset, written: (
        commands.append(command), SimpleNamespace(signal=None)))
    return commands


@pytest.mark.parametrize(("keywords", "flags"), [
    ({"model": "dcgan"}, ["--model=dcgan"]),
    ({"model": "dcgan", "dataset": "digits"}, ["--model=dcgan", "--dataset=digits"]),
    ({"model": "mlp(dropout=0.5)", "steps": 7}, ["--model=mlp(dropout=0.5)", "--steps=7"]),
    ({"flagfile": "configs/mlp_zeros.flags", "epochs": 0.5}, ["--flagfile=configs/mlp_zeros.flags", "--epochs=0.5"]),
    ({"classes": [0, 3]}, ["--classes=0,3"]),
    ({"classes": None, "discriminator_clip_value": None}, ["--classes=", "--discriminator_clip_value=0"]),
    ({"conditional": True, "download": False}, ["--conditional", "--nodownload"]),
    ({"generator_average": 0.9, "instance_noise": 0.5}, ["--generator_average=0.9", "--instance_noise=0.5"]),
    ({"objective": "minimax\n+ auxiliary_classifier"}, ["--objective=minimax + auxiliary_classifier"]),
    ({}, [])], ids=str)
def test_keywords_are_the_flags(asked, keywords, flags):
    gan_zoo.train(**keywords)
    assert asked == [command_line.parse(flags)]


def test_every_flag_is_a_keyword(asked):
    """Written out, an experiment is the same experiment."""
    wanted = Experiment(model="maxout(dropout=0.1)", steps=3, classes="0,3", recognizer=None, seed=5, packing=2,
                        update="alternating", run_dir="here", augment="flip")
    given = {name: value for name, value in wanted.values().items() if value is not None}
    gan_zoo.train(**given)
    assert asked[0].experiment == wanted


@pytest.mark.parametrize(("keywords", "flags"), [
    ({"stepz": 3}, ["--stepz=3"]),
    ({"steps": "many"}, ["--steps=many"]),
    ({"steps": 2.5}, ["--steps=2.5"]),
    ({"batch_size": 0}, ["--batch_size=0"]),
    ({"conditional": "perhaps"}, ["--conditional=perhaps"]),
    ({"update": "both"}, ["--update=both"]),
    ({"model": ""}, ["--model="]),
    ({"model": "mlp_zeros"}, ["--model=mlp_zeros"]),
    ({"flagfile": "none.flags"}, ["--flagfile=none.flags"]),
    ({"instance_noise": -1}, ["--instance_noise=-1"])], ids=str)
def test_a_mistake_has_the_sentence_of_the_command(keywords, flags):
    with pytest.raises(gan_zoo.UserError) as shell:
        check_names(command_line.parse(flags).experiment)
    with pytest.raises(gan_zoo.UserError) as python:
        gan_zoo.train(**keywords)
    assert str(python.value) == str(shell.value)


@pytest.mark.parametrize(("keywords", "message"), [
    ({"dry_run": True}, "--dry_run is for the shell"), ({"list": True}, "--list is for the shell"),
    ({"help": True}, "--help is for the shell"), ({"steps": 3, "epochs": 2}, "steps and epochs exclude each other"),
    ({"steps": None}, "steps=None can't be: leave steps out"), ({"model": "dcgna"}, "did you mean 'dcgan'"),
    ({"dataset": "arrays"}, "--dataset=arrays: only Python has these images")])
def test_what_only_python_can_say_wrongly(keywords, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gan_zoo.UserError, match=message):
        gan_zoo.train(**{"model": "mlp"} | keywords)
    assert not list(tmp_path.iterdir())


CELL = """
import gan_zoo

@gan_zoo.objectives.register("of_a_cell")
class OfACell:
    version = {version}
"""


def test_a_cell_that_registers_may_run_again_and_the_newest_counts(monkeypatch):
    registry = gan_zoo.objectives.objectives
    names = {"__name__": "__main__"}
    try:
        for version in (1, 2):
            exec(CELL.format(version=version), names)
            assert registry["of_a_cell"].version == version
        check_names(Experiment(objective="minimax + of_a_cell"))
        with pytest.raises(ValueError, match="registered twice"):
            gan_zoo.objectives.register("of_a_cell")(SimpleNamespace)
    finally:
        registry._builders.pop("of_a_cell", None)


def test_a_notebook_shows_a_mistake_in_one_line():
    with pytest.raises(gan_zoo.UserError) as error:
        gan_zoo.train(stepz=3)
    (line,) = error.value._render_traceback_()
    assert line.startswith("UserError: unknown flag --stepz")
