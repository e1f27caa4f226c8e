"""The plan: a mistake in any flag is one line, what is right is read once, and the length is a number."""

import re
import sys
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import registry
from gan_zoo.data import from_arrays
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.models import Shape
from gan_zoo.play import Rows
from gan_zoo.randomness import forward_pass
from gan_zoo.training import loop, one_run
from gan_zoo.training.averaging import HalfLife
from gan_zoo.training.plan import Draft, Plan, draft, plan
from gan_zoo.training.run_directory import RunDirectory
from tests import helpers

SMALL = {"model": "mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", "dataset": "digits", "image_size": 8,
         "latent": "normal(4)", "batch_size": 16}
CODES = {"latent": "noise(4) + categorical(3)", "objective": "minimax + mutual_information"}
POINTS = {"dataset": "mixture_1d", "model": "gaussian_1d", "latent": "normal(1)", "image_size": None}


def _draft(**settings) -> Draft:
    return draft(Experiment(**SMALL | settings))


def _says(error: pytest.ExceptionInfo, begins: str, *parts: str) -> None:
    """It is one line, begins with the flag, and has these parts."""
    text = str(error.value)
    assert text.startswith(begins), text
    assert "\n" not in text
    assert all(part in text for part in parts), text


# flag, what it says (or other flags that matter), what the line has to say beside the flag with its value
MISTAKES = [
    ("model", "dcgam", "unknown model 'dcgam': did you mean 'dcgan'?"),
    ("model", "dcgan(widht=3)", "dcgan has no argument 'widht': did you mean 'width'?"),
    ("model", "dcgan + mlp", "one call is wanted here"),
    ("model", "dcgan(width=", "is not of the form name"),
    ("model", "dcgan(width=linear(3, 5))", "width can't be a call here: write a number"),
    ("objective", "mini_max", "unknown objective 'mini_max': did you mean 'minimax'?"),
    ("objective", "hinge(1)", "hinge takes at most 0 arguments"),
    ("objective", "mutual_information", "needs codes in the latent, as in --latent='noise(62)"),
    ("objective", "minimax + mutual_information", "needs codes in the latent"),
    ("objective", "minimax + auxiliary_classifier", "set --conditional"),
    ("objective", "non_saturating(discriminator_scale=linear(1, 0))", "discriminator_scale must be a number above 0"),
    ("latent", "norml(3)", "unknown latent 'norml': did you mean 'normal'?"),
    ("latent", "normal(0)", "size must be a whole number of at least 1, got 0"),
    ("latent", "normal(constant(3))", "size can't be a call here: write a number"),
    ("latent", "normal(4) + categorical(3)", "write noise(SIZE)"),
    ("latent", "label(10)", "a label alone would give one image a class: add noise"),
    ("latent", "normal(3) + label(4) + label(5)", "one label only"),
    ("discriminator_optimizer", "adm", "unknown optimizer 'adm': did you mean 'adam'?"),
    ("generator_optimizer", "adam(beta1=0.5)", "adam has no argument 'beta1': did you mean 'beta_1'?"),
    ("generator_optimizer", "adam(beta_1=linear(0, 0.5))",
     "beta_1 must be a number above -1 and below 1, got linear(0, 0.5)"),
    ("augment", "flp", "unknown augmentation 'flp': did you mean 'flip'?"),
    ("augment", "flip(1)", "flip takes at most 0 arguments"),
    ("augment", "translate(2)", "ratio must be a number above 0 and below 1, got 2"),
    ("augment", "cutout(ratio=linear(0, 0.5))", "ratio can't be a call here: write a number"),
    ("generator_average", "half_life", "half_life needs its argument 'images', as in half_life(images=…)"),
    ("generator_average", "half_life(500, rmap=1)", "half_life has no argument 'rmap': did you mean 'ramp'?"),
    ("generator_average", "half_life(linear(1, 0))", "images can't be a call here: write a number"),
]


@pytest.mark.parametrize(("flag", "value", "says"), MISTAKES)
def test_a_wrong_spec_is_one_line_that_names_its_flag(flag, value, says):
    with pytest.raises(UserError) as error:
        _draft(**{flag: value})
    _says(error, f"--{flag}={value}: ", says)


@pytest.mark.parametrize(("settings", "begins", "says"), [
    ({"latent": CODES["latent"]}, f"--latent={CODES['latent']} has the codes c1, which --objective=non_saturating does "
     "not look at", "add a term, as in 'non_saturating + mutual_information'"),
    (CODES | {"objective": "minimax + mutual_information(-1)"}, "--objective=minimax + mutual_information(-1): ",
     "weight must be a number at least 0"),
    ({"conditional": True, "objective": "minimax + auxiliary_classifier(-1)"}, "--objective=minimax + auxiliary",
     "weight must be a number at least 0"),
    ({"recognizer": True}, "--recognizer has no codes to tell in --latent=normal(4)", "add some, as in"),
    (CODES | {"recognizer": False}, f"--latent={CODES['latent']} has the codes c1", "--norecognizer: leave that out"),
    ({"packing": 2, "conditional": True}, "--packing=2 gives", "can have a class: leave --packing out"),
    ({"packing": 2, "latent": "normal(4) + label(10)"}, "--packing=2 gives", "can have a class"),
    (CODES | {"packing": 2}, "--packing=2 gives", "can have codes: leave --packing out"),
    ({"packing": 3}, "--batch_size=16 can't be cut into packs of --packing=3", "use 15"),
    ({"packing": 32}, "--batch_size=16 can't be cut into packs of --packing=32", "use 32"),
    ({"packing": 2, "update": "alternating", "generator_batch_size": 33}, "--generator_batch_size=33 can't be cut into "
     "packs of --packing=2", "use 32"),
    ({"instance_noise": "linear(0.5, -0.1)"}, "--instance_noise must be a number at least 0", "in linear(0.5, -0.1)"),
    ({"instance_noise": "much"}, "--instance_noise must be a number or a schedule, as in linear(0.5, 0)", "'much'"),
    ({"instance_noise": "linear(0.5"}, "--instance_noise must be a number or a schedule", "is not of the form"),
    ({"instance_noise": "linear(1, 0) + constant(1)"}, "--instance_noise must be a number or a", "one call is wanted"),
    ({"instance_noise": "linear(linear(1, 0), 0)"}, "--instance_noise must be a number or", "start can't be a call"),
])
def test_flags_that_do_not_go_together(settings, begins, says):
    with pytest.raises(UserError) as error:
        _draft(**settings)
    _says(error, begins, says)


@pytest.mark.parametrize(("settings", "begins", "says"), [
    ({"latent": "normal(4) + label(7)"}, "--latent=normal(4) + label(7): the data have 10 classes",
     "write label(10), or leave it out"),
    (POINTS | {"conditional": True}, "--conditional needs the classes of the images, but mixture_1d has no labels",
     "leave it out, or take other data with --dataset"),
    (POINTS | {"augment": "flip"}, "--augment=flip changes images, but --dataset=mixture_1d has points",
     "leave it out"),
    ({"steps": 10, "profile_steps": "8,11"}, "--profile_steps=8,11 ends after the run, which has 10 steps",
     "name earlier rounds"),
    ({"batch_size": 1798}, "--batch_size=1798 is larger than the data, 1797 images", "use at most 1797"),
    ({"conditional": True, "update": "alternating", "generator_batch_size": 2000},
     "--generator_batch_size=2000 is larger than the data", "use at most 1797"),
])
def test_what_the_data_do_not_allow(settings, begins, says):
    drafted = _draft(**settings)
    with pytest.raises(UserError) as error:
        plan(drafted)
    _says(error, begins, says)


def test_what_may_be_larger_than_the_data():
    """A batch that is generated only, and one of points, of which there are always more."""
    assert plan(_draft(update="alternating", generator_batch_size=2000)).generator_batch_size == 2000
    assert plan(_draft(**POINTS, batch_size=200_000)).images_per_round == 200_000


def test_what_a_plan_holds():
    found = plan(_draft(conditional=True, objective="hinge + auxiliary_classifier", augment="flip", spectral_norm=True,
                        instance_noise=0.5, generator_average="half_life(500)", update="alternating",
                        discriminator_updates=2, generator_batch_size=8, steps=7))
    assert isinstance(found, Plan)
    assert found.model == registry.one_call(SMALL["model"])
    assert (found.conditional, found.label.size, found.latent.size) == (True, 10, 4)
    assert found.sight.noise(0) == 0.5
    assert found.average == HalfLife(500)
    assert {name: call.name for name, call in found.optimizers.items()} == dict.fromkeys(
        ("discriminator", "generator"), "adam")
    assert (found.images_per_round, found.generator_batch_size, found.rounds_per_epoch) == (32, 8, 1797 / 32)
    assert found.shape == Shape((8, 8, 1), 4, 0, 10, True, 1, True)


def test_a_sight_without_anything_is_none():
    assert _draft(instance_noise="0").sight.of((-1, 1), 5) is None
    assert _draft(instance_noise="linear(0, 0)").sight.noise is None


@pytest.mark.parametrize(("length", "rounds"), [
    ({"steps": 7}, 7), ({"epochs": 2}, 13), ({"epochs": 0.01}, 1), ({}, 125)])
def test_the_length_is_a_number_of_steps(length, rounds):
    """100 images, 16 a round: 6.25 rounds an epoch."""
    data = from_arrays(np.zeros([100, 8, 8], np.uint8), None, "some")
    found = plan(_draft(**length), data)
    assert found.data is data
    assert (found.steps, found.experiment.steps, found.experiment.epochs) == (rounds, rounds, None)


def _needs_total(**settings) -> bool:
    return _draft(**settings).needs_total


@pytest.mark.parametrize("settings", [
    {"instance_noise": "linear(0.5, 0)"}, {"discriminator_optimizer": "adam(learning_rate=cosine(1e-3, 0))"},
    {"generator_optimizer": "sgd(linear(0.1, 0))"},
    CODES | {"objective": "minimax + mutual_information(linear(1, 0))"}])
def test_a_schedule_over_the_whole_run_needs_its_length(settings):
    assert _needs_total(**settings)
    own = {name: value.replace("0)", "0, steps=50)", 1) if isinstance(value, str) else value
           for name, value in settings.items()}
    assert own != settings
    assert not _needs_total(**own)


def test_no_schedule_needs_no_length():
    assert not _needs_total(instance_noise="0.5", generator_average="half_life(500)",
                            generator_optimizer="adam(learning_rate=warm_up(1e-3, 50))")


@pytest.mark.parametrize(("spec", "refused"), [("linear(0.5, 0)", True), ("linear(0.5, 0, steps=50)", False)])
def test_a_resumed_run_has_the_length_of_its_schedules(tmp_path, spec, refused):
    run = RunDirectory(str(tmp_path / "run"))
    run.claim()
    begun = plan(_draft(instance_noise=spec, steps=40))
    run.begin(begun.experiment, {})
    longer = plan(_draft(instance_noise=spec, steps=60))
    again = RunDirectory(str(tmp_path / "run"))
    again.check(begun.experiment, "", begun.needs_total)
    if not refused:
        again.check(longer.experiment, "", longer.needs_total)
        return
    with pytest.raises(UserError) as error:
        again.check(longer.experiment, "", longer.needs_total)
    _says(error, f"--run_dir={run.path} was trained with a schedule over --steps=40, not over 60",
          "give the schedule steps of its own")


def _counted(monkeypatch, function, calls: Counter, key) -> None:
    """Counts the calls of a function, wherever a module of the zoo has it by its name."""
    def counting(*args, **kwargs):
        calls[key(*args)] += 1
        return function(*args, **kwargs)

    for module in [module for name, module in sys.modules.items() if name.startswith("gan_zoo")]:
        if getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, counting)


def test_everything_is_read_once_before_the_first_step(tmp_path, monkeypatch):
    """Every text is parsed once, and every call in it built once."""
    experiment = Experiment(**SMALL | CODES | {
        "objective": "minimax + mutual_information + auxiliary_classifier", "conditional": True, "steps": 1,
        "augment": "flip + translate", "instance_noise": "linear(0.5, 0)", "generator_average": "half_life(500)",
        "discriminator_optimizer": "adam(learning_rate=cosine(1e-3, 0))", "generator_optimizer": "sgd",
        "run_dir": str(tmp_path / "run")})
    parsed, built = Counter(), Counter()
    build = registry.Registry.build
    _counted(monkeypatch, registry.parse, parsed, lambda text: text)
    monkeypatch.setattr(registry.Registry, "build", lambda self, call, **context: (
        built.update([call.name]), build(self, call, **context))[1])
    monkeypatch.setattr(one_run.OneRun, "go", lambda self: one_run.Ended(self.trainer, self.history, 0, 0))
    loop.train(experiment, tf.distribute.get_strategy())
    flags = ("model", "objective", "latent", "augment", "instance_noise", "generator_average", "dataset",
             "discriminator_optimizer", "generator_optimizer")
    assert parsed == Counter(getattr(experiment, flag) for flag in flags)
    calls = [name for flag in flags for name in re.findall(r"([a-z_\d]+)(?= \+|\(|$)", getattr(experiment, flag))]
    assert built == Counter(calls)


def test_a_schedule_reaches_the_round_with_the_runs_length():
    """Halfway through the run the noise that is added has half the deviation."""
    rules = helpers.trainer(Experiment(**SMALL | {"instance_noise": "linear(0.5, 0)", "steps": 10})).rules
    step, images = tf.constant(5, tf.int64), tf.zeros([64, 8, 8, 1])
    with forward_pass(rules.key, step, 0):
        seen = rules.view(images, Rows(rules.key, step, 0, 64), step)
    np.testing.assert_allclose(np.std(seen), 0.25, rtol=0.04)  # 4,096 numbers: the error of their deviation is 1.1 %
    assert rules.total == 10


def test_there_are_twenty_sample_grids_or_more_whatever_the_length():
    def every(steps, **flags) -> int:
        return Plan.sample_every.fget(SimpleNamespace(experiment=Experiment(**flags), steps=steps))

    seen = [every(steps) for steps in range(20, 6000)]
    assert all(20 <= steps // interval < 50 for steps, interval in enumerate(seen, start=20))
    assert seen[-1] == every(10**6) == 200
    assert every(10**6, sample_every_steps=7) == 7
