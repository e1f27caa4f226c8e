"""One flag to try: the first that the run does not use already, and that it can have."""

import dataclasses
import shlex

import pytest

from gan_zoo.commands.flags import parse
from gan_zoo.experiment import Experiment
from gan_zoo.judging.advice import REMEDIES, advised
from gan_zoo.judging.words import (
    COLLAPSED,
    DISCRIMINATOR_WON,
    DIVERGED,
    HEALTHY,
    NOT_STARTED,
    PAST_BEST,
    Finding,
)


def _advice(verdict: str, experiment: Experiment, *impossible: str) -> str:
    return advised(Finding(verdict, "", "said by the test"), experiment, impossible).advice


@pytest.mark.parametrize("verdict", REMEDIES)
def test_what_was_tried_is_not_advised_again(verdict):
    """Each is a flag that can be given; after the last there is none."""
    experiment, tried = Experiment(), []
    while advice := _advice(verdict, experiment):
        assert advice not in tried
        tried.append(advice)
        experiment = parse(shlex.split(f"--model=mlp --dataset=digits {' '.join(tried)}")).experiment
    assert len(tried) == len(REMEDIES[verdict])


def test_another_noise_is_noise_too():
    noisy = Experiment(instance_noise="linear(0.5, 0.05)")
    assert _advice(COLLAPSED, noisy) == "--packing=2"
    slower = "--discriminator_optimizer='adam(learning_rate=1e-4, beta_1=0.5)'"
    assert _advice(COLLAPSED, noisy, "packing") == slower
    assert _advice(COLLAPSED, dataclasses.replace(noisy, packing=4)) == slower
    assert _advice(DIVERGED, Experiment(discriminator_clip_value=1.0)) == slower  # one way of clipping excludes others
    assert _advice(PAST_BEST, Experiment(patience=3)) == ""
    assert _advice(HEALTHY, Experiment()) == ""


@pytest.mark.parametrize(("rate", "slower", "faster"), [
    ("1e-5", False, True), ("1e-4, beta_1=0.5", False, True), ("2e-4", True, True), ("5e-3", True, False),
    ("cosine(1e-5, 1e-6)", True, True)])
def test_an_optimizer_is_advised_if_it_is_a_turn_to_the_better(rate, slower, faster):
    """A discriminator that has won is to take shorter steps, a generator that has not begun longer ones."""
    optimizer = f"adam({rate})"
    one = Experiment(instance_noise="0.2", discriminator_optimizer=optimizer, generator_optimizer=optimizer)
    assert bool(_advice(DISCRIMINATOR_WON, one)) == slower
    assert bool(_advice(NOT_STARTED, one)) == faster
