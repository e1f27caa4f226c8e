"""The cases of the conformance harness: every registered model, made small where its own size is slow."""

from gan_zoo.experiment import Experiment
from gan_zoo.models import models

SMALL = {
    "dcgan": "dcgan(width=2, base_channels=3)",
    "fgan": "fgan(generator_widths=[24, 24], discriminator_widths=[24, 24], init=0.2)",
    "maxout": "maxout(generator_widths=[24, 24], units=[12, 12], discriminator_init=0.1)",
    "mlp": "mlp(generator=[None, 24, None], discriminator=[None, 24, 1], dropout=0.3)",
}
NAMES = list(models)


def spec(name: str) -> str:
    """A spec for the model `name`; a new model is tested at its own size until it has a line in SMALL."""
    return SMALL.get(name, name)


def experiment(name: str, **settings) -> Experiment:
    """A quick experiment with that model on the digits, with SGD and clipped gradients."""
    defaults = {
        "model": spec(name), "dataset": "digits", "image_size": 12, "latent": "normal(8)", "batch_size": 16,
        "discriminator_optimizer": "sgd(learning_rate=0.05)", "generator_optimizer": "sgd(learning_rate=0.05)",
        "discriminator_clip_global_norm": 0.5, "steps": 3, "epochs": None, "seed": 5}
    return Experiment(**(defaults | settings))
