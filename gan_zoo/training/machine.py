"""The machine: devices, replication, precision."""

import contextlib

import keras
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment


def prepare(experiment: Experiment) -> tf.distribute.Strategy:
    """Sets precision and devices for the process and returns the strategy; call it once, first of all.

    TensorFlow writes to standard error when it first looks at its devices: call it inside quiet.
    """
    split_cpu(experiment.logical_cpus)
    set_precision(experiment.precision)
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()
    strategy = make_strategy(experiment.strategy, experiment.logical_cpus)
    if strategy.num_replicas_in_sync > 1:
        check_replicas(experiment, strategy.num_replicas_in_sync)
    return strategy


def split_cpu(count: int) -> None:
    """Makes `count` logical devices of the CPU; only possible before TensorFlow has used it."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    if count == len(tf.config.get_logical_device_configuration(cpu) or [None]):
        return
    try:
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
    except RuntimeError:
        raise UserError("--logical_cpus can't be changed once TensorFlow runs in this process") from None


def set_graph_options() -> None:
    """Turns off what Grappler gets wrong in loops, for all graphs built from now on.

    Its remapper fails on Conv → bias → LeakyReLU with its gradient, and says so on standard error. Its dependency
    optimizer drops the order of a weight's read before its update where the gradient does not depend on that read
    (the critic's last layer under the KL divergence), so that now and then a move sees weights of the next.
    """
    tf.config.optimizer.set_experimental_options({"remapping": False, "dependency_optimization": False})


def set_precision(precision: str) -> None:
    """float32, float64, mixed_bfloat16 or mixed_float16, for all layers built from now on."""
    keras.config.set_floatx("float64" if precision == "float64" else "float32")
    keras.config.set_dtype_policy(precision)


@contextlib.contextmanager
def precision(name: str):
    """Within it the precision is that of a run; afterwards it is what it was, for whatever else the process builds."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    set_precision(name)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def make_strategy(name: str, logical_cpus: int = 1) -> tf.distribute.Strategy:
    """mirrored: over all GPUs, or over the logical CPUs if there are several or no GPU; auto: if that is several."""
    cpus, gpus = ([device.name for device in tf.config.list_logical_devices(kind)] for kind in ("CPU", "GPU"))
    devices = cpus if logical_cpus > 1 or not gpus else gpus
    if name == "mirrored" or (name == "auto" and len(devices) > 1):
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()


def check_replicas(experiment: Experiment, replicas: int) -> None:
    """Raises UserError if this experiment can't be split over so many replicas."""
    least = replicas * experiment.packing  # images that must not be parted
    for name in ("batch_size", "generator_batch_size"):
        size = getattr(experiment, name)
        if size is not None and size % least:
            packs = f" in packs of {experiment.packing}" if experiment.packing > 1 else ""
            raise UserError(f"--{name}={size} can't be split over {replicas} replicas{packs}: "
                            f"use {max(1, size // least) * least}")
    if replicas > 1 and experiment.jit_compile:
        raise UserError("--jit_compile works on one replica only: use --strategy=one_device or --nojit_compile")
    if replicas > 1 and experiment.precision == "mixed_float16":
        raise UserError("--precision=mixed_float16 works on one replica only: use mixed_bfloat16")


def describe(strategy: tf.distribute.Strategy) -> str:
    """The device and the number of replicas, for a person."""
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    replicas = strategy.num_replicas_in_sync
    return f"{kind}, {replicas} replica{'s' if replicas > 1 else ''}"
