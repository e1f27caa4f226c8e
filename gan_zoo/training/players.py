"""Players from an experiment: optimizers by spec, clipping, who owns which variables."""

import inspect
from collections.abc import Mapping
from typing import NamedTuple

import keras
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN, Clip, Player
from gan_zoo.registry import Call, Registry, one_call
from gan_zoo.schedules import Schedule, schedules
from gan_zoo.training.adam import Adam
from gan_zoo.training.optimizer_arguments import check_argument

_WRAPPERS = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")  # the base, and those that hold other optimizers
optimizers = Registry("optimizer", context=("name", "kwargs"), nested=schedules)
for _name, _class in inspect.getmembers(keras.optimizers, inspect.isclass):
    if issubclass(_class, keras.optimizers.Optimizer) and _name not in _WRAPPERS:
        optimizers.register(_name.lower())(Adam if _class is keras.optimizers.Adam else _class)


# Arguments of Keras's optimizers that would act at the wrong place in the round, and what does it right.
_CLIPS = "use the flags --…_clip_value, --…_clip_norm and --…_clip_global_norm"
_OURS = {"clipvalue": _CLIPS, "clipnorm": _CLIPS, "global_clipnorm": _CLIPS,
         "use_ema": "use --generator_average", "loss_scale_factor": "use --precision=mixed_float16",
         "gradient_accumulation_steps": "use a larger --batch_size"}


class OptimizerCall(NamedTuple):
    """An optimizer that flags ask for, its arguments checked. spec: as it was written."""

    flag: str
    spec: str
    name: str
    arguments: dict

    def build(self, total: int, moves: int = 1) -> keras.optimizers.Optimizer:
        """A new optimizer, in a run of `total` rounds in which it moves `moves` times each."""
        arguments = {name: _Rate(value, total, moves) if isinstance(value, Schedule) else value
                     for name, value in self.arguments.items()}
        try:
            optimizer = optimizers.build(Call(self.name, (), arguments))
        except (TypeError, ValueError) as error:
            raise UserError(f"{self.flag}={self.spec}: {str(error).splitlines()[0]}") from None
        if keras.config.dtype_policy().name == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer


class _Rate(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of rounds as Keras wants it, which counts moves. factor: on all that it says."""

    def __init__(self, schedule: Schedule, total: int, moves: int):
        self.schedule, self.total, self.moves = schedule, total, moves
        self.factor = tf.Variable(1.0, trainable=False)

    def __call__(self, step):
        rate = self.schedule(tf.convert_to_tensor(step) // self.moves, self.total)
        return rate * tf.cast(self.factor, rate.dtype)

    def get_config(self):
        return {"schedule": repr(self.schedule), "total": self.total, "moves": self.moves}


def rate_of(optimizer: keras.optimizers.Optimizer) -> float | None:
    """The learning rate of a new optimizer; None if it follows a schedule."""
    rate = _unscaled(optimizer)._learning_rate
    return None if isinstance(rate, _Rate) else float(rate.numpy())


def set_rate(optimizer: keras.optimizers.Optimizer, rate: float | None, factor: float) -> None:
    """Sets the learning rate to `factor` times `rate`, what `rate_of` gave."""
    inner = _unscaled(optimizer)
    if rate is None:
        inner._learning_rate.factor.assign(factor)
    else:
        inner.learning_rate = rate * factor


def _unscaled(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The optimizer itself, not the one that scales its loss."""
    return optimizer.inner_optimizer if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else optimizer


def read_optimizer(flag: str, spec: str) -> OptimizerCall:
    """An optimizer of Keras from a spec such as "adam(learning_rate=1e-3, beta_1=0.5)"; UserError names the flag.

    The learning rate may be a schedule. Clipping is refused here: an optimizer clips before the replicas meet, the
    flags for it do so after.
    """
    try:
        call = one_call(spec)
        return OptimizerCall(flag, spec, call.name, _checked(call))
    except UserError as error:
        raise UserError(f"{flag}={spec}: {error}") from None


def _checked(call: Call) -> dict:
    arguments = optimizers.bind(call)
    for name, instead in _OURS.items():
        if arguments.get(name):
            raise UserError(f"{name} is not for a spec: {instead}")
    for name, value in arguments.items():
        arguments[name] = check_argument(name, value, optimizers.hyperparameters(call.name)[name].default)
    return arguments


def build_player(name: str, variables, experiment: Experiment, call: OptimizerCall, total: int) -> Player:
    """The player whose flags begin with `name`, its optimizer built for `variables`. total: rounds of the run."""
    settings = experiment.values()
    moves = settings[f"{name}_updates"]
    optimizer = call.build(total, moves)
    try:
        optimizer.build(variables)
    except (TypeError, ValueError) as error:
        raise UserError(f"{call.flag}={call.spec}: {str(error).splitlines()[0]}") from None
    clip = Clip(*(settings[f"{name}_clip_{kind}"] for kind in Clip._fields))
    return Player(name, variables, optimizer, clip, settings.get(f"{name}_weight_clip"), moves)


def build_players(gan: GAN, experiment: Experiment, calls: Mapping[str, OptimizerCall],
                  total: int) -> tuple[Player, Player]:
    """(discriminator, generator).

    The recognizer is the discriminator's too, as in InfoGAN's own code (arXiv:1606.03657), and so is the classifier;
    but --discriminator_weight_clip, which bounds a critic, leaves alone what only these two have. total: rounds.
    """
    judging = [variable for network in gan.judges for variable in network.trainable_variables]
    critic = {id(variable) for variable in gan.discriminator.trainable_variables}
    discriminator, generator = (
        build_player(name, variables, experiment, calls[name], total)
        for name, variables in (("discriminator", judging), ("generator", gan.generator.trainable_variables)))
    return discriminator._replace(unbounded=[v for v in judging if id(v) not in critic]), generator
