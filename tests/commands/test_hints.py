"""What flags are called elsewhere: every hint is of flags and calls that there are."""

import re

import pytest

from gan_zoo import experiment, objectives, recipes
from gan_zoo.commands import flags as command_line
from gan_zoo.commands import hints
from gan_zoo.commands.names import check_names
from gan_zoo.experiment import Experiment

BESIDE = ("--update=alternating", "--discriminator_clip_value=0", "--generator_clip_value=0")  # what goes with any
KNOWN = [item.name for item in experiment.flags()]


def _written(hint: hints.Hint) -> list[str]:
    """The flags in a hint, as they would be typed."""
    text = hint.text.format(hint.example)
    return [match[0].replace("'", "", 1).rstrip("'") if "='" in match[0] else match[0]
            for match in re.finditer(r"--\w+(='[^']*('\w+'[^']*)*'|=[\w./]+)?", text)]


@pytest.mark.parametrize("hint", hints.FLAGS, ids=lambda hint: hint.names.split()[0])
def test_a_hint_can_be_typed(hint):
    for flag in _written(hint):
        name, _, value = flag.removeprefix("--").partition("=")
        assert name in {*KNOWN, "flagfile", "list"}
        if value and "NAME" not in value:
            check_names(command_line.parse([*BESIDE, flag]).experiment)


def test_a_name_leads_to_one_flag_that_is_none_here():
    names = [name for hint in hints.FLAGS for name in hint.names.split()]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert not set(names) & {name.replace("_", "") for name in KNOWN}


@pytest.mark.parametrize("terms", sorted(set(hints.OBJECTIVES.values())))
def test_the_terms_of_an_objective_are_here(terms):
    check_names(Experiment(objective=terms))
    if "mutual" not in terms:  # which needs codes
        objectives.build(terms, (), True)


@pytest.mark.parametrize(("name", "value", "said"), [
    ("lr", "1e-3", "adam(learning_rate=1e-3)"), ("LR", "fast", "adam(learning_rate=2e-4)"), ("Batch-Size", "3",
     "did you mean --batch_size? "), ("stepz", "3", "did you mean --steps? "), ("zzzz", "", "")])
def test_of_a_flag(name, value, said):
    found = hints.for_flag(name, value, KNOWN)
    assert said in found
    assert bool(said) == bool(found)


def test_of_models_from_the_recipes_that_there_are():
    for path in recipes.folder().glob("*_*.flags"):
        head = path.stem.partition("_")[0]
        assert path.name in hints.for_model(head)
    assert hints.for_model("nothing_like_it") == hints.for_model("") == hints.for_model("(") == ""
