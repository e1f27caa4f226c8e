"""What replicas do together, inside strategy.run."""

import tensorflow as tf


def count() -> int:
    """How many replicas there are."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def all_mean(values):
    """The mean over replicas of a tensor or a list of tensors."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)
