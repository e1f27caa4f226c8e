"""The machine: devices, replication, precision."""

import contextlib
import signal
import threading

import keras
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.cluster import Cluster

_HEARTBEAT, _REGISTER = 15_000, 60_000  # milliseconds until a silent worker is lost, and until TensorFlow's own meet


def prepare(experiment: Experiment, cluster: Cluster | None = None) -> tf.distribute.Strategy:
    """Sets precision and devices for the process and returns the strategy; call it once, first of all.

    TensorFlow writes to standard error when it first looks at its devices: call it inside quiet. cluster: the workers
    of several, which have met (meeting.py); without it the strategy is of this process alone.
    """
    split_cpu(experiment.logical_cpus)
    set_precision(experiment.precision)
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()
    strategy = _of_workers(cluster) if cluster else make_strategy(experiment.strategy, experiment.logical_cpus)
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
    """Of this process. mirrored: over all GPUs, or over the logical CPUs if there are several or no GPU.

    auto and multi_worker, which is one of one worker then: if that is several.
    """
    cpus, gpus = ([device.name for device in tf.config.list_logical_devices(kind)] for kind in ("CPU", "GPU"))
    devices = cpus if logical_cpus > 1 or not gpus else gpus
    if name == "mirrored" or (name in ("auto", "multi_worker") and len(devices) > 1):
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()


def _of_workers(cluster: Cluster) -> tf.distribute.Strategy:
    """Waits for the other workers' TensorFlow."""
    # Only here can be said how soon a worker that is silent counts as lost; by default it takes minutes.
    from tensorflow.compiler.xla.tsl.protobuf.coordination_config_pb2 import CoordinatedJob
    from tensorflow.python.eager import context

    count, gpus = len(cluster.addresses), len(tf.config.list_physical_devices("GPU"))
    context.context().configure_coordination_service(
        "standalone", service_leader="/job:worker/replica:0/task:0", cluster_register_timeout_in_ms=_REGISTER,
        heartbeat_timeout_in_ms=_HEARTBEAT, coordinated_jobs=[CoordinatedJob(name="worker", num_tasks=count)])
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": cluster.addresses}), task_type="worker", task_id=cluster.rank,
        num_accelerators={"GPU": gpus}, rpc_layer="grpc")
    strategy = tf.distribute.MultiWorkerMirroredStrategy(resolver)
    for number in (signal.SIGTERM, signal.SIGINT):  # TensorFlow has taken them for itself
        if threading.current_thread() is threading.main_thread():
            signal.signal(number, signal.getsignal(number) or signal.SIG_DFL)
    return strategy


def devices() -> str:
    """What this process trains on, which has to be the same for all workers: "CPU", "2 GPU"."""
    gpus = len(tf.config.list_physical_devices("GPU"))
    return f"{gpus} GPU" if gpus else "CPU"


def check_unused() -> None:
    """Raises UserError if TensorFlow has begun in this process, after which it finds no other workers."""
    from tensorflow.python.eager import context  # nothing public tells it

    if context.context()._context_handle is not None:
        raise UserError("several workers need a process in which TensorFlow has done nothing yet: train one run in a "
                        "process, first of all, or set strategy to mirrored")


def check_workers(experiment: Experiment, workers: int) -> None:
    """Raises UserError if this experiment can't be split over so many workers, before one waits for the others."""
    if experiment.logical_cpus > 1:
        raise UserError(f"--logical_cpus={experiment.logical_cpus} tries replicas on one machine, and there are "
                        f"{workers} workers: leave it out, or set --strategy=mirrored")
    check_replicas(experiment, workers * max(1, len(tf.config.list_physical_devices("GPU"))), workers)


def check_replicas(experiment: Experiment, replicas: int, workers: int = 1) -> None:
    """Raises UserError if this experiment can't be split over so many replicas."""
    on = f" on {workers} workers" if workers > 1 else ""
    least = replicas * experiment.packing  # images that must not be parted
    for name in ("batch_size", "generator_batch_size"):
        size = getattr(experiment, name)
        if size is not None and size % least:
            packs = f" in packs of {experiment.packing}" if experiment.packing > 1 else ""
            raise UserError(f"--{name}={size} can't be split over {replicas} replicas{on}{packs}: "
                            f"use {max(1, size // least) * least}")
    if replicas > 1 and experiment.jit_compile:
        raise UserError("--jit_compile works on one replica only: use --strategy=one_device or --nojit_compile")
    if replicas > 1 and experiment.precision == "mixed_float16":
        raise UserError("--precision=mixed_float16 works on one replica only: use mixed_bfloat16")


def workers_of(strategy: tf.distribute.Strategy) -> int:
    """How many processes train together."""
    cluster = cluster_of(strategy)
    return len(cluster.addresses) if cluster else 1


def cluster_of(strategy: tf.distribute.Strategy) -> Cluster | None:
    """Where the workers of a strategy are; None if it is of one process."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return None
    resolver = strategy.cluster_resolver
    return Cluster(tuple(resolver.cluster_spec().as_dict()["worker"]), resolver.task_id)


def describe(strategy: tf.distribute.Strategy) -> str:
    """The device and the number of replicas, for a person."""
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    replicas, workers = strategy.num_replicas_in_sync, workers_of(strategy)
    on = f" on {workers} workers" if workers > 1 else ""
    return f"{kind}, {replicas} replica{'s' if replicas > 1 else ''}{on}"
