"""The cases of the conformance harness: every registered model, made small where its own size is slow."""

from typing import NamedTuple

from gan_zoo import latents
from gan_zoo.experiment import Experiment
from gan_zoo.latents import codes
from gan_zoo.models import Labels, models

CLASSES = 10  # of the digits


class Case(NamedTuple):
    """How a model is tested, unless it has a line in CASES.

    spec: None for the model's own size. image_shape: of its networks; other_shapes: that it takes too. latent_size:
    noise and codes. data: the flags of a data set of this image_shape. exact: the networks in full precision
    throughout. codes: what the latent has beside noise, as " + categorical(3)". conditional: whether it has a label
    too; classified: whether a classifier names it and the discriminator is not told. The properties follow.
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
    def size(self) -> int:
        """Numbers in a latent point."""
        return latents.build(self.latent).size

    @property
    def labels(self) -> Labels:
        return Labels(CLASSES if self.conditional else 0, self.classified)

    @property
    def code_parameters(self) -> int:
        return codes.parameter_count(latents.build(self.latent).codes)

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
    "infogan": Case("infogan(width=0.1, init=0.1, instance_noise=0.3)",
                    other_shapes=((8, 8, 1), (16, 20, 3), (28, 28, 2)),
                    codes=" + categorical(3) + uniform(1) + uniform(1, posterior_stddev=None)"),
    "maxout": Case("maxout(generator_widths=[24, 24], units=[12, 12], discriminator_init=0.1)", conditional=True,
                   classified=True),
    "mlp": Case("mlp(generator=[None, 24, None], discriminator=[None, 24, 1], dropout=0.3)"),
}
NAMES = list(models)


def case(name: str) -> Case:
    """The case of the model `name`."""
    return CASES.get(name, Case())


def spec(name: str) -> str:
    """A spec for the model `name`."""
    return case(name).spec or name


def experiment(name: str, **settings) -> Experiment:
    """A quick experiment with that model on its data, with SGD and clipped gradients."""
    defaults = {
        "model": spec(name), "objective": "non_saturating", "latent": case(name).latent, "batch_size": 16,
        **case(name).data,
        "discriminator_optimizer": "sgd(learning_rate=0.05)", "generator_optimizer": "sgd(learning_rate=0.05)",
        "discriminator_clip_global_norm": 0.5, "steps": 3, "epochs": None, "seed": 5}
    settings = defaults | settings
    return Experiment(**settings | {"objective": case(name).objective(settings["objective"])})
