"""The declaration of the flags: each is checked, described, and says whether a run may go on with another value."""

from dataclasses import fields, replace

import pytest

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment, changed, flags

OTHER = {int: 3, float: 0.25, bool: True, str: "other"}


def _another(item):
    """A valid value of the field that is not its default."""
    choices = {"update": "alternating", "strategy": "mirrored", "precision": "float64"}
    if item.name in choices:
        return choices[item.name]
    kind = next(kind for kind in (bool, int, float, str) if kind.__name__ in str(item.type).replace("None", ""))
    return not item.default if kind is bool else OTHER[kind]


def _with(item) -> Experiment:
    base = Experiment(update="alternating") if item.name in ("same_noise", "generator_batch_size",
                                                             "generator_updates") else Experiment()
    return replace(base, **{item.name: _another(item)})


def test_every_field_is_a_flag_with_a_group_and_a_help():
    assert [item.name for item in flags()] == [item.name for item in fields(Experiment)]
    for item in flags():
        assert item.metadata["group"]
        assert item.metadata["help"]
        assert "\n" not in item.metadata["help"]


@pytest.mark.parametrize("item", flags(), ids=lambda item: item.name)
def test_what_changes_the_training_stops_a_resume(item):
    old, new = Experiment().values(), _with(item)
    names = [name for name, _, _ in changed(old, new) if name != "update" or item.name == "update"]
    assert names == ([] if item.metadata["resumable"] else [item.name])


def test_a_flag_that_an_old_run_did_not_know_had_its_default():
    old = Experiment().values()
    del old["update"]
    assert changed(old, Experiment()) == []
    assert changed(old, Experiment(update="alternating")) == [("update", "simultaneous", "alternating")]


def test_changed_tells_both_values():
    assert changed(Experiment().values(), Experiment(seed=5)) == [("seed", 0, 5)]


@pytest.mark.parametrize(("old", "new", "same"), [
    ("mixture_1d", "mixture_1d()", True), ("mixture_1d(weight=0.5)", "mixture_1d( weight = .5 )", True),
    ("mixture_1d(weight=0.5)", "mixture_1d(weight=0.4)", False), ("mixture_1d(weight=0.5)", "mixture_1d", False),
    ("imagenette/160px:1.0.0", "imagenette/160px:1.0.0", True), ("imagenette/160px", "imagenette/320px", False),
    ("mnist:3.*.*", "mnist", False)])
def test_datasets_are_compared_as_specs_where_they_are_specs(old, new, same):
    found = changed(Experiment(dataset=old).values(), Experiment(dataset=new))
    assert found == ([] if same else [("dataset", old, new)])


@pytest.mark.parametrize("values", [
    {"update": "alternating", "same_noise": True, "generator_batch_size": 128}, {"generator_batch_size": 128},
    {"update": "alternating", "generator_updates": 3},
    {"discriminator_clip_value": 1.0, "discriminator_clip_norm": 0.0},
    {"discriminator_clip_value": 1.0, "generator_clip_norm": 1.0}])
def test_what_fits_together(values):
    assert Experiment(**values).values() == {**Experiment().values(), **values}


@pytest.mark.parametrize(("values", "message"), [
    ({"same_noise": True}, "--same_noise needs --update=alternating"),
    ({"same_noise": True, "batch_size": 1}, "--same_noise needs --update=alternating"),
    ({"generator_batch_size": 64}, "--generator_batch_size needs --update=alternating"),
    ({"batch_size": 2.0}, "--batch_size must be a whole number of at least 1, got 2.0"),
    ({"discriminator_clip_value": 1.0, "discriminator_clip_global_norm": 2.0},
     "--discriminator_clip_value and --discriminator_clip_global_norm exclude each other"),
])
def test_what_does_not(values, message):
    with pytest.raises(UserError, match=message):
        Experiment(**values)
