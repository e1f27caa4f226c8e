"""What README.md and docs/ show works: commands, programs, recipes, links."""

import importlib.util
import re
import shlex

import numpy as np
import pytest

from gan_zoo import data, metrics, models, objectives, schedules
from gan_zoo.__main__ import COMMANDS
from gan_zoo.augmentation import augmentations
from gan_zoo.commands import compare, doctor, evaluate, reproduce, sample
from gan_zoo.commands import flags as command_line
from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.metrics import Subject
from gan_zoo.training.plan import draft
from tests import helpers
from tests.documents import DOCUMENTS, ROOT, anchors, cells, commands, links, programs, spans

README, EXTENDING, RESULTS = ROOT / "README.md", ROOT / "docs" / "extending.md", ROOT / "docs" / "results.md"
MOST_WORDS, LONGEST_CELL = 900, 120
REGISTRIES = (models.models, objectives.objectives, data.datasets, metrics.metrics, augmentations, schedules.schedules)
EXAMPLES = {path: text for text in programs(EXTENDING) if (path := text.splitlines()[0].removeprefix("# "))}
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@pytest.fixture(scope="module", autouse=True)
def examples():
    """The files of docs/extending.md, as if they were there, for as long as this module is tested; names by path.

    Whoever has followed it has some of them indeed, and keeps those.
    """
    before = [dict(registry._builders) for registry in REGISTRIES]
    names = {}
    for path, text in EXAMPLES.items():
        names[path] = {"__name__": path.removesuffix(".py").replace("/", ".")}
        exec(compile(text, path, "exec"), names[path])
    yield names
    for registry, builders in zip(REGISTRIES, before, strict=True):
        registry._builders.clear()
        registry._builders.update(builders)


# Commands


def _check_training(arguments: list[str]) -> None:
    command = command_line.parse(arguments)
    if not command.actions & {"help", "list"}:
        check_names(command.experiment)
        draft(command.experiment)


def _check_sampling(arguments: list[str]) -> None:
    request = sample.parse(arguments)
    assert request is not None
    assert request.saved_model or request.run_dir


def _check_measuring(arguments: list[str]) -> None:
    request = evaluate.parse(arguments)
    assert request is not None
    evaluate._check(request._replace(run_dir=request.run_dir and str(ROOT)))  # any folder that exists
    assert request.metrics is None or metrics.build(request.metrics)


def _check_comparing(arguments: list[str]) -> None:
    request = compare.parse(arguments)
    assert request is not None
    assert request.runs


def _check_reproducing(arguments: list[str]) -> None:
    request = reproduce.parse(arguments)
    assert request is not None
    assert request.rows or request.list or (ROOT / request.page).is_file()


CHECKS = {"train": _check_training, "sample": _check_sampling, "evaluate": _check_measuring, "doctor": doctor.parse,
          "compare": _check_comparing, "reproduce": _check_reproducing}


def _check(command: str) -> None:
    """Raises or fails if the command can't be meant so; nothing is run."""
    program, *arguments = shlex.split(command)
    if program == "gan-zoo" or arguments[:2] == ["-m", "gan_zoo"]:
        name, *arguments = arguments[0 if program == "gan-zoo" else 2:]
        assert name in COMMANDS
        CHECKS.get(name, lambda arguments: None)(arguments)
    elif arguments[0] == "train.py":
        _check_training(arguments[1:])
    elif arguments[:2] == ["-m", "pytest"]:
        paths = [argument for argument in arguments[2:] if "/" in argument]
        assert all(path in EXAMPLES or (ROOT / path).exists() for path in paths)
    elif arguments[0] == "-m":
        assert importlib.util.find_spec(arguments[1])
        CHECKS.get(arguments[1].removeprefix("gan_zoo."), lambda arguments: None)(arguments[2:])
    else:
        assert (ROOT / arguments[0]).is_file()


@pytest.mark.parametrize("command", sorted({command for document in DOCUMENTS for command in commands(document)}))
def test_a_command_is_understood(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    _check(command)


@pytest.mark.parametrize("flags", sorted({
    span for document in DOCUMENTS for span in spans(document) if re.match(r"--(model|flagfile|objective)=[^…]*$", span)
    and not re.search("NAME|FILE", span)}))
def test_flags_are_understood(flags, monkeypatch):
    """Those that stand alone, in a table or a sentence."""
    monkeypatch.chdir(ROOT)
    command_line.parse(shlex.split(flags))


def test_the_commands_are_found():
    """So that a change of their form does not leave them untested."""
    assert len(commands(README)) > 15
    assert "python train.py --model=dcgan --dataset=mnist_5k" in commands(README)
    assert [document.name for document in DOCUMENTS if not commands(document)] == ["other_projects.md"]


@pytest.mark.parametrize("wrong", [
    "python train.py --model=dcgna", "python train.py --stepz=3", "python tarin.py", "python -m gan_zoo.smaple",
    "gan-zoo tarin --model=mlp", "python train.py --objective='minimax(3)'", "python -m pytest tests/none.py",
    "python -m gan_zoo.evaluate --run_dir=runs/x --metrics=kd"])
def test_the_checker_sees_a_wrong_command(wrong, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises((UserError, AssertionError)):
        _check(wrong)


# Programs


def test_the_readmes_programs_run(tmp_path, monkeypatch):
    """The second loads what the first has trained."""
    monkeypatch.chdir(tmp_path)
    call, ship = programs(README)
    for written, quicker in (("steps=500", "steps=2"), ("samples=1000", "samples=20")):
        assert written in call
        call = call.replace(written, quicker)
    names = {}
    exec(compile(call, "README.md", "exec"), names)
    assert (names["images"].shape, names["images"].dtype) == ((64, 28, 28, 1), np.uint8)
    assert names["run"].step == 2
    assert np.isfinite(names["scores"]["kde(samples=20)"]["log_likelihood_nats"])
    exec(compile(ship, "README.md", "exec"), names)
    assert names["images"].shape == (16, 28, 28, 1)
    assert names["verdict"]["score"].shape == names["verdict"]["probability"].shape == (16, 1)


def test_what_extends_the_zoo_plays_together():
    """The examples' network, objective, penalty, data, augmentation and schedule in one game."""
    trainer = helpers.trainer(Experiment(
        model="tiny(width=8)", objective="least_absolute + flat(gamma=0.1)", dataset="stripes(count=64)", image_size=8,
        augment="invert + translate", generator_optimizer="adam(learning_rate=halved(1e-3, 1))", latent="normal(4)",
        conditional=True, batch_size=8, steps=2))
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert trainer.plan.data.class_names == ("upright", "lying")
    assert trainer.gan.value_range == (-1, 1)


def test_the_example_of_an_objective_is_the_formula(examples):
    objective = examples["gan_zoo/objectives/least_absolute.py"]["LeastAbsolute"]()
    real, generated = np.array([[1.0], [3.0]], np.float32), np.array([[0.5], [-2.0]], np.float32)
    np.testing.assert_allclose(objective.discriminator(real, generated), [[0.5], [4.0]])
    np.testing.assert_allclose(objective.generator(generated), [[0.5], [3.0]])


def test_the_example_of_a_schedule_halves():
    schedule = schedules.number_or_schedule("halved(0.8, 10)", "--instance_noise", least=0)
    assert [float(schedule.function(step, None)) for step in (0, 9, 10, 25)] == pytest.approx([0.8, 0.8, 0.4, 0.2])


def test_the_example_of_a_metric_measures():
    images = np.stack([np.full([2, 2, 1], level, np.uint8) for level in (0, 100, 200)])
    (metric,) = metrics.build("brightness(samples=3)").values()
    result = metric(Subject(lambda count: images[:count], lambda part: None))
    assert result == {"brightness": 100.0, "brightness_standard_error": pytest.approx(100 / 3**0.5), "samples": 3}


def test_the_examples_of_tests_pass(examples):
    tests = [function for names in examples.values() for name, function in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        assert test() is None


def test_the_example_of_a_recipe_has_the_header_that_recipes_have(tmp_path):
    text = re.search(r"```\n(# A GAN with one hidden.*?)```", EXTENDING.read_text(), flags=re.S)[1]
    (tmp_path / "tiny.flags").write_text(text)
    assert all(f"# {word}" in text for word in ("Cost:", "Expected:", "Command:"))
    command = command_line.parse(["--model=tiny"], tmp_path)
    assert (command.name, command.experiment.dataset, command.experiment.epochs) == ("tiny_digits", "digits", 5.0)


# Form


def test_every_recipe_is_among_the_results():
    named = set(re.findall(r"\w+\.flags", RESULTS.read_text()))
    assert {path.name for path in (ROOT / "configs").glob("*.flags")} - named == set()


@each_document
def test_links_lead_somewhere(document):
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@each_document
def test_files_that_are_named_exist(document):
    folders = "gan_zoo|tests|configs|benchmarks|docs"
    named = {span for span in spans(document) if re.fullmatch(rf"({folders})/[\w/]+\.\w+", span)}
    named |= {f"configs/{span}" for span in spans(document) if re.fullmatch(r"\w+\.flags", span)}
    named -= {*EXAMPLES, "configs/tiny.flags", "configs/run.flags"}
    assert {name for name in named if "NAME" not in name and not (ROOT / name).exists()} == set()


def test_the_readme_is_short():
    assert len(README.read_text().split()) <= MOST_WORDS
    assert [cell for cell in cells(README) if len(cell) > LONGEST_CELL] == []


@each_document
def test_nothing_is_left_to_fill_in(document):
    assert "@@" not in document.read_text()
