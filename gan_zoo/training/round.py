"""One round: k moves of the discriminator, then the generator's, as plain functions on a GradientTape."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from gan_zoo.game import GAN, Examples, LatentSample, Objective, Play, Player
from gan_zoo.randomness import Key
from gan_zoo.training.gradients import all_mean, gradients, move, scaled, statistics
from gan_zoo.training.history import OBJECTIVE


class Inputs(NamedTuple):
    """What a round plays with, on one replica.

    real: a batch of examples for each move of the discriminator. discriminator_latents: noise
    for the same moves; generator_latents: noise for each of the generator's (alternating only).
    """

    real: Sequence[Examples]
    discriminator_latents: Sequence[LatentSample]
    generator_latents: Sequence[LatentSample]


class Outcome(NamedTuple):
    """metrics: named scalars, means over the replica. Scores [B, 1] are the discriminator's at its last move."""

    metrics: dict[str, tf.Tensor]
    real_scores: tf.Tensor
    fake_scores: tf.Tensor


class Rules(NamedTuple):
    """Who plays what: the networks, the objective, the players, and the root of the round's randomness."""

    gan: GAN
    objective: Objective
    discriminator: Player
    generator: Player
    key: Key


Round = Callable[[Inputs, tf.Tensor, tf.Tensor], Outcome]


def make_round(rules: Rules, update: str) -> Round:
    """The round (inputs, step, rank) → Outcome that `update` names; to be called inside strategy.run."""
    return {"simultaneous": _simultaneous, "alternating": _alternating}[update](rules)


def _simultaneous(rules: Rules) -> Round:
    def play_round(inputs: Inputs, step, rank) -> Outcome:
        *earlier, last = _plays(rules, inputs, step, rank)
        for play in earlier:
            _discriminator_move(rules, play)
        with tf.GradientTape(persistent=True) as tape:
            discriminator_loss = rules.objective.discriminator_loss(last)
            generator_loss = rules.objective.generator_loss(last)
            losses = scaled(discriminator_loss, rules.discriminator), scaled(generator_loss, rules.generator)
        found = [gradients(tape, loss, player)
                 for loss, player in zip(losses, (rules.discriminator, rules.generator), strict=True)]
        move(rules.discriminator, found[0])
        move(rules.generator, found[1])
        metrics = {"discriminator_loss": discriminator_loss, "generator_loss": generator_loss}
        metrics |= statistics(rules.discriminator, found[0]) | statistics(rules.generator, found[1])
        return _outcome(rules, last, metrics)

    return play_round


def _alternating(rules: Rules) -> Round:
    def play_round(inputs: Inputs, step, rank) -> Outcome:
        plays = _plays(rules, inputs, step, rank)
        for play in plays:
            metrics = _discriminator_move(rules, play)
        for index, latent in enumerate(inputs.generator_latents):
            key = rules.key(f"generator_{index}")
            metrics |= _generator_move(rules, Play(rules.gan, inputs.real[-1], latent, key, step, rank))
        return _outcome(rules, plays[-1], metrics)

    return play_round


def _plays(rules: Rules, inputs: Inputs, step, rank) -> list[Play]:
    pairs = zip(inputs.real, inputs.discriminator_latents, strict=True)
    return [Play(rules.gan, real, latent, rules.key(f"discriminator_{index}"), step, rank)
            for index, (real, latent) in enumerate(pairs)]


def _discriminator_move(rules: Rules, play: Play) -> dict[str, tf.Tensor]:
    _ = play.fake  # made before the tape runs: this move does not go back through the generator
    return _move(rules.discriminator, rules.objective.discriminator_loss, play)


def _generator_move(rules: Rules, play: Play) -> dict[str, tf.Tensor]:
    return _move(rules.generator, rules.objective.generator_loss, play)


def _move(player: Player, loss_of, play: Play) -> dict[str, tf.Tensor]:
    with tf.GradientTape() as tape:
        loss = loss_of(play)
        to_differentiate = scaled(loss, player)
    found = gradients(tape, to_differentiate, player)
    move(player, found)
    return {f"{player.name}_loss": loss, **statistics(player, found)}


def _outcome(rules: Rules, play: Play, metrics: dict[str, tf.Tensor]) -> Outcome:
    real, fake = play.real_scores, play.fake_scores
    threshold = rules.objective.threshold
    if threshold is None:
        threshold = all_mean((tf.reduce_mean(real) + tf.reduce_mean(fake)) / 2)
    metrics |= {"accuracy_real": _share(real >= threshold), "accuracy_generated": _share(fake < threshold)}
    metrics |= {OBJECTIVE + name: value for name, value in rules.objective.diagnostics(play).items()}
    return Outcome({name: tf.cast(value, tf.float32) for name, value in metrics.items()},
                   tf.cast(real, tf.float32), tf.cast(fake, tf.float32))


def _share(condition: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(condition, tf.float32))
