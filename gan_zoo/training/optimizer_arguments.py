"""What an argument of an optimizer may be: its type is that of Keras's default, its range goes by its name."""

import re

from gan_zoo.errors import UserError, check_count, check_number, written
from gan_zoo.schedules import Schedule, check_number_or_schedule

# Of first moments: negative momentum is of use in games (Gidel et al. 2019, arXiv:1807.04740).
_MOMENTUM: dict[str, float] = {"above": -1, "below": 1}
_DECAY: dict[str, float] = {"least": 0, "below": 1}
_NOT_NEGATIVE: dict[str, float] = {"least": 0}
_POSITIVE: dict[str, float] = {"above": 0}
_ANY: dict[str, float] = {}
# pattern of an argument's name → bounds of check_number
_RANGES: dict[str, dict[str, float]] = {
    "learning_rate|clip_threshold|adam_lr_ratio|rms_rate|clipnorm|clipvalue|global_clipnorm": _POSITIVE,
    "(adam_)?beta_1|momentum": _MOMENTUM,
    "(adam_)?beta_2|rho|ema_momentum": _DECAY,
    "beta|(adam_)?weight_decay|epsilon(_.)?|initial_accumulator_value|.*_regularization_strength": _NOT_NEGATIVE,
    "learning_rate_power|beta_2_decay": {"most": 0},
    "muon_[abc]": _ANY,
}
# whole numbers → the least
_COUNTS = {"ns_steps": 1, "warmup_steps": 0, "ema_overwrite_frequency": 1, "gradient_accumulation_steps": 1,
           "loss_scale_factor": 1}
_LISTS = ("exclude_layers",)  # of texts


def check_argument(name: str, value, default):
    """Returns `value` as Keras takes it; UserError, naming the argument, if the optimizer can't mean it.

    default: of the argument in the optimizer's signature. A learning rate may be a schedule. None is taken where it is
    the default.
    """
    if value is None and default is None:
        return value
    if name == "learning_rate" and isinstance(value, Schedule):
        return check_number_or_schedule(name, value, least=0)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise UserError(f"{name} must be True or False, got {written(value)}")
    elif name in _LISTS:
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise UserError(f"{name} must be a list of texts, as in ['dense'], got {written(value)}")
    elif name in _COUNTS:
        check_count(name, value, _COUNTS[name])
    else:
        check_number(name, value, **_range(name))
        if isinstance(default, float):
            return float(value)  # Keras takes learning_rate=1.0, but not 1
    return value


def _range(name: str) -> dict[str, float]:
    return next((bounds for pattern, bounds in _RANGES.items() if re.fullmatch(pattern, name)), _ANY)


def has_range(name: str) -> bool:
    """Whether an argument's name is known here; one of a later Keras may be any number."""
    return name in _COUNTS or name in _LISTS or any(re.fullmatch(pattern, name) for pattern in _RANGES)
