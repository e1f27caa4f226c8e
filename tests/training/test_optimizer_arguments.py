"""What an optimizer can mean: types and ranges of every argument of every optimizer that can be named."""

import inspect

import pytest

from gan_zoo.errors import UserError
from gan_zoo.training.optimizer_arguments import check_argument, has_range
from gan_zoo.training.players import optimizers, read_optimizer

ARGUMENTS = [(name, key, parameter.default) for name in optimizers
             for key, parameter in optimizers.hyperparameters(name).items()]


def test_every_argument_is_known():
    """One that a later Keras brings is told here, to be given its range."""
    assert [(name, key) for name, key, default in ARGUMENTS
            if default is inspect.Parameter.empty or not (isinstance(default, bool) or has_range(key))] == []


@pytest.mark.parametrize(("name", "key", "default"), ARGUMENTS)
def test_defaults_are_in_range_and_other_types_are_not(name, key, default):
    assert check_argument(key, default, default) == default
    for value in ("yes", [0.5], {}, 1e39):
        with pytest.raises(UserError, match=f"^{key} must be"):
            check_argument(key, value, default)


@pytest.mark.parametrize(("key", "value", "default"), [
    ("beta_1", -0.5, 0.9), ("beta_1", 0, 0.9), ("weight_decay", 0, None), ("epsilon", 0, 1e-7), ("ns_steps", 1, 5),
    ("exclude_layers", ["dense"], None), ("amsgrad", True, False), ("muon_b", -9, -4.8), ("adam_lr_ratio", 0.5, 1)])
def test_what_can_be_meant(key, value, default):
    checked = check_argument(key, value, default)
    assert checked == value
    assert isinstance(checked, float) or not isinstance(default, float)


@pytest.mark.parametrize(("key", "value", "default"), [
    ("beta_1", 5, 0.9), ("beta_1", -1, 0.9), ("beta_2", 1, 0.999), ("beta_2", -0.1, 0.999), ("rho", 1.5, 0.9),
    ("momentum", 1, 0.0), ("epsilon", -1, 1e-7), ("epsilon_1", -1, 1e-30), ("weight_decay", -1, None),
    ("learning_rate", 0, 0.01), ("learning_rate", -1, 0.01), ("amsgrad", 1, False), ("nesterov", None, False),
    ("ns_steps", -1, 5), ("ns_steps", 1.5, 5), ("warmup_steps", -1, 0), ("clip_threshold", 0, 1.0),
    ("beta_2_decay", 0.1, -0.8), ("learning_rate_power", 0.5, -0.5), ("l1_regularization_strength", -1, 0.0),
    ("exclude_layers", "dense", None), ("exclude_layers", [1], None), ("rms_rate", 0, 0.2), ("adam_beta_1", 1, 0.9)])
def test_what_can_not(key, value, default):
    with pytest.raises(UserError, match=f"^{key} must be"):
        check_argument(key, value, default)


def test_the_flag_is_named():
    with pytest.raises(UserError, match=r"^--generator_optimizer=adam\(beta_1=5\): beta_1 must be a number above"):
        read_optimizer("--generator_optimizer", "adam(beta_1=5)")
