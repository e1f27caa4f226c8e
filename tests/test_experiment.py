"""The declaration of the flags: each is checked, described, and says whether a run may go on with another value."""

from dataclasses import fields, replace

import numpy as np
import pytest

from gan_zoo.data import from_arrays
from gan_zoo.errors import UserError
from gan_zoo.experiment import DEFAULT_EPOCHS, Experiment, flags
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.sameness import changed

OTHER = {int: 3, float: 0.25, bool: True, str: "other"}


def _another(item):
    """A valid value of the field that is not its default."""
    choices = {"update": "alternating", "strategy": "mirrored", "precision": "float64", "best_metric": "coverage",
               "export": "last", "on_alarm": "stop", "on_nan": "rollback", "fit": "pad", "profile_steps": "2,4"}
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
    assert names == ([] if item.metadata["resumable"] or item.metadata["of_data"] else [item.name])


def test_what_was_left_to_the_data_is_compared_in_the_data():
    """A run on images whose own size was 32 may go on if the size is named, and by their fingerprint if it is other."""
    for old, new, same in ((None, 32, True), (32, None, True), (32, 32, True), (32, 64, False)):
        found = changed(Experiment(image_size=old).values(), Experiment(image_size=new))
        assert found == ([] if same else [("image_size", old, new)])


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


@pytest.mark.parametrize(("name", "old", "new", "same"), [
    ("generator_average", 0.0, "0", True), ("generator_average", 0.99, "0.99", True),
    ("generator_average", 0.99, "9.9e-1", True), ("generator_average", 0.99, "0.995", False),
    ("generator_average", 0.99, "half_life(500)", False), ("generator_average", "half_life( 5)", "half_life(5)", True),
    ("instance_noise", "0", "0.0", True), ("instance_noise", "linear(.5, 0)", "linear(0.5,0)", True),
    ("instance_noise", "linear(0.5, 0)", "0.5", False), ("augment", None, None, True), ("augment", "", None, True),
    ("augment", "flip+cutout", "flip + cutout()", True), ("augment", None, "flip", False)])
def test_numbers_and_calls_are_compared_by_what_they_mean(name, old, new, same):
    """Records of older runs hold numbers."""
    found = changed(Experiment().values() | {name: old}, Experiment(**{name: new}))
    assert [flag for flag, _, _ in found] == ([] if same else [name])


@pytest.mark.parametrize(("length", "rounds"), [
    ({"steps": 4}, 4), ({"epochs": 2.0}, 20), ({}, 10 * DEFAULT_EPOCHS), ({"steps": None, "epochs": 0.05}, 1)])
def test_the_length_in_steps(length, rounds):
    """10 rounds an epoch."""
    images = from_arrays(np.zeros([100, 8, 8], np.uint8))
    planned = plan(draft(Experiment(batch_size=10, **length)), images)
    assert (planned.steps, planned.experiment.steps, planned.experiment.epochs) == (rounds, rounds, None)


def test_a_record_of_another_length_may_go_on():
    old = Experiment().values() | {"steps": 7, "epochs": None}
    assert changed(old, Experiment()) == changed(old, Experiment(steps=9)) == changed(old, Experiment(epochs=1.5)) == []


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
    ({"steps": 4, "epochs": 20.0}, "--steps and --epochs exclude each other"),
    ({"generator_average": 1}, "--generator_average must be a number at least 0 and below 1, got 1.0"),
    ({"instance_noise": -0.5}, "--instance_noise must be a number at least 0, got -0.5"),
    ({"batch_size": 2.0}, "--batch_size must be a whole number of at least 1, got 2.0"),
    ({"discriminator_clip_value": 1.0, "discriminator_clip_global_norm": 2.0},
     "--discriminator_clip_value and --discriminator_clip_global_norm exclude each other"),
])
def test_what_does_not(values, message):
    with pytest.raises(UserError, match=message):
        Experiment(**values)
