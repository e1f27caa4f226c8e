"""The cases of the conformance harness: every registered model, made small where its own size is slow."""

from typing import NamedTuple

import keras

from gan_zoo import latents
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN
from gan_zoo.latents import Classes, Label, codes, label_of
from gan_zoo.models import models
from tests.helpers import networks

CLASSES = 10  # of the digits


class Case(NamedTuple):
    """How a model is tested, unless it has a line in CASES.

    spec: None for the model's own size. image_shape: of its networks; other_shapes: that it takes too. latent_size:
    noise and codes. data: the flags of a data set of this image_shape. exact: the networks in full precision
    throughout. codes: what the latent has beside noise, as " + categorical(3)". conditional: whether images have a
    class; classified: whether it is named and the discriminator is not told. The properties follow.
    """

    spec: str | None = None
    image_shape: tuple[int, int, int] = (12, 12, 1)
    latent_size: int = 8
    other_shapes: tuple[tuple[int, int, int], ...] = ((8, 8, 1), (17, 17, 3), (28, 28, 2))
    data: dict = {"dataset": "digits", "image_size": 12}
    exact: tuple[str, ...] = ()
    codes: str = ""
    conditional: bool = False
    classified: bool = False

    @property
    def latent(self) -> str:
        label = f" + label({CLASSES})" if self.conditional else ""
        if not self.codes:
            return f"normal({self.latent_size}){label}"
        return f"noise({self.latent_size - latents.build('noise(1)' + self.codes).size + 1}){self.codes}{label}"

    @property
    def label(self) -> Label | None:
        return label_of(Classes(tuple(range(CLASSES))), CLASSES) if self.conditional else None

    @property
    def code_parameters(self) -> int:
        return codes.parameter_count(latents.build(self.latent).codes)

    @property
    def heads(self) -> dict[str, int]:
        """What is said of the features, and in how many numbers."""
        return {"score": 1} | ({"parameters": self.code_parameters} if self.codes else {}) | (
            {"logits": CLASSES} if self.classified else {})

    def objective(self, game: str) -> str:
        """That game, with what the codes and the classifier need."""
        return (game + (" + mutual_information(continuous_weight=1.0)" if self.codes else "")
                + (" + auxiliary_classifier" if self.classified else ""))


CASES = {
    "dcgan": Case("dcgan(width=2, base_channels=3, conditional_norm=True)", codes=" + categorical(3)",
                  conditional=True),
    "fgan": Case("fgan(generator_widths=[24, 24], discriminator_widths=[24, 24], init=0.2, label_embedding=3)",
                 conditional=True),
    # Its generator is μ + σ z, two numbers to be fitted to within a hundredth, and no work for half precision.
    "gaussian_1d": Case(image_shape=(1, 1, 1), latent_size=1, other_shapes=(), data={"dataset": "mixture_1d"},
                        exact=("generator",)),
    "infogan": Case("infogan(width=0.1, init=0.1)", conditional=True,
                    other_shapes=((8, 8, 1), (16, 20, 3), (28, 28, 2)),
                    codes=" + categorical(3) + uniform(1) + uniform(1, posterior_stddev=None)"),
    "maxout": Case("maxout(generator_widths=[24, 24], units=[12, 12], discriminator_init=0.1)", conditional=True,
                   classified=True),
    "mlp": Case("mlp(generator=[None, 24, None], discriminator=[None, 24, 1], dropout=0.3)"),
    # A branch that begins at zero passes no gradient to its first kernels, and has no spectral norm.
    "r3gan": Case("r3gan(width=4, widest=8, group_width=8, branch_gain=1)"),
    "resnet": Case("resnet(width=3, minibatch_stddev=2)", conditional=True),
    "tiny_dcgan": Case("tiny_dcgan(width=2, discriminator_width=1)"),
}
NAMES = list(models)


def case(name: str) -> Case:
    """The case of the model `name`."""
    return CASES.get(name, Case())


def spec(name: str) -> str:
    """A spec for the model `name`."""
    return case(name).spec or name


def gan(name: str, image_shape=None, latent_size=None) -> GAN:
    """The networks of the model `name`, its case's unless another size is given."""
    of = case(name)
    keras.utils.set_random_seed(3)
    return networks(spec(name), image_shape or of.image_shape, latent_size or latents.build(of.latent).size,
                    code_parameters=of.code_parameters, num_classes=CLASSES if of.conditional else 0,
                    classified=of.classified)


def experiment(name: str, **settings) -> Experiment:
    """A quick experiment with that model on its data, with SGD and clipped gradients."""
    defaults = {
        "model": spec(name), "objective": "non_saturating", "latent": case(name).latent, "batch_size": 16,
        **case(name).data,
        "discriminator_optimizer": "sgd(learning_rate=0.05)", "generator_optimizer": "sgd(learning_rate=0.05)",
        "discriminator_clip_global_norm": 0.5, "steps": 3, "epochs": None, "seed": 5}
    settings = defaults | settings
    return Experiment(**settings | {"objective": case(name).objective(settings["objective"])})


ALTERNATING = {"update": "alternating", "discriminator_updates": 2, "generator_batch_size": 8,
               "discriminator_clip_global_norm": None, "discriminator_clip_value": 0.01, "generator_clip_norm": 0.1}
SEEN = {"augment": "flip + affine + color + translate + cutout", "instance_noise": "linear(0.5, 0)", "packing": 2,
        "spectral_norm": True, "discriminator_optimizer": "sgd(learning_rate=linear(0.05, 0.01))",
        "generator_average": "half_life(200)"}


def seen(name: str) -> dict:
    """All that can change what a discriminator sees, as far as the case lets it.

    One move of the discriminator, since tracing takes long and the variant "alternating" has two; images are augmented
    for one family only, since no network knows of it.
    """
    of = case(name)
    taken = {"augment": name in THOROUGH, "packing": not (of.codes or of.conditional)}
    return ALTERNATING | {"discriminator_updates": 1} | {
        flag: value for flag, value in SEEN.items() if taken.get(flag, True)}


VARIANTS = {
    "simultaneous": lambda name: {"objective": "wasserstein", "discriminator_weight_clip": 0.05},
    "alternating": lambda name: ALTERNATING | {"generator_average": 0.9},
    "seen": seen,
}
# Tracing takes long: one family is tried in all variants, the others in the fullest one, but the deepest ones in the
# simplest; one on four replicas too.
THOROUGH = ("mlp",)
FULLEST, SIMPLEST = "seen", "simultaneous"
DEEPEST = ("r3gan", "resnet")
ON_FOUR = ("mlp",)
# Of terms, and of what is no part of the zoo: see conformance.trials.
TRIALS = ("penalties", "relativistic", "information", "stacked")


def tried(replicas: int) -> list[tuple[str, str]]:
    """The (model, variant) pairs that are held against one replica on so many."""
    if replicas == 4:
        return [*((name, FULLEST) for name in ON_FOUR), ("trial", TRIALS[0])]
    pairs = [(name, variant) for name in NAMES for variant in VARIANTS
             if name in THOROUGH or variant == (SIMPLEST if name in DEEPEST else FULLEST)]
    return pairs + [("trial", name) for name in TRIALS]
