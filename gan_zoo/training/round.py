"""One round: k moves of the discriminator, then the generator's, as plain functions on a GradientTape."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from gan_zoo.game import GAN, Examples, LatentSample, Player, View
from gan_zoo.play import Objective, Play
from gan_zoo.randomness import Key
from gan_zoo.replicas import all_mean
from gan_zoo.training.gradients import gradients, move, scaled, statistics
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
    generated_scores: tf.Tensor


class Rules(NamedTuple):
    """Who plays what: the networks, the objective, the players, and the root of the round's randomness.

    view, total, memory: as in Play.
    """

    gan: GAN
    objective: Objective
    discriminator: Player
    generator: Player
    key: Key
    view: View | None = None
    total: int = 1
    memory: Mapping[str, keras.Variable] = {}

    def play(self, real: Examples, latent: LatentSample, name: str, step, rank) -> Play:
        """The play of a move, whose random streams are called `name`."""
        return Play(self.gan, real, latent, self.key(name), step, rank, view=self.view, total=self.total,
                    memory=self.memory)


Round = Callable[[Inputs, tf.Tensor, tf.Tensor], Outcome]


def make_round(rules: Rules, update: str) -> Round:
    """The round (inputs, step, rank) → Outcome that `update` names; to be called inside strategy.run."""
    return {"simultaneous": _simultaneous, "alternating": _alternating}[update](rules)


def _simultaneous(rules: Rules) -> Round:
    def play_round(inputs: Inputs, step, rank) -> Outcome:
        *earlier, last = _plays(rules, inputs, step, rank)
        for play in earlier:
            _discriminator_move(rules, play)
        # Both losses come from one play, so that both players move from the weights before either has moved: one
        # forward pass of the generator serves both, and the tape is asked twice.
        with tf.GradientTape(persistent=True) as tape:
            discriminator_loss = rules.objective.discriminator_loss(last)
            generator_loss = rules.objective.generator_loss(last)
            losses = scaled(discriminator_loss, rules.discriminator), scaled(generator_loss, rules.generator)
        of_discriminator, of_generator = (
            gradients(tape, loss, player)
            for loss, player in zip(losses, (rules.discriminator, rules.generator), strict=True))
        move(rules.discriminator, of_discriminator)
        move(rules.generator, of_generator)
        metrics = {"discriminator_loss": discriminator_loss, "generator_loss": generator_loss}
        metrics |= statistics(rules.discriminator, of_discriminator) | statistics(rules.generator, of_generator)
        return _outcome(rules, last, metrics)

    return play_round


def _alternating(rules: Rules) -> Round:
    def play_round(inputs: Inputs, step, rank) -> Outcome:
        plays = _plays(rules, inputs, step, rank)
        metrics: dict[str, tf.Tensor] = {}
        for play in plays:
            metrics = _discriminator_move(rules, play)
        # The generator answers the discriminator that has just moved, on noise of its own. A relativistic objective
        # looks at real images here too, hence the last batch of them.
        for index, latent in enumerate(inputs.generator_latents):
            play = rules.play(inputs.real[-1], latent, f"generator_{index}", step, rank)
            metrics |= _generator_move(rules, play)
        return _outcome(rules, plays[-1], metrics)

    return play_round


def _plays(rules: Rules, inputs: Inputs, step, rank) -> list[Play]:
    pairs = zip(inputs.real, inputs.discriminator_latents, strict=True)
    return [rules.play(real, latent, f"discriminator_{index}", step, rank)
            for index, (real, latent) in enumerate(pairs)]


def _discriminator_move(rules: Rules, play: Play) -> dict[str, tf.Tensor]:
    _ = play.generated  # made before the tape runs: this move does not go back through the generator
    return _move(rules.discriminator, rules.objective.discriminator_loss, play)


def _generator_move(rules: Rules, play: Play) -> dict[str, tf.Tensor]:
    return _move(rules.generator, rules.objective.generator_loss, play)


def _move(player: Player, loss_of, play: Play) -> dict[str, tf.Tensor]:
    with tf.GradientTape() as tape:
        loss = loss_of(play)
        to_differentiate = scaled(loss, player)
    by = gradients(tape, to_differentiate, player)
    move(player, by)
    return {f"{player.name}_loss": loss, **statistics(player, by)}


def _outcome(rules: Rules, play: Play, metrics: dict[str, tf.Tensor]) -> Outcome:
    """What the play has shown; its scores are those before the move, so that nothing is computed again."""
    real, generated = play.real_scores, play.generated_scores
    threshold = rules.objective.threshold
    if threshold is None:
        threshold = all_mean((tf.reduce_mean(real) + tf.reduce_mean(generated)) / 2)
    metrics |= {"accuracy_real": _share(real >= threshold), "accuracy_generated": _share(generated < threshold)}
    metrics |= {OBJECTIVE + name: value for name, value in rules.objective.diagnostics(play).items()}
    return Outcome({name: tf.cast(value, tf.float32) for name, value in metrics.items()},
                   tf.cast(real, tf.float32), tf.cast(generated, tf.float32))


def _share(condition: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(condition, tf.float32))
