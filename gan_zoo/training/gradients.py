"""Gradients: averaged over replicas, then clipped, then applied.

This order makes k replicas of batch N/k move like one of batch N; an optimizer's own clipnorm and clipvalue
clip before the replicas meet.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from gan_zoo import replicas
from gan_zoo.game import Clip, Player
from gan_zoo.replicas import all_mean
from gan_zoo.training.history import BROKEN


def clip_gradients(gradients: list[tf.Tensor], clip: Clip) -> list[tf.Tensor]:
    """Clips by value, by each tensor's norm, or by the norm of all together; no clipping makes infinity finite."""
    if clip.value:
        return [tf.where(tf.math.is_inf(g), g, tf.clip_by_value(g, -clip.value, clip.value)) for g in gradients]
    if clip.norm:
        return [tf.clip_by_norm(g, clip.norm) for g in gradients]
    if clip.global_norm:
        return tf.clip_by_global_norm(gradients, clip.global_norm)[0]
    return gradients


class Gradients(NamedTuple):
    """A player's gradients: averaged over replicas, and what is applied of them."""

    raw: list[tf.Tensor]
    clipped: list[tf.Tensor]


def gradients(tape: tf.GradientTape, loss: tf.Tensor, player: Player) -> Gradients:
    """The gradients of `player` under its loss, which `tape` recorded through `scaled`."""
    variables = [variable.value for variable in player.variables]
    own = tape.gradient(loss, variables, unconnected_gradients="zero")
    scale = _loss_scale(player.optimizer)
    raw = all_mean(own if scale is None else [g / tf.cast(scale, g.dtype) for g in own])
    return Gradients(raw, clip_gradients(raw, player.clip))


def scaled(loss: tf.Tensor, player: Player) -> tf.Tensor:
    """The loss times the optimizer's loss scale, if it has one (mixed_float16)."""
    scale = _loss_scale(player.optimizer)
    return loss if scale is None else loss * tf.cast(scale, loss.dtype)


def _loss_scale(optimizer):
    return optimizer.dynamic_scale if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else None


def move(player: Player, by: Gradients) -> None:
    """Applies clipped gradients, then clips the weights if the player says so.

    Keras sums what it is given over the replicas, hence the division; a loss-scaling optimizer divides by its scale,
    which is a power of two, hence the product.
    """
    count = replicas.count()
    scale = _loss_scale(player.optimizer)

    def apart(gradient: tf.Tensor) -> tf.Tensor:
        # Not a cast of 1 / count: a number of Python's becomes float32 on its way, of which a third is 1e-8 off.
        part = gradient * tf.constant(1 / count, gradient.dtype) if count > 1 else gradient
        return part if scale is None else part * tf.cast(scale, gradient.dtype)

    applied = [apart(gradient) for gradient in by.clipped]
    player.optimizer.apply(applied, player.variables)
    if player.weight_clip:
        unbounded = {id(variable) for variable in player.unbounded}
        for variable in (v for v in player.variables if id(v) not in unbounded):
            variable.assign(tf.clip_by_value(variable.value, -player.weight_clip, player.weight_clip))


def clipped_share(gradients: list[tf.Tensor], clip: Clip) -> tf.Tensor:
    """The share of the components of `gradients` that `clip` makes smaller, in [0, 1]."""
    sizes = [g.shape.num_elements() for g in gradients]
    if clip.value:
        counts = [tf.math.count_nonzero(tf.abs(g) > clip.value, dtype=tf.float32) for g in gradients]
    elif clip.norm:
        counts = [size * tf.cast(tf.norm(g) > clip.norm, tf.float32)
                  for g, size in zip(gradients, sizes, strict=True)]
    else:
        return tf.cast(tf.linalg.global_norm(gradients) > clip.global_norm, tf.float32)
    return tf.add_n(counts) / sum(sizes)


def _squares(gradients: list[tf.Tensor]) -> tf.Tensor:
    """½ ‖g‖² of each, [n]: what the global norm and the search for a broken one share, a pass over all weights."""
    return tf.stack([tf.nn.l2_loss(g) for g in gradients])


def _norm(squares: tf.Tensor) -> tf.Tensor:
    """tf.linalg.global_norm from `_squares`, to the bit."""
    return tf.sqrt(tf.reduce_sum(squares) * tf.constant(2.0, squares.dtype))


def _broken(squares: tf.Tensor) -> tf.Tensor:
    return tf.reduce_max(tf.where(tf.math.is_finite(squares), -1, tf.range(squares.shape[0])))


def statistics(player: Player, of: Gradients) -> dict[str, tf.Tensor]:
    """The global norms before and after clipping, and the share of components that were clipped, in [0, 1].

    And as BROKEN which of the player's variables is the last whose gradient is not finite, -1 for none. On their way
    back gradients spoil those of all layers before, so that the last is where it began.
    """
    squares = _squares(of.raw)
    measured = {f"gradients/{player.name}_norm": _norm(squares), BROKEN + player.name: _broken(squares)}
    if any(player.clip):
        measured[f"gradients/{player.name}_norm_clipped"] = tf.linalg.global_norm(of.clipped)
        measured[f"gradients/{player.name}_clipped_share"] = clipped_share(of.raw, player.clip)
    return measured
