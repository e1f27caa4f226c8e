"""The trainings on which the alarm is calibrated and tried: small networks on data that need no download.

Constants of the rules were chosen on other seeds of these recipes. What counts as healthy or faulty, and the word for
it, was decided by looking at the images of those.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gan_zoo import recipes
from gan_zoo.judging.words import (
    COLLAPSED,
    CYCLING,
    DISCRIMINATOR_WON,
    DIVERGED,
    GENERATOR_WON,
    NOT_STARTED,
    SAME,
)

FEW = (1, 10, 100, 1000)  # different images of an injected fault
WITHOUT = (1, 5)  # classes that one loses
NEVER = (1, 3)  # classes that one never makes


class Case(NamedTuple):
    """A training. part: "calibration", "healthy", "faulty", or "example", which is drawn and not counted.

    words: the verdicts that are right for a fault, any of which its images show as it goes. seen: the step at which
    they show it first, None if they don't.

    injected: whether faults are put into what it generates as well.
    """

    name: str
    flags: tuple[str, ...]
    part: str
    words: tuple[str, ...] = ()
    seen: int | None = None
    injected: bool = False

    def path(self, folder: Path, fault: str = "") -> Path:
        """Of its files, or of those of a fault put into it."""
        return folder / self.part / (f"{self.name}-{fault}" if fault else self.name)


def _adam(discriminator: float | str, generator: float | str, beta_1: float = 0.5) -> list[str]:
    return [f"--discriminator_optimizer=adam(learning_rate={discriminator}, beta_1={beta_1})",
            f"--generator_optimizer=adam(learning_rate={generator}, beta_1={beta_1})"]


def _sgd(discriminator: float | str, generator: float | str) -> list[str]:
    return [f"--discriminator_optimizer=sgd(learning_rate={discriminator})",
            f"--generator_optimizer=sgd(learning_rate={generator})"]


def _recipe(name: str) -> str:
    return f"--flagfile={recipes.folder() / name}.flags"


def _mlp(rest: str) -> str:
    """A generator and a discriminator of two hidden layers."""
    return ("--model=mlp(generator=[None, 128, 128, None], discriminator=[None, 128, 128, 1], "
            f"init_scale=1, {rest})")


FIRST_SEED = 100  # the rules were made on seeds below, and from 1000 on
_GAME = "--objective=non_saturating"  # whatever the model's recipe has; a case's own comes later, and counts
_WATCHED = ["--nosame_noise", "--batch_size=64", "--evaluate_every_steps=100"]
_IMAGES = [*_WATCHED, "--latent=normal(32)", "--generator_average=0.99"]
_DIGITS = ["--dataset=digits", "--image_size=8", *_IMAGES]
_MNIST = ["--dataset=mnist_5k", "--image_size=14", *_IMAGES]
_ZEROS = ["--dataset=mnist_5k", "--image_size=14", "--classes=0", *_WATCHED, "--latent=normal(32)", "--batch_size=32",
          "--steps=4000", "--model=mlp(generator=[None, 128, 128, None], discriminator=[None, 64, 1], "
          "hidden='leaky_relu', init_scale=1, output='tanh')"]
_POINTS = [*_WATCHED, "--latent=normal(8)", "--generator_average=0.99"]
_POINTS_MLP = _mlp("output='linear'")
_MAXOUT = "--model=maxout(generator_widths=(256, 256), units=(64, 64), dropout=0.3)"
_LEAKY = _mlp("hidden='leaky_relu'")
_DROPOUT = _mlp("hidden='leaky_relu', dropout=0.3")
_LISTS = [_recipe("mlp_tutorial"), "--split=train", "--evaluate_every_steps=50", "--steps=2000"]
_DCGAN = "--model=dcgan(width=4, base_channels=16)"

# recipe → (flags, seeds)
_CALIBRATION: dict[str, tuple[list[str], range]] = {
    "maxout_digits": ([_MAXOUT, *_DIGITS, *_adam(2e-3, 2e-3), "--steps=3000"], range(8)),
    "dropout_digits": ([_DROPOUT, *_DIGITS, *_adam(2e-3, 2e-3), "--steps=3000"], range(8)),
    "dropout_mnist": ([_DROPOUT, *_MNIST, *_adam(2e-3, 2e-3), "--steps=3000"], range(6)),
    "conditional_digits": ([_DROPOUT, "--conditional", *_DIGITS, *_adam(2e-3, 2e-3), "--steps=3000"], range(4)),
    "dcgan_mnist": ([_DCGAN, *_MNIST, *_adam(2e-3, 2e-3), "--batch_size=32", "--steps=2000"], range(3)),
    "zeros": ([*_ZEROS, "--discriminator_optimizer=sgd(learning_rate=0.05)",
               "--generator_optimizer=adam(learning_rate=1e-3)"], range(5)),
    "sevens": ([*_ZEROS, "--classes=7", *_sgd(0.05, 0.1)], range(3)),
    "gaussian_1d": ([_recipe("gaussian_1d"), *_WATCHED, "--batch_size=256", "--steps=4000"], range(3)),
    "ring": ([_POINTS_MLP, "--dataset=ring(std=0.1)", *_POINTS, *_adam(2e-3, 2e-3), "--instance_noise=linear(0.3, 0)",
              "--steps=3000"], range(3)),
}
_HEALTHY: dict[str, tuple[list[str], range]] = {
    "maxout_mnist": ([_MAXOUT, *_MNIST, *_adam(2e-3, 2e-3), "--steps=2500"], range(8)),
    "conditional_mnist": ([_DROPOUT, "--conditional", *_MNIST, *_adam(2e-3, 2e-3), "--steps=3000"], range(8)),
    "least_squares_digits": ([_MAXOUT, "--objective=least_squares", *_DIGITS, *_adam(2e-3, 2e-3), "--steps=2500"],
                             range(8)),
    "minimax_digits": ([_LEAKY, "--objective=minimax", *_DIGITS, *_adam(1e-3, 1e-3), "--steps=3000"], range(8)),
    "js_digits": ([_DROPOUT, "--objective=f_divergence('js')", *_DIGITS, *_adam(2e-3, 2e-3), "--steps=3000"], range(8)),
    "hinge_digits": ([_DROPOUT, "--objective=hinge", *_DIGITS, *_adam(2e-3, 2e-3), "--steps=3000"], range(8)),
    "augmented_digits": ([_LEAKY, "--augment=translate", *_DIGITS, *_adam(2e-3, 2e-3), "--steps=4000"],
                         range(6)),
    "noisy_digits": ([_LEAKY, "--instance_noise=linear(0.5, 0)", *_DIGITS, *_adam(2e-3, 2e-3),
                      "--steps=3000"], range(6)),
    "codes_digits": ([_DROPOUT, *_DIGITS, "--latent=noise(30, distribution='normal') + categorical(10)",
                      "--objective=non_saturating + mutual_information", *_adam(2e-3, 2e-3), "--steps=3000"], range(6)),
    "ones": ([*_ZEROS, "--classes=1", *_sgd(0.05, 0.1)], range(8)),
    "mixture_1d": ([_POINTS_MLP, "--dataset=mixture_1d", *_POINTS, *_adam(2e-3, 2e-3), "--instance_noise=0.1",
                    "--steps=2500"], range(6)),
    "grid": ([_POINTS_MLP, "--dataset=grid(side=3, std=0.3)", *_POINTS, *_adam(1e-3, 1e-3),
              "--instance_noise=0.2", "--steps=2000"], range(6)),
}
_INJECTED = ("maxout_mnist", "conditional_mnist", "least_squares_digits", "js_digits")
_INJECTED_SEEDS = range(4)

# recipe → (flags, seeds, the right words)
_FAULTY: dict[str, tuple[list[str], range, tuple[str, ...]]] = {
    "lists_mlp": ([*_LISTS, "--dataset=mnist_5k"], range(2), (SAME, CYCLING)),
    "lists_mlp_digits": ([*_LISTS, "--dataset=digits", "--image_size=8"], range(3), (SAME, CYCLING)),
    "zeros_fast_discriminator": ([*_ZEROS, *_adam(0.01, 1e-3, 0.9)], range(4), (CYCLING, COLLAPSED)),
    "zeros_fast_generator": ([*_ZEROS, "--discriminator_optimizer=sgd(learning_rate=0.05)",
                              "--generator_optimizer=adam(learning_rate=0.01)"], range(4),
                             (CYCLING, SAME, DISCRIMINATOR_WON)),
    "zeros_steps_too_long": ([*_ZEROS, "--discriminator_optimizer=sgd(learning_rate=0.5)",
                              "--generator_optimizer=adam(learning_rate=5e-3)"], range(2), (DIVERGED,)),
    "saturated": ([_LEAKY, "--objective=minimax", "--discriminator_updates=3", *_DIGITS, *_adam(1e-3, 1e-4),
                   "--steps=2000"], range(4), (DISCRIMINATOR_WON,)),
    "literal_dcgan": ([_recipe("dcgan_tutorial"), "--dataset=mnist_5k",
                       "--model=dcgan(width=16, base_channels=50, output='linear')", "--batch_size=64",
                       "--evaluate_every_steps=50", "--steps=1500"], range(2), (DISCRIMINATOR_WON,)),
    "high_rates": ([_LEAKY, *_DIGITS, *_adam(0.02, 0.02), "--steps=3000"], range(3),
                   (DISCRIMINATOR_WON, COLLAPSED)),
    "wasserstein_unbounded": ([_LEAKY, "--objective=wasserstein", *_DIGITS, *_sgd(0.5, 0.5), "--steps=2000"],
                              range(2), (DIVERGED,)),
    "least_squares_high_rate": ([_LEAKY, "--objective=least_squares", *_DIGITS, *_sgd(1, 1), "--steps=2000"],
                                range(2), (DIVERGED,)),
    "weak_discriminator": ([_LEAKY, *_DIGITS, *_adam(1e-6, 2e-3), "--steps=2000"], range(3),
                           (GENERATOR_WON, SAME)),
    "fast_generator": ([_LEAKY, *_DIGITS, *_adam(1e-4, 1e-2), "--steps=2500"], range(3),
                       (SAME, NOT_STARTED, CYCLING)),
    "ring_cycling": ([_POINTS_MLP, "--dataset=ring", *_POINTS, "--generator_average=0",
                      *_adam(1e-4, 1e-3, 0.9), "--steps=4000"], range(4), (CYCLING,)),
    "ring_few_modes": (["--model=mlp(generator=[None, 48, None], discriminator=[None, 128, 128, 1], init_scale=1, "
                        "output='linear')", "--dataset=ring(std=0.1)", *_POINTS, *_adam(2e-3, 2e-3), "--steps=3000"],
                       range(4), (COLLAPSED,)),
    "ring_plain": ([_POINTS_MLP, "--dataset=ring", *_POINTS, *_adam(1e-3, 1e-3, 0.9), "--steps=4000"], range(3),
                   (CYCLING, SAME)),
}

# Verdicts that none of the others comes to, for the pictures.
_EXAMPLES: dict[str, list[str]] = {
    "rates_far_too_low": [_LEAKY, *_DIGITS, *_adam(1e-6, 1e-6), "--steps=2000"],
    "rates_that_rise": [_DROPOUT, *_DIGITS, *_adam("linear(2e-3, 0.0115)", "linear(2e-3, 0.0115)"), "--steps=4000"],
    "too_many_rounds": [_LEAKY, *_DIGITS, *_adam(2e-3, 2e-3), "--steps=7800", "--evaluate_every_steps=300"],
    "least_squares_rates_that_rise": [_LEAKY, "--objective=least_squares", *_DIGITS,
                                      *_sgd("linear(0.05, 0.4)", "linear(0.05, 0.4)"), "--steps=6000"],
}


# The step at which a fault shows in the images, by eye, for the delay of the alarm; those that diverge show nothing.
SEEN = {"lists_mlp": 50, "lists_mlp_digits": 50, "zeros_fast_discriminator": 300, "zeros_fast_generator": 300,
        "saturated": 300, "literal_dcgan": 500, "high_rates": 300, "weak_discriminator": 300, "fast_generator": 300,
        "ring_cycling": 300, "ring_few_modes": 300, "ring_plain": 300}


def cases() -> Iterator[Case]:
    """All of them, in the order in which they are trained."""
    for part, healthy in (("calibration", _CALIBRATION), ("healthy", _HEALTHY)):
        for recipe, (flags, seeds) in healthy.items():
            for index in seeds:
                seed, injected = FIRST_SEED + index, part == "healthy" and recipe in _INJECTED
                yield Case(f"{recipe}_{seed}", (_GAME, *flags, f"--seed={seed}"), part,
                           injected=injected and index in _INJECTED_SEEDS)
    for recipe, (flags, seeds, words) in _FAULTY.items():
        for seed in map(FIRST_SEED.__add__, seeds):
            yield Case(f"{recipe}_{seed}", (_GAME, *flags, f"--seed={seed}"), "faulty", words, SEEN.get(recipe))
    for recipe, flags in _EXAMPLES.items():
        yield Case(f"{recipe}_{FIRST_SEED}", (_GAME, *flags, f"--seed={FIRST_SEED}"), "example")
