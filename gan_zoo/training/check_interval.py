"""How often a run is checked."""

import math

import keras

from gan_zoo.judging.checks import COUNT
from gan_zoo.training.trainer import Trainer

_SHARE = 0.01  # of the time that checks are to take; half of what is promised, since it is an estimate
# In multiply-adds, so that the interval is the same on every machine and in every session: what a check costs beside
# its images, and what a round costs beside its networks. Measured by benchmarks/monitoring.py.
_CHECK_OVERHEAD, _ROUND_OVERHEAD = 1.0e9, 1.0e8
_NICE = tuple(digit * 10**power for power in range(1, 10) for digit in (1, 2, 5))  # numbers of rounds


def interval(trainer: Trainer) -> int:
    """Rounds between checks: as --evaluate_every_steps says, or so many that checks take a hundredth of the time.

    By a count of multiply-adds, not by a clock, so that a resumed run checks where an uninterrupted one does.
    """
    plan, gan = trainer.plan, trainer.gan
    asked = plan.experiment.evaluate_every_steps
    if asked is not None:
        return asked
    experiment = plan.experiment
    generator, discriminator = multiply_adds(gan.generator), sum(map(multiply_adds, gan.judges))
    # A backward pass costs two forward ones; the discriminator sees real and generated images.
    a_round = (3 * experiment.batch_size * (generator + 2 * discriminator) * experiment.discriminator_updates
               + _ROUND_OVERHEAD)
    a_check = min(COUNT, plan.data.count) * generator + _CHECK_OVERHEAD
    needed = math.ceil(a_check / (_SHARE * a_round))
    return next(nice for nice in _NICE if nice >= needed)


def multiply_adds(network: keras.Model) -> int:
    """Of a forward pass of one example: each entry of a kernel is used once a place of the output."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            total += multiply_adds(layer)
        elif layer.weights:
            places = math.prod(side or 1 for side in getattr(layer.output, "shape", (1,))[1:-1])
            total += places * sum(math.prod(v.shape) for v in layer.trainable_weights if len(v.shape) > 1)
    return total
