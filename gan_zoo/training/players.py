"""Players from an experiment: optimizers by spec, clipping, who owns which variables."""

import inspect

import keras

from gan_zoo.errors import UserError, check_number
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN, Clip, Player
from gan_zoo.registry import Call, Registry, one_call
from gan_zoo.training.adam import Adam

_WRAPPERS = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")  # the base, and those that hold other optimizers
optimizers = Registry("optimizer", context=("name", "kwargs"))
for _name, _class in inspect.getmembers(keras.optimizers, inspect.isclass):
    if issubclass(_class, keras.optimizers.Optimizer) and _name not in _WRAPPERS:
        optimizers.register(_name.lower())(Adam if _class is keras.optimizers.Adam else _class)


# Arguments of Keras's optimizers that would act at the wrong place in the round, and what does it right.
_CLIPS = "use the flags --…_clip_value, --…_clip_norm and --…_clip_global_norm"
_OURS = {"clipvalue": _CLIPS, "clipnorm": _CLIPS, "global_clipnorm": _CLIPS,
         "use_ema": "use --generator_average", "loss_scale_factor": "use --precision=mixed_float16",
         "gradient_accumulation_steps": "use a larger --batch_size"}


def build_optimizer(spec: str) -> keras.optimizers.Optimizer:
    """An optimizer of Keras from a spec such as "adam(learning_rate=1e-3, beta_1=0.5)".

    Clipping is refused here: an optimizer clips before the replicas meet, the flags for it do so after.
    """
    call = one_call(spec)
    arguments = optimizers.bind(call)
    for name, instead in _OURS.items():
        if arguments.get(name):
            raise UserError(f"{name} is not for a spec: {instead}")
    for name, value in arguments.items():
        default = optimizers.hyperparameters(call.name)[name].default
        if default is None and value is not None:
            check_number(name, value)
        elif isinstance(default, (int, float)) and not isinstance(default, bool):
            check_number(name, value, above=0 if name == "learning_rate" else None)
            arguments[name] = type(default)(value)  # Keras takes learning_rate=1.0, but not 1
    try:
        optimizer = optimizers.build(Call(call.name, (), arguments))
    except (TypeError, ValueError) as error:
        raise UserError(f"{spec}: {str(error).splitlines()[0]}") from None
    if keras.config.dtype_policy().name == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def build_player(name: str, variables, experiment: Experiment) -> Player:
    """The player whose flags begin with `name`, its optimizer built for `variables`."""
    settings = experiment.values()
    try:
        optimizer = build_optimizer(settings[f"{name}_optimizer"])
        optimizer.build(variables)
    except UserError as error:
        raise UserError(f"--{name}_optimizer: {error}") from None
    except (TypeError, ValueError) as error:
        raise UserError(f"--{name}_optimizer={settings[f'{name}_optimizer']}: {str(error).splitlines()[0]}") from None
    clip = Clip(*(settings[f"{name}_clip_{kind}"] for kind in Clip._fields))
    return Player(name, variables, optimizer, clip, settings.get(f"{name}_weight_clip"), settings[f"{name}_updates"])


def build_players(gan: GAN, experiment: Experiment) -> tuple[Player, Player]:
    """(discriminator, generator).

    The recognizer is the discriminator's too, as in InfoGAN's own code (arXiv:1606.03657), and so is the classifier;
    but --discriminator_weight_clip, which bounds a critic, leaves alone what only these two have.
    """
    judging = {id(variable): variable for head in gan.heads.values() for variable in head.trainable_variables}
    critic = {id(variable) for variable in gan.discriminator.trainable_variables}
    discriminator = build_player("discriminator", list(judging.values()), experiment)
    return (discriminator._replace(unbounded=[v for v in discriminator.variables if id(v) not in critic]),
            build_player("generator", gan.generator.trainable_variables, experiment))
