"""From a spec to a GAN."""

import inspect

import keras

from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.models import conditioning
from gan_zoo.models.base import models
from gan_zoo.registry import Call, one_call


def build(spec: str, image_shape: tuple[int, int, int], latent_size: int, code_parameters: int = 0,
          labels: conditioning.Labels = conditioning.UNCONDITIONAL) -> GAN:
    """A GAN for images [H, W, C] and latent points [Z] from its spec, such as "dcgan(width=32)".

    code_parameters: how many numbers a recognizer has to emit. labels: what the networks are told of classes, which
    stand one-hot at the end of a point. UserError if the model can't have them.
    """
    call = one_call(spec)
    check(call, code_parameters > 0, labels.num_classes > 0)
    gan = models.build(call, image_shape=tuple(image_shape), latent_size=latent_size, code_parameters=code_parameters,
                       labels=labels)
    return gan._replace(num_classes=labels.told, judge=_judge(gan))


def check(call: Call, codes: bool, labels: bool) -> None:
    """Raises UserError if the model has no recognizer and there are codes, or takes no labels and there are some."""
    taken = inspect.signature(models[call.name]).parameters
    if codes and "code_parameters" not in taken:
        raise UserError(f"{call.name} has no recognizer for the codes of the latent: models with one are "
                        f"{_that_take('code_parameters')}; or take a --latent without codes, as in normal(100)")
    if labels and "labels" not in taken:
        raise UserError(f"{call.name} takes no labels: models that do are {_that_take('labels')}; or leave "
                        "--conditional, or the label in --latent, out")


def _that_take(parameter: str) -> str:
    return ", ".join(name for name in models if parameter in inspect.signature(models[name]).parameters)


def _judge(gan: GAN) -> keras.Model | None:
    """All heads on one body; None if there is one only, or if they don't stand on one."""
    images = gan.discriminator.inputs[0]
    if len(gan.heads) == 1 or any(network.inputs[0] is not images for network in gan.heads.values()):
        return None
    return keras.Model(gan.discriminator.input, {name: head.output for name, head in gan.heads.items()}, name="judge")
